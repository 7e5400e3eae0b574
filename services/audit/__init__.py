"""The audit log: what people with a role did to others, and what changed who may enter."""
