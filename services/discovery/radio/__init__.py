"""Radio: stations that never end, grown from an artist, a song or a genre, and learning from who hears them."""
