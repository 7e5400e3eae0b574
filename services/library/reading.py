"""One found file read in a worker: its sound, tags, payload hash and the lyrics beside it, or the reason why not.

Owns what must be done with the file open, so that it is opened once. Refuses to know the catalogue.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from services.audio.formats.probe import Probed, probe
from services.audio.formats.stream_facts import Unreadable
from services.errors import Invalid
from services.library.payload import payload_hash
from services.library.walk import FOREIGN_SUFFIXES, Found
from services.lyrics.model import Lyrics
from services.lyrics.reading import LyricsFormat, read_lyrics

LYRICS_LIMIT_BYTES = 1 << 20
_FORMATS = {"ttml": LyricsFormat.TTML, "srt": LyricsFormat.SRT}


@dataclass(slots=True)
class Reading:
    """What came of one file: `probed` with `payload_hash`, or a `reason`. `is_moving` means: still being written."""

    found: Found
    probed: Probed | None = None
    payload_hash: str | None = None
    lyrics: Lyrics | None = None
    reason: str | None = None
    is_moving: bool = False
    notes: list[str] = field(default_factory=list)


def read_found(found: Found) -> Reading:
    """Read one file to the end. Never raises for what a file holds or the disk refuses."""
    reading = Reading(found)
    try:
        with open(found.path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            probed = probe(file, size)
            reading.payload_hash = payload_hash(file, probed.facts)
            # The spans are done with, and there may be thousands.
            probed.facts.spans = ()
            after = os.fstat(file.fileno())
            if (after.st_size, after.st_mtime_ns) != (found.size, found.mtime_ns):
                reading.is_moving = True
                reading.reason = "the file is still being written"
                return reading
            reading.probed = probed
    except Unreadable as error:
        reading.reason = error.reason
    except OSError as error:
        reading.reason = f"the file cannot be read: {error.strerror or error}"
        # A disk's bad day is no property of the file: it is tried again next time.
        reading.is_moving = not isinstance(error, PermissionError)
    else:
        suffix = found.path.rpartition(".")[2].lower()
        if suffix in FOREIGN_SUFFIXES:
            reading.notes.append(f"its name says {suffix}, its content {probed.facts.codec}")
        reading.lyrics = _read_beside(found, reading)
    return reading


def _read_beside(found: Found, reading: Reading) -> Lyrics | None:
    """The most precisely timed lyrics beside a song, the first of those alike; what cannot be read is noted."""
    best: Lyrics | None = None
    for path in found.lyrics_paths:
        try:
            lyrics = _read_lyrics(Path(path))
        except OSError as error:
            reading.notes.append(f"its lyrics cannot be read: {error.strerror or error}")
        except Invalid as refusal:
            reading.notes.append(f"its lyrics {Path(path).name} were left out: {refusal.message}")
        else:
            best = lyrics if best is None or lyrics.worth > best.worth else best
    return best


def _read_lyrics(path: Path) -> Lyrics:
    with path.open("rb") as file:
        data = file.read(LYRICS_LIMIT_BYTES + 1)
    if len(data) > LYRICS_LIMIT_BYTES:
        raise Invalid("they are larger than 1 MB.")
    return read_lyrics(decode_text(data), _FORMATS.get(path.suffix[1:].lower()))


def decode_text(data: bytes) -> str:
    """Text in the encodings lyrics come in: UTF-16 with its mark, UTF-8, else Windows-1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
