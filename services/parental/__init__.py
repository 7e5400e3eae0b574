"""The parental lock: a PIN that keeps explicit songs off."""
