"""Claims of artists: who says that an artist of the catalogue is theirs, and what becomes of it."""
