"""One file per noun: records to documents and back."""
