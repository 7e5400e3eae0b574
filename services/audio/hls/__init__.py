"""HTTP Live Streaming: playlists by arithmetic, and segments around frames that are encoded when they are asked for."""
