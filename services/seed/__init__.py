"""A made-up library of any size, the same each time: for benchmarks, load tests and trying things out."""
