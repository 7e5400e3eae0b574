"""What people are told: kinds, the keeping, and the one who hears the bus and writes."""
