"""Mail: the outbox and who carries it away, its wording, the digest, and the link that ends it."""
