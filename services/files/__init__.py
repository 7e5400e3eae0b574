"""Files in order: proven against their records, swept, moved from one store to another."""
