"""Rooms where people listen together: pure rules, one guarded write, and a clock that never lets them hang."""
