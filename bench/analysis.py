"""How fast sounds are measured, end to end, against ffmpeg's own loudness meter on the same file in the same run.

    python -m bench.analysis [--minutes 4] [--rounds 3]

Prints, for a FLAC, an MP3 and an AAC of the same music, how many times faster than real time one core is: for all that
is measured (decoding in ffmpeg, loudness, true peak, silence, fades, outline, and the music), for the same without the
music, and for `ffmpeg -af ebur128=peak=true`, which tells loudness, range and true peak alone. CPU time is counted, of
this process and of its children, best of the rounds.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from services.analysis import measuring  # noqa: E402
from services.analysis.decoding import Sound  # noqa: E402
from services.analysis.music.music import Music  # noqa: E402
from services.audio.ffmpeg import Ffmpeg, find_ffmpeg  # noqa: E402
from tests.analysis.signals import music, write_wav  # noqa: E402

RATE = 44_100
KINDS = {"flac": [], "mp3": ["-b:a", "192k"], "m4a": ["-c:a", "aac", "-b:a", "192k"]}
LEAST = 20.0


def cpu_seconds(work: Callable[[], object], rounds: int) -> float:
    """The least CPU time that the work took, children included."""
    best = float("inf")
    for _ in range(rounds):
        before = _used()
        work()
        best = min(best, _used() - before)
    return best


def _used() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(each.ru_utime + each.ru_stime for each in map(resource.getrusage, kinds))


def without_music(work: Callable[[], object]) -> Callable[[], object]:
    """The same work, deaf to the music."""

    def deaf() -> object:
        heard = measuring.hear
        measuring.hear = lambda mono, part: Music()
        try:
            return work()
        finally:
            measuring.hear = heard

    return deaf


def main() -> int:
    """Measure and print; 1 when a kind is slower than 20 times real time."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--minutes", type=float, default=4.0)
    words.add_argument("--rounds", type=int, default=3)
    asked = words.parse_args()
    seconds = asked.minutes * 60
    ffmpeg = Ffmpeg(find_ffmpeg(None))
    slowest = float("inf")
    print(f"times real time on one core, {asked.minutes:g} minutes of stereo, ffmpeg {ffmpeg.version()}")
    print(f"{'':6} {'all':>8} {'no music':>9} {'ebur128':>8}")
    with tempfile.TemporaryDirectory() as folder:
        wav = write_wav(Path(folder) / "music.wav", music(seconds), RATE)
        for kind, options in KINDS.items():
            path = wav.with_suffix(f".{kind}")
            ffmpeg.run(["-i", str(wav), *options, str(path)], timeout_s=600)
            sound = Sound(str(path), RATE, 2)

            def measure(sound: Sound = sound) -> object:
                return measuring.measure(ffmpeg, sound, timeout_s=600)

            def meter(path: Path = path) -> object:
                return ffmpeg.run(
                    ["-threads", "1", "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-"], timeout_s=600
                )

            whole, bare, other = (
                seconds / cpu_seconds(work, asked.rounds) for work in (measure, without_music(measure), meter)
            )
            slowest = min(slowest, whole)
            print(f"{kind:6} {whole:8.0f} {bare:9.0f} {other:8.0f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"at least {LEAST:g} wanted: {'ok' if slowest >= LEAST else 'TOO SLOW'}; this process held {peak} MB at most")
    return 0 if slowest >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
