"""Parts of `python -m bench.discovery`."""
