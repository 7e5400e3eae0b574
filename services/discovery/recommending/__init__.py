"""Recommendations from the inside: what somebody stands on, what speaks for a song, in which order, in which words."""
