"""What encoding on demand costs, each promise beside a named alternative in the same run.

    python -m bench.transcode [seek] [rush] [paced] [--seeks 20] [--requests 600] [--listeners 2000] [--seconds 60]

`seek`: the first byte of a cold 320 kbit/s seek into the middle of a five-minute FLAC while two cores are busy, and of
the same once cached, beside a pipe of ffmpeg from the beginning and an encode of the whole file. `rush`: so many cold
requests at once, each answered with sound or 429; the loop's lag and GraphQL's p95 meanwhile against those of the idle
server, beside the same server with nearly no bound. `paced`: listeners at 320 kbit/s from one process, its memory, CPU
and their underruns, beside Tornado's StaticFileHandler. Everything runs in processes of its own on loopback.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from pathlib import Path

from bench.transcode.paced import paced
from bench.transcode.rush import rush
from bench.transcode.seek import seek
from bench.transcode.served import make_source


def main() -> None:
    """Make the source, run the parts."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("parts", nargs="*", metavar="part", help="seek, rush, paced; all of them without")
    words.add_argument("--seeks", type=int, default=20)
    words.add_argument("--requests", type=int, default=600)
    words.add_argument("--limit", type=float, default=60.0, help="seconds after which a rush is broken off")
    words.add_argument("--unbounded", type=int, default=64, help="encoders of the server that knows nearly no bound")
    words.add_argument("--listeners", type=int, default=2000)
    words.add_argument("--seconds", type=float, default=60.0)
    given = words.parse_args()
    parts = given.parts or ["seek", "rush", "paced"]
    if unknown := set(parts) - {"seek", "rush", "paced"}:
        words.error(f"unknown: {', '.join(sorted(unknown))}")
    # Inherited by all that is started: two thousand listeners need as many descriptors.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="tutti-bench-") as made:
        source = Path(made) / "source.flac"
        make_source(source)
        if "seek" in parts:
            seek(source, given.seeks)
        if "rush" in parts:
            rush(source, given.requests, given.limit, min(given.unbounded, 128))
        if "paced" in parts:
            paced(source, given.listeners, min(given.seconds, 60.0))


if __name__ == "__main__":
    main()
