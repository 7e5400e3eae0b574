"""People, passwords, tokens and sessions."""
