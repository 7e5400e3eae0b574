"""Artists, albums, songs and genres."""
