"""Charting: what charts count beyond plays, and trends."""
