"""Composition, configuration, schedule, observation."""
