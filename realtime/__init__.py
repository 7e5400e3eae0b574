"""Sockets and fan-out."""
