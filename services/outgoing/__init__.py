"""Fetching from outside: the one way by which this house asks another server for anything somebody named."""
