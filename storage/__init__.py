"""Engines, files and records; no permission, no clock, no decision."""
