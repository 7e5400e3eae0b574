"""How Stripe is spoken with: the line, what is asked over it, and what its answers say."""
