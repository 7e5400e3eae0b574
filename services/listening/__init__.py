"""What is listened to: the ledger, the roll-ups that follow from it, charts, history and tops."""
