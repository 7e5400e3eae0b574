"""Sound that people send in: taken to disk as it arrives, checked, made into songs."""
