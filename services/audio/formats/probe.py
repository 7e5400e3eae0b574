"""One file looked into: what sound it holds and what its tags say. Reads content, never trusts the name.

Owns opening the file once, in a worker. Refuses to know the catalogue.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from services.audio.formats.chunks import read_aiff, read_wav
from services.audio.formats.flac import read_flac
from services.audio.formats.metered import FRAMES_LIMIT, PIECES_LIMIT, TooManyPieces, metered
from services.audio.formats.mp4 import read_mp4
from services.audio.formats.mpeg import read_adts, read_mp3
from services.audio.formats.ogg import read_ogg
from services.audio.formats.sniff import sniff
from services.audio.formats.stream_facts import StreamFacts, Unreadable
from services.audio.tags.id3 import read_id3
from services.audio.tags.meaning import Tags, front_cover, interpret
from services.audio.tags.mp4 import read_mp4_tags
from services.audio.tags.raw import RawTags
from services.audio.tags.vorbis import read_flac_tags, read_ogg_tags
from services.audio.tags.wav import read_chunk_tags

PICTURE_LIMIT_BYTES = 32 * 1024 * 1024
SAMPLES_PER_BYTE = 8192
DURATION_LIMIT_MS = 3 * 86_400_000
"""The longest recordings are days; a playlist for HLS has a line for every six seconds."""
RATES_HZ = (2_000, 1_536_000)
CHANNELS_LIMIT = 64

_READERS: dict[str, Callable[[BinaryIO, int], StreamFacts]] = {
    "mp3": read_mp3,
    "adts": read_adts,
    "flac": read_flac,
    "ogg": read_ogg,
    "mp4": read_mp4,
    "wav": read_wav,
    "aiff": read_aiff,
}


_WALKED = ("mp3", "adts", "ogg")


@dataclass(slots=True)
class Probed:
    """A file's sound and tags. `tags_hash` changes when anything beside the sound does.

    `picture_id` names the front cover by its bytes, which are left in the file: `embedded_cover` fetches them.
    """

    facts: StreamFacts
    tags: Tags
    tags_hash: str
    picture_id: str | None = None


def probe(file: BinaryIO, size: int) -> Probed:
    """Look into an open file of `size` bytes. Unreadable, with the reason, when it holds no sound we can play."""
    try:
        kind = sniff(metered(file), size)
        facts = _READERS[kind](metered(file, FRAMES_LIMIT if kind in _WALKED else PIECES_LIMIT), size)
        _refuse_what_cannot_be(facts, size)
        raw = _raw_tags(metered(file), size, kind, facts.codec)
    except TooManyPieces as error:
        raise Unreadable(str(error)) from error
    cover = front_cover(raw.pictures)
    picture_id = None
    if cover is not None and len(cover.data) <= PICTURE_LIMIT_BYTES:
        picture_id = picture_key(cover.data)
    return Probed(facts, interpret(raw), _tags_hash(raw, picture_id), picture_id)


def _refuse_what_cannot_be(facts: StreamFacts, size: int) -> None:
    """Unreadable for a header that promises more sound than any encoder puts into so many bytes, or an odd kind of it.

    A page of Opus has 5,760 samples a packet, a constant frame of FLAC 65,535 in eleven bytes.
    """
    if not RATES_HZ[0] <= facts.sample_rate <= RATES_HZ[1] or not 1 <= facts.channels <= CHANNELS_LIMIT:
        raise Unreadable(f"{facts.sample_rate} Hz in {facts.channels} channels is no sound that is known here")
    if facts.duration_ms > DURATION_LIMIT_MS:
        raise Unreadable("the sound is longer than three days")
    if (facts.samples or 0) > SAMPLES_PER_BYTE * size:
        raise Unreadable("the file is cut off: it promises more sound than there is")


def probe_path(path: Path) -> Probed:
    """Open and look into a file. Unreadable also when it cannot be opened."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            return probe(file, file.tell())
    except OSError as error:
        raise Unreadable(f"the file cannot be read: {error.strerror or error}") from error


def embedded_cover(path: Path) -> bytes | None:
    """The front cover's bytes inside a file; None when there is none any more."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            size = file.tell()
            kind = sniff(metered(file), size)
            codec = read_ogg(metered(file, FRAMES_LIMIT), size).codec if kind == "ogg" else ""
            cover = front_cover(_raw_tags(metered(file), size, kind, codec).pictures)
    except (OSError, Unreadable):
        return None
    return None if cover is None else cover.data


def picture_key(data: bytes) -> str:
    """The id of a picture: 32 hex digits of its bytes."""
    return hashlib.blake2b(data, digest_size=16, person=b"tutti.picture").hexdigest()


def _raw_tags(file: BinaryIO, size: int, kind: str, codec: str) -> RawTags:
    if kind in ("mp3", "adts"):
        return read_id3(file)
    if kind == "flac":
        return read_flac_tags(file)
    if kind == "ogg":
        return read_ogg_tags(file, codec)
    if kind == "mp4":
        return read_mp4_tags(file)
    return read_chunk_tags(file, size, wav=kind == "wav")


def _tags_hash(raw: RawTags, picture_id: str | None) -> str:
    digest = hashlib.blake2b(digest_size=16, person=b"tutti.tags")
    for name in sorted(raw.values):
        digest.update(repr((name, raw.values[name])).encode())
    digest.update(repr([(line.at_ms, line.text) for line in raw.synced.lines]).encode())
    digest.update((picture_id or "").encode())
    return digest.hexdigest()
