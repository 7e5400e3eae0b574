"""What can be reported, by noun: how each is seen, hidden, brought back and removed, by its owner's service."""
