"""What the search benchmark is made of: the catalogue, the questions, the rival and the stopwatch."""
