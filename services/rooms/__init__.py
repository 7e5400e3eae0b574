"""Rooms in which people listen together, to the same moment."""
