"""Numbered changes to what is stored, each applied once and recorded; `runner.migrate` applies them at start."""
