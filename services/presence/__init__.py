"""Who is here, and on which device."""
