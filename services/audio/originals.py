"""A song's file as it is now, and what everything that is made of it begins with.

Owns its identity: the sound's own hash as long as the file is what the record says, else the file's. Refuses to know
renditions and listeners.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePath

from services.audio.far_sounds import FarFile
from services.audio.open_files import OpenFile
from services.audio.ranges import Target
from services.audio.segments import Source
from storage.records.audio_file import AudioFile
from storage.records.song import Song


@dataclass(frozen=True, slots=True)
class Original:
    """A song's file as it is now: what everything that is made of it begins with."""

    song: Song
    file: AudioFile
    source: Source
    modified_s: int


def told_of_original(song: Song, file: AudioFile, opened: OpenFile | FarFile) -> tuple[Target, str]:
    """What an answer with the file itself says of it, and its name; worked out once for each open file."""
    told_by = (file.payload_hash, file.content_type, song.artist_credit, song.title)
    noted: tuple[Target, str] | None = opened.notes.get(told_by)
    if noted is None:
        identity = source_of(file, opened).identity
        etag = f'"{identity[:16]}-{opened.size:x}-{opened.mtime_ns:x}"'
        target = Target(opened.size, etag, opened.mtime_ns // 1_000_000_000, file.content_type)
        noted = target, filename(song, PurePath(file.path).suffix.lstrip("."))
        # Two or more only when a record changes under an open file; the last is the one that counts.
        opened.notes.clear()
        opened.notes[told_by] = noted
    return noted


def source_of(file: AudioFile, opened: OpenFile | FarFile) -> Source:
    """What is decoded, with the identity of its sound."""
    as_recorded = (file.size, file.mtime_ns) == (opened.size, opened.mtime_ns) and file.payload_hash is not None
    if as_recorded:
        identity, codec, channels = short_hash(f"payload|{file.payload_hash}"), file.codec, file.channels
    else:
        # Changed since it was imported: what the record says of its sound may be wrong, so trust none of it.
        identity, codec, channels = short_hash(f"file|{file.path}|{opened.size}|{opened.mtime_ns}"), "", 2
    return Source(opened.path, identity, codec, file.sample_rate, channels, opened.size, opened.mtime_ns)


def short_hash(text: str) -> str:
    """128 bits of SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def filename(song: Song, extension: str) -> str:
    """What a song is called on a listener's disk."""
    name = f"{song.artist_credit} - {song.title}" if song.artist_credit else song.title
    return f"{name}.{extension}" if extension else name
