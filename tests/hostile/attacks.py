"""Runs attacks on single parts, each named, and says of each on a line of JSON what came of it and what it cost.

A process of its own, under the kernel's bounds on processor and memory: what is not bounded ends with it.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

QUICK = frozenset(
    """
id3: a packed frame of 64 MB
id3: a million frames
id3: two million syllables
ape: a name of eight million letters
mp3: ten hours in a kilobyte
mp4: atoms a million times in one another
flac: half a million empty blocks
flac: four thousand million comments
wav: one sample a second
ogg: a granule of half an eternity
ttml: a billion laughs
ttml: an external entity
ttml: a hundred thousand deep
lrc: one line sung a hundred thousand times
m3u8: a number of five million digits
jspf: a hundred thousand deep
yaml: anchors of anchors
yaml: a number of a hundred thousand digits
text: two hundred thousand marks in lyrics
text: a key of a million blanks
text: a million letters in the audit
multipart: quotes that never close
gif: a hundred thousand frames
jpeg: words of four thousand million letters
""".strip().splitlines()
)
"""What is tried whenever tests run; the whole of it is a long proof."""
MEMORY_BYTES = 2 << 30
CPU_S = 60
Attack = tuple[str, Callable[[], Any], Callable[[Any], str]]


def sounds() -> Iterator[Attack]:
    from services.audio.formats.probe import probe
    from tests.hostile.sounds import SOUNDS

    def look(made: bytes) -> str:
        return f"{probe(io.BytesIO(made), len(made)).facts.duration_ms} ms"

    for name, (make, _) in SOUNDS.items():
        yield name, make, look


def spoiled() -> Iterator[Attack]:
    from services.audio.formats.probe import probe
    from tests.hostile.sounds import SOUNDS, spoiled

    kinds = {name: make for name, (make, _) in SOUNDS.items() if name.endswith(("page", "4 GB", "pairs of words"))}
    for name, make in kinds.items():
        made = make()[:20_000]
        for seed in range(200):
            data = spoiled(made, seed)
            yield f"{name}, spoiled {seed}", lambda data=data: data, lambda d: str(probe(io.BytesIO(d), len(d)).facts)


def documents() -> Iterator[Attack]:
    from services.lyrics.reading import LyricsFormat, read_lyrics
    from services.playlists import formats
    from tests.hostile.documents import CONFIGURATIONS, LYRICS, PLAYLISTS, TEXTS, read_configuration

    for name, (form, make) in LYRICS.items():
        kind = LyricsFormat(form)
        yield name, make, lambda text, kind=kind: f"{len(read_lyrics(text, kind).lines)} lines"
        yield f"{name}, sniffed", make, lambda text: f"{len(read_lyrics(text).lines)} lines"
    for name, make in PLAYLISTS.items():
        yield name, make, lambda text: f"{len(formats.read(text).tracks)} tracks"
    with tempfile.TemporaryDirectory() as folder:
        for name, text in CONFIGURATIONS.items():
            path = Path(folder) / "config.yaml"
            yield name, lambda text=text: text, lambda text, path=path: read_configuration(path, text)
    for name, (make, read) in TEXTS.items():
        yield name, make, read


def pictures() -> Iterator[Attack]:
    from services.pictures.rendering import render_cover
    from tests.hostile.pictures import PICTURES

    for name, make in PICTURES.items():
        yield name, make, lambda data: f"{render_cover(data).width} wide"


def most_pixels() -> Iterator[Attack]:
    from services.pictures.rendering import render_cover
    from tests.hostile.pictures import MOST_PIXELS

    for name, make in MOST_PIXELS.items():
        yield name, make, lambda data: f"{render_cover(data).width} wide"


def patterns(quick: bool = "quick" in sys.argv) -> Iterator[Attack]:
    from tests.hostile.patterns import BOUNDS, ENDS, LENGTH, attack, every_pattern, strings_against

    def against(each: Any, length: int) -> str:
        worst = 0.0
        for text in strings_against(each.pattern, length, ENDS[:1] if quick else ENDS):
            began = time.process_time()
            attack(each, text)
            worst = max(worst, time.process_time() - began)
            if worst > 1:
                break
        return f"{worst:.3f}"

    for each in every_pattern():
        yield each.place, lambda: None, lambda _, each=each: against(each, BOUNDS.get(each.place, LENGTH))


def chosen(group: str, quick: bool) -> Iterator[Attack]:
    """The attacks of a group: all, or those that are always tried. Patterns always are, the long way round or not."""
    for name, make, run in globals()[group]():
        if not quick or name in QUICK or group == "patterns":
            yield name, make, run


def main(groups: list[str], quick: bool = False) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    from server.observe import set_up_logging
    from services.audio.formats.stream_facts import Unreadable
    from services.errors import TuttiError
    from services.pictures.rendering import BrokenPicture

    set_up_logging("text", "warning")
    for group in groups:
        for name, make, run in chosen(group, quick):
            given = make()
            before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
            try:
                outcome = run(given)
            except (Unreadable, BrokenPicture, TuttiError) as refusal:
                outcome = f"refused: {getattr(refusal, 'reason', None) or getattr(refusal, 'message', refusal)}"
            except Exception as bug:  # noqa: BLE001 — what is found is told, and the next is tried
                outcome = f"bug: {bug!r}"[:300]
            cpu_s = time.process_time() - began
            grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            told = {"group": group, "name": name, "outcome": outcome, "cpu_s": cpu_s, "grown_kb": grown_kb}
            print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main([word for word in sys.argv[1:] if word != "quick"], "quick" in sys.argv)
