"""Pictures from people: covers, portraits and playlists, checked, drawn anew and kept once."""
