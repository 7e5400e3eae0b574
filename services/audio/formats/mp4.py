"""MP4 and M4A: the atoms that say what the track is, how long exactly, and where its sound lies.

Owns atoms, edit lists and what is not ours to play (DRM, video). Refuses to know what the tags say.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from mutagen import MutagenError
from mutagen.mp4 import MP4

from services.audio.formats.stream_facts import Span, StreamFacts, Unreadable, read_at

_open: Callable[..., Any] = MP4

_CODECS = {b"mp4a": "aac", b"alac": "alac"}
_PROTECTED = (b"drms", b"drmi", b"enca", b"encv")
_PICTURE_TRACKS = (b"jpeg", b"png ", b"mjpa", b"mjpb")
_MOOV_LIMIT_BYTES = 256 * 1024 * 1024
Atom = tuple[bytes, int, int]


def read_mp4(file: BinaryIO, size: int) -> StreamFacts:
    """Facts of the one audio track. Unreadable for DRM, video, other codecs, and files cut off."""
    spans: list[Span] = []
    moov: tuple[int, int] | None = None
    for name, start, end in _atoms(file, 0, size):
        if end > size:
            raise Unreadable(f"the file is cut off: {size} of {end} bytes are there")
        if name == b"mdat":
            spans.append((start, end - start))
        elif name == b"moov":
            moov = start, end
    if moov is None:
        raise Unreadable("the file is cut off: its table of contents (moov) is missing")
    if moov[1] - moov[0] > _MOOV_LIMIT_BYTES:
        raise Unreadable("the table of contents (moov) is too large")
    timescale = _movie_timescale(file, moov)
    facts: StreamFacts | None = None
    for name, start, end in _atoms(file, *moov):
        if name == b"trak":
            facts = _track(file, start, end, timescale) or facts
    if facts is None:
        raise Unreadable("the MP4 file holds no audio track")
    _details(file, facts)
    facts.spans = tuple(spans)
    return facts.settle()


def _atoms(file: BinaryIO, start: int, end: int) -> Iterator[Atom]:
    """The atoms between two offsets: name, body start, end (which may lie beyond `end` in a file cut off)."""
    while start + 8 <= end:
        head = read_at(file, start, 16)
        if len(head) < 8:
            return
        length, name = struct.unpack(">I4s", head[:8])
        body = start + 8
        if length == 1 and len(head) == 16:
            length, body = int.from_bytes(head[8:16], "big"), start + 16
        elif length == 0:
            length = end - start
        if length < body - start:
            raise Unreadable("an MP4 atom is damaged")
        yield name, body, start + length
        start += length


def _find(file: BinaryIO, span: tuple[int, int], *names: bytes) -> tuple[int, int] | None:
    """The first atom down this path."""
    for name in names:
        inside = next(((start, end) for found, start, end in _atoms(file, *span) if found == name), None)
        if inside is None:
            return None
        span = inside
    return span


def _movie_timescale(file: BinaryIO, moov: tuple[int, int]) -> int:
    span = _find(file, moov, b"mvhd")
    return _times(read_at(file, span[0], 36))[0] if span else 0


def _times(head: bytes) -> tuple[int, int]:
    """Timescale and duration from an `mvhd` or `mdhd`."""
    if len(head) < 24:
        return 0, 0
    if head[0] == 1 and len(head) >= 32:
        scale, duration = struct.unpack(">IQ", head[20:32])
        return int(scale), int(duration)
    scale, duration = struct.unpack(">II", head[12:20])
    return int(scale), int(duration)


def _track(file: BinaryIO, start: int, end: int, movie_timescale: int) -> StreamFacts | None:
    """Facts of this track when it is sound, None when it is something harmless beside it."""
    handler = _find(file, (start, end), b"mdia", b"hdlr")
    sample = _find(file, (start, end), b"mdia", b"minf", b"stbl", b"stsd")
    times = _find(file, (start, end), b"mdia", b"mdhd")
    if handler is None or sample is None or times is None:
        return None
    kind = read_at(file, handler[0] + 8, 4)
    entry = read_at(file, sample[0] + 12, 4)
    if entry in _PROTECTED:
        raise Unreadable("the file is protected by DRM")
    if kind == b"vide":
        if entry in _PICTURE_TRACKS:
            return None
        raise Unreadable("this is a video; only sound is imported")
    if kind != b"soun":
        return None
    if entry not in _CODECS:
        name = entry.decode("latin-1", "replace").strip()
        raise Unreadable(f"the MP4 file holds {name} sound, which is not supported")
    rate, duration = _times(read_at(file, times[0], 36))
    if not rate:
        raise Unreadable("an MP4 atom is damaged")
    codec = _CODECS[entry]
    facts = StreamFacts(codec, "mp4", "audio/mp4", rate, 2)
    delay, shown = _edits(file, (start, end), rate, movie_timescale)
    facts.delay = delay
    facts.samples = max(0, duration - (delay or 0))
    # The edit list counts in the movie's coarser units: it decides only when it cuts off more than its own rounding.
    if shown is not None and shown + rate / max(1, movie_timescale) < facts.samples:
        facts.padding = facts.samples - shown
        facts.samples = shown
    return facts


def _edits(file: BinaryIO, track: tuple[int, int], rate: int, movie_timescale: int) -> tuple[int | None, int | None]:
    """Samples the first real edit skips in front, and how many it shows; None without an edit list."""
    span = _find(file, track, b"edts", b"elst")
    if span is None or not movie_timescale:
        return None, None
    head = read_at(file, span[0], 8 + 20 * 16)
    wide = head[:1] == b"\x01"
    layout, step = (">Qq", 20) if wide else (">Ii", 12)
    for index in range(min(16, int.from_bytes(head[4:8], "big"))):
        piece = head[8 + index * step : 8 + (index + 1) * step]
        if len(piece) < step:
            break
        length, media_time = struct.unpack(layout, piece[: struct.calcsize(layout)])
        if media_time >= 0:
            return media_time, round(length * rate / movie_timescale) if length else None
    return None, None


def _details(file: BinaryIO, facts: StreamFacts) -> None:
    """Channels, bit depth, true rate and iTunes' exact gapless numbers, as mutagen reads them."""
    file.seek(0)
    try:
        parsed = _open(file)
    except (MutagenError, ValueError, IndexError, struct.error, KeyError, RecursionError) as error:
        raise Unreadable("the table of contents (moov) is damaged") from error
    info = parsed.info
    facts.channels = info.channels or facts.channels
    if facts.codec == "alac":
        facts.bits_per_sample = info.bits_per_sample or 16
    gapless = (parsed.tags or {}).get("----:com.apple.iTunes:iTunSMPB")
    words = bytes(gapless[0]).split() if gapless else []
    if len(words) >= 4:
        try:
            delay, padding, samples = (int(word, 16) for word in words[1:4])
        except ValueError:
            return
        if 0 < samples <= (facts.samples or 0) + (facts.delay or 0) + 8192:
            facts.delay, facts.padding, facts.samples = delay, padding, samples
