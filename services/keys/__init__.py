"""Keys for programs and passwords for players: made, listed, taken back, and what they may do."""
