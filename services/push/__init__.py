"""Web push: browsers that asked for it, the keys, the sealing of what is sent, and who sends it."""
