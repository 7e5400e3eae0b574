"""Plans that a family shares."""
