"""Between people: whom somebody will not meet, and whom they will not hear of."""
