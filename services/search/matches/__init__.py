"""Which parts of a name answer what somebody typed, and what is made of it."""
