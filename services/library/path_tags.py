"""What a path says when the tags do not: `Artist/Album/01 - Title.flac` and its cousins.

Refuses to know the disk; a path is only text here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

_DISC_FOLDER = re.compile(r"(?:cd|disc|disk|side|vol(?:ume)?\.?)[ _.-]*(\d{1,2})\b", re.IGNORECASE)
_TRACK = re.compile(r"^(?:(\d{1,2})[-.](?=\d{2}\b))?(\d{1,3})(?:(?:\s*[-.)]+\s*)|(?<=\d\d)\s+)(?=\S)")
_YEAR_FRONT = re.compile(r"^[(\[]?(\d{4})[)\]]?\s*[-–_ ]\s*(?=\S)")
_YEAR_BACK = re.compile(r"\s*[(\[](\d{4})[)\]]\s*$")


@dataclass(frozen=True, slots=True)
class PathTags:
    """Guesses; None where the path is silent. The title is never empty."""

    title: str
    artist: str | None = None
    album: str | None = None
    year: str | None = None
    track_number: int | None = None
    disc_number: int | None = None


def album_folder(path: str) -> str:
    """The folder that holds the album: a `CD 2` folder counts as part of the one above."""
    folder = PurePath(path).parent
    return str(folder.parent if _DISC_FOLDER.fullmatch(folder.name) else folder)


def read_path(path: str, root: str) -> PathTags:
    """What the path under `root` tells. Folders above the root tell nothing."""
    pure = PurePath(path)
    inside = pure.relative_to(root).parts[:-1] if pure.is_relative_to(root) and path != root else ()
    folders = [part.replace("_", " ").strip() for part in inside]
    disc = None
    if folders and (named := _DISC_FOLDER.fullmatch(folders[-1])):
        disc = int(named[1])
        folders.pop()
    stem = " ".join(pure.stem.replace("_", " ").split()) or pure.name
    track = None
    numbered = _TRACK.match(stem)
    # Without a folder around it, "50 Cent - In da Club" starts with a name rather than a number.
    if numbered and (folders or not numbered[0].strip().isdigit() or numbered[0].startswith("0")):
        disc = int(numbered[1]) if numbered[1] else disc
        track = int(numbered[2]) or None
        stem = stem[numbered.end() :]
    artist = folders[-2] if len(folders) >= 2 else None
    album = folders[-1] if len(folders) >= 2 else None
    year = None
    if album:
        for pattern in (_YEAR_FRONT, _YEAR_BACK):
            dated = pattern.search(album)
            if dated and 1900 <= int(dated[1]) <= 2999:
                year = dated[1]
                album = pattern.sub("", album).strip() or album
                break
    parts = [part.strip() for part in stem.split(" - ") if part.strip()]
    if artist and len(parts) >= 2 and parts[0].casefold() == artist.casefold():
        parts = parts[1:]
    elif artist is None and len(parts) >= 2:
        artist, parts = parts[0], parts[1:]
    elif artist is None and len(folders) == 1:
        artist = folders[0]
    # "Artist - Album - 03 - Title" carries its number in the middle.
    if track is None and len(parts) >= 2:
        middle = next((index for index, part in enumerate(parts[:-1]) if part.isdigit() and len(part) <= 3), None)
        if middle is not None:
            track = int(parts[middle]) or None
            album = album or (parts[0] if middle else None)
            parts = parts[middle + 1 :]
    return PathTags(" - ".join(parts) or stem or pure.name, artist, album, year, track, disc)
