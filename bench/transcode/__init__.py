"""What encoding on demand costs, each promise beside a named alternative: `python -m bench.transcode`."""
