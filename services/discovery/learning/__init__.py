"""How the collaborative model comes to be: read from the store, learned in a process of its own, kept in versions."""
