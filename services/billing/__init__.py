"""Money: what people pay for, and what the payment service tells of it."""
