"""Lists that discovery makes: moods and new releases."""
