"""When exactly: the house's clock, how a player finds it, and where a song is at a moment."""
