"""What run.py can do besides serving."""
