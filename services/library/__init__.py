"""Folders of audio becoming a catalogue."""
