"""Tags of WAV and AIFF: an ID3 chunk first, WAV's INFO pairs where it is silent.

Refuses to know what the values mean.
"""

from __future__ import annotations

from typing import BinaryIO

from services.audio.formats.chunks import read_tag_chunks
from services.audio.tags.id3 import read_id3_bytes
from services.audio.tags.raw import RawTags

_INFO = {
    "INAM": "TITLE",
    "IART": "ARTIST",
    "IPRD": "ALBUM",
    "ICRD": "DATE",
    "IGNR": "GENRE",
    "ITRK": "TRACKNUMBER",
    "IPRT": "TRACKNUMBER",
    "ICOP": "COPYRIGHT",
    "ILNG": "LANGUAGE",
    "IMUS": "COMPOSER",
}


def read_chunk_tags(file: BinaryIO, size: int, *, wav: bool) -> RawTags:
    """What the tag chunks say; INFO text is UTF-8 where it can be, else Windows-1252."""
    chunks = read_tag_chunks(file, size, wav=wav)
    raw = read_id3_bytes(chunks.id3)
    info = RawTags()
    for key, data in chunks.info:
        if key in _INFO:
            info.add(_INFO[key], [_text(data)])
    raw.fill(info)
    return raw


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
