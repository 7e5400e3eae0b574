"""The back office: what the people who keep a house see of it, and what they do to it."""
