"""Where somebody is signed in, where they were before, and what they are told about it."""
