"""MP4 atoms and iTunes' freeform ones.

Owns their names. Refuses to know what the values mean.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, BinaryIO

from mutagen import MutagenError
from mutagen.mp4 import MP4

from services.audio.tags.raw import Picture, RawTags

_open: Callable[..., Any] = MP4

_ATOMS = {
    "\xa9nam": "TITLE",
    "\xa9ART": "ARTIST",
    "aART": "ALBUMARTIST",
    "\xa9alb": "ALBUM",
    "\xa9day": "DATE",
    "\xa9gen": "GENRE",
    "\xa9wrt": "COMPOSER",
    "\xa9lyr": "LYRICS",
    "cprt": "COPYRIGHT",
    "\xa9pub": "LABEL",
    "soar": "ARTISTSORT",
    "soaa": "ALBUMARTISTSORT",
    "soal": "ALBUMSORT",
    "sonm": "TITLESORT",
}
_FREEFORM = {
    "MUSICBRAINZ ARTIST ID": "MUSICBRAINZ_ARTISTID",
    "MUSICBRAINZ ALBUM ARTIST ID": "MUSICBRAINZ_ALBUMARTISTID",
    "MUSICBRAINZ ALBUM ID": "MUSICBRAINZ_ALBUMID",
    "MUSICBRAINZ TRACK ID": "MUSICBRAINZ_TRACKID",
    "MUSICBRAINZ RELEASE GROUP ID": "MUSICBRAINZ_RELEASEGROUPID",
    "MUSICBRAINZ RELEASE TRACK ID": "MUSICBRAINZ_RELEASETRACKID",
    "MUSICBRAINZ ALBUM TYPE": "RELEASETYPE",
    "INITIALKEY": "KEY",
    "PUBLISHER": "LABEL",
    "UPC": "BARCODE",
}
_PREFIX = "----:"


def read_mp4_tags(file: BinaryIO) -> RawTags:
    """The `ilst` atoms; empty when they are damaged."""
    file.seek(0)
    try:
        tags: Any = _open(file).tags
    except (MutagenError, ValueError, IndexError, KeyError, struct.error, RecursionError):
        return RawTags()
    raw = RawTags()
    for key, values in (tags or {}).items():
        if key in _ATOMS:
            raw.add(_ATOMS[key], (str(value) for value in values))
        elif key in ("trkn", "disk"):
            name, total = ("TRACKNUMBER", "TRACKTOTAL") if key == "trkn" else ("DISCNUMBER", "DISCTOTAL")
            raw.add(name, [str(values[0][0])] if values and values[0][0] else [])
            raw.add(total, [str(values[0][1])] if values and values[0][1] else [])
        elif key == "tmpo":
            raw.add("BPM", [str(values[0])] if values and values[0] else [])
        elif key == "cpil":
            raw.add("COMPILATION", ["1" if values else "0"])
        elif key == "rtng":
            raw.add("ITUNESADVISORY", [str(values[0])] if values else [])
        elif key == "covr":
            raw.pictures.extend(Picture(3, bytes(value)) for value in values)
        elif key.startswith(_PREFIX):
            name = key.split(":", 2)[2].upper()
            raw.add(_FREEFORM.get(name, name), (bytes(value).decode("utf-8", "replace") for value in values))
    return raw
