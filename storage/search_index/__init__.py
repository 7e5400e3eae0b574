"""Where names are looked up: the protocol every search index keeps, and the embedded one on tantivy."""
