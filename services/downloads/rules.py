"""The bounds of downloads: how many lists, how long a licence lasts; devices and songs are the tier's.

Owns the words of a request and their edges. Refuses to know where anything is kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.errors import Invalid, NotFound
from services.typed_text import is_id, read_plain

SONGS_NAMED = 1_000
"""Songs that one request may name; a playlist may hold ten times as many."""
SONGS_OF_ONE = 10_000
NAME_LIMIT = 60
PAGE_SONGS = 100
"""Songs on one page of a manifest or of changes, at most."""
CHUNK_BYTES = 1 << 20
_DEVICE_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class DownloadRules:
    """The settings of downloads. `keys` are seeds of signing keys: the first signs, all are published."""

    lists: int = 500
    licence_days: int = 30
    keys: Sequence[bytes] = field(default=(), repr=False)


def read_device_id(text: str, field: str = "deviceId") -> str:
    """A device's own id. Invalid unless 1 to 64 letters, digits and `. _ : -`."""
    if not _DEVICE_ID.fullmatch(text):
        raise Invalid(f"{field} must be 1 to 64 letters, digits and . _ : -", field=field)
    return text


def read_device_name(text: str | None) -> str:
    """What a device is called, up to 60 characters, or nothing."""
    return read_plain(text or "", "deviceName", "A device's name", NAME_LIMIT)


def read_song_ids(song_ids: Sequence[str]) -> list[str]:
    """The distinct songs that a request names, in order. Invalid unless there are 1 to 1,000; NotFound for no id."""
    if not 1 <= len(song_ids) <= SONGS_NAMED:
        raise Invalid(f"Name 1 to {SONGS_NAMED:,} songs.", field="songIds")
    if not all(is_id(id) for id in song_ids):
        raise NotFound("There is no such song.", field="songIds")
    return list(dict.fromkeys(song_ids))
