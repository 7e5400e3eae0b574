"""What can be heard in a sound, measured: loudness, silence, outline, tempo, key, feel, and likeness to another."""
