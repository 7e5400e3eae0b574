"""Moderation: reports, the queue they are gathered in, decisions, appeals, and what the house notices by itself."""
