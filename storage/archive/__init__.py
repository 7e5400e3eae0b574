"""A whole house in one file: its documents and its files, with the sums that prove them."""
