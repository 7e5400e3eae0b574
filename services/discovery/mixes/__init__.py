"""Daily mixes: one for each side of somebody's taste, of songs they know and songs they do not."""
