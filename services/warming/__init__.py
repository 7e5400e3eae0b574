"""Making sound before anybody asks for it: a player's next songs, and what will likely be played."""
