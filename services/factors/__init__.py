"""The second factor: one-time codes, recovery codes, and log-ins that wait for either."""
