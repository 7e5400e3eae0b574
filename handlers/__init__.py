"""HTTP doors: parse, call one service method, write."""
