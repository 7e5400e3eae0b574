"""Lyrics: one timed model, and the texts it is read from and written to."""
