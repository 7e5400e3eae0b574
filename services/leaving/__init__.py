"""How somebody leaves: taking their things along, and being forgotten."""
