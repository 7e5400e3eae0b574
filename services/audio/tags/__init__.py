"""Tags: read from each format as they are written, then given one meaning."""
