"""Finding music and people by what somebody types."""
