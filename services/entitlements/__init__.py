"""What each tier gives, who has which, and why."""
