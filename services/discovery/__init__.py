"""What somebody might like: taste, similar things, recommendations, stations and the weekly list."""
