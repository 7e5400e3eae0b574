"""Numbered changes of stored data, each applied once."""
