"""One file per noun of the schema."""
