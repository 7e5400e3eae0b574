"""Playlists: reading, making, editing, following and keeping them together."""
