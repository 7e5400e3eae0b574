"""Measurements of the performance promises, as ratios."""
