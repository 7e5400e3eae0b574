"""Who somebody is according to others: providers, what they say, and how far it is believed."""
