"""The written music, by artist: one score a song, in the notation that `composer.Score` explains."""
