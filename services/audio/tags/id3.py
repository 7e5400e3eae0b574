"""ID3 (2.2, 2.3, 2.4, and version 1 where there is no other) and APE tags, as MP3, ADTS, WAV and AIFF carry them.

Owns the frames' names. Refuses to know what the values mean.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from io import BytesIO
from typing import Any, BinaryIO

from mutagen import MutagenError
from mutagen.apev2 import APEv2
from mutagen.id3 import ID3, ID3NoHeaderError

from services.audio.tags.ape_items import ape_is_sound
from services.audio.tags.id3_sieve import sifted
from services.audio.tags.raw import Picture, RawTags
from services.lyrics.model import Lyrics
from services.lyrics.syllables import lyrics_of_syllables

_open_id3: Callable[..., Any] = ID3
_open_ape: Callable[..., Any] = APEv2

_FRAMES = {
    "TIT2": "TITLE",
    "TPE1": "ARTIST",
    "TPE2": "ALBUMARTIST",
    "TPE3": "CONDUCTOR",
    "TPE4": "REMIXER",
    "TCOM": "COMPOSER",
    "TEXT": "LYRICIST",
    "TALB": "ALBUM",
    "TRCK": "TRACKNUMBER",
    "TPOS": "DISCNUMBER",
    "TDRC": "DATE",
    "TDRL": "RELEASEDATE",
    "TDOR": "ORIGINALDATE",
    "TSRC": "ISRC",
    "TPUB": "LABEL",
    "TCOP": "COPYRIGHT",
    "TBPM": "BPM",
    "TKEY": "KEY",
    "TMOO": "MOOD",
    "TLAN": "LANGUAGE",
    "TSOP": "ARTISTSORT",
    "TSO2": "ALBUMARTISTSORT",
    "TSOA": "ALBUMSORT",
    "TSOT": "TITLESORT",
    "TCMP": "COMPILATION",
    "GRP1": "GROUPING",
}
_OWN_NAMES = {
    "MUSICBRAINZ ARTIST ID": "MUSICBRAINZ_ARTISTID",
    "MUSICBRAINZ ALBUM ARTIST ID": "MUSICBRAINZ_ALBUMARTISTID",
    "MUSICBRAINZ ALBUM ID": "MUSICBRAINZ_ALBUMID",
    "MUSICBRAINZ RELEASE GROUP ID": "MUSICBRAINZ_RELEASEGROUPID",
    "MUSICBRAINZ RELEASE TRACK ID": "MUSICBRAINZ_RELEASETRACKID",
    "MUSICBRAINZ ALBUM TYPE": "RELEASETYPE",
    "ALBUM ARTIST": "ALBUMARTIST",
    "ALBUM_ARTIST": "ALBUMARTIST",
    "PUBLISHER": "LABEL",
    "INITIALKEY": "KEY",
    "ITUNESADVISORY": "ITUNESADVISORY",
}
_PEOPLE = {
    "producer": "PRODUCER",
    "engineer": "ENGINEER",
    "mix": "MIXER",
    "mixer": "MIXER",
    "dj-mix": "DJMIXER",
    "arranger": "ARRANGER",
    "remixer": "REMIXER",
    "composer": "COMPOSER",
    "lyricist": "LYRICIST",
    "conductor": "CONDUCTOR",
    "writer": "WRITER",
}
_VERSION_1_BYTES = 1024
"""What is looked at behind a file for a tag of version 1."""
_MUSICBRAINZ_OWNER = "http://musicbrainz.org"


def read_id3(file: BinaryIO) -> RawTags:
    """The ID3 tag at the front of an MP3 or ADTS file, else version 1 at its end, filled up from an APE tag."""
    raw = RawTags()
    front = sifted(file)
    file.seek(0, 2)
    file.seek(-min(_VERSION_1_BYTES, file.tell()), 2)
    try:
        _take(_open_id3(BytesIO((front or b"") + file.read())), raw)
    except ID3NoHeaderError:
        pass
    except (MutagenError, ValueError, KeyError, IndexError, EOFError):
        raw = RawTags()
    if ape_is_sound(file):
        file.seek(0)
        with contextlib.suppress(MutagenError, ValueError, KeyError, IndexError):
            raw.fill(_ape(_open_ape(file)))
    return raw


def read_id3_bytes(data: bytes) -> RawTags:
    """An ID3 tag that a WAV or AIFF chunk holds; empty when it is damaged."""
    raw = RawTags()
    front = sifted(BytesIO(data))
    if front is not None:
        try:
            _take(_open_id3(BytesIO(front)), raw)
        except (MutagenError, ValueError, KeyError, IndexError, EOFError):
            return RawTags()
    return raw


def _take(tag: Any, raw: RawTags) -> None:
    for key, frame in tag.items():
        name = key[:4]
        if name in _FRAMES:
            raw.add(_FRAMES[name], (str(value) for value in frame.text))
        elif name == "TCON":
            # mutagen resolves numeric references such as (17) here.
            raw.add("GENRE", frame.genres)
        elif name == "TXXX":
            described = frame.desc.strip().upper()
            raw.add(_OWN_NAMES.get(described, described), (str(value) for value in frame.text))
        elif name == "UFID" and frame.owner == _MUSICBRAINZ_OWNER:
            raw.add("MUSICBRAINZ_TRACKID", [frame.data.decode("ascii", "replace").strip("\0")])
        elif name == "USLT":
            raw.add("LYRICS", [frame.text])
        elif name == "SYLT" and not raw.synced.is_synced:
            raw.synced = _synced(frame)
        elif name == "APIC":
            raw.pictures.append(Picture(int(frame.type), bytes(frame.data)))
        elif name in ("TIPL", "TMCL", "IPLS"):
            for role, person in frame.people:
                raw.add(_PEOPLE.get(role.strip().lower(), "PERFORMER" if name == "TMCL" else "OTHERPEOPLE"), [person])
        elif name == "RVA2":
            _relative_volume(frame, raw)
        elif name == "POPM" or name == "COMM":
            continue


def _synced(frame: Any) -> Lyrics:
    """Lyrics of a SYLT frame that counts in milliseconds (format 2) and holds lyrics (type 1)."""
    if frame.format != 2 or frame.type not in (0, 1):
        return Lyrics()
    return lyrics_of_syllables((str(text), int(at)) for text, at in frame.text)


def _relative_volume(frame: Any, raw: RawTags) -> None:
    """RVA2's master channel for track and album, where no ReplayGain text says it."""
    scope = frame.desc.strip().upper()
    if scope in ("TRACK", "ALBUM") and frame.channel == 1:
        raw.add(f"REPLAYGAIN_{scope}_GAIN", [f"{frame.gain} dB"])
        if frame.peak:
            raw.add(f"REPLAYGAIN_{scope}_PEAK", [str(frame.peak)])


def _ape(tag: Any) -> RawTags:
    names = {"TRACK": "TRACKNUMBER", "DISC": "DISCNUMBER", "YEAR": "DATE", "ALBUM ARTIST": "ALBUMARTIST"}
    raw = RawTags()
    for key, value in tag.items():
        name = key.upper()
        if value.kind == 0:
            raw.add(names.get(name, _OWN_NAMES.get(name, name)), str(value).split("\0"))
        elif name == "COVER ART (FRONT)":
            raw.pictures.append(Picture(3, bytes(value.value).partition(b"\0")[2]))
    return raw
