"""Students: how somebody proves to be one, and what follows."""
