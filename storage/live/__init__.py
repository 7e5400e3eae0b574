"""State that outlives a request but not the house: who is here, who is ready. In memory or Redis."""
