"""What somebody's devices play together: one queue for each person, kept by the server."""
