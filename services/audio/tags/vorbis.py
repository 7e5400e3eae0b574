"""Vorbis comments of FLAC, Ogg Vorbis and Ogg Opus, with FLAC's picture blocks.

Owns reading them; their names need hardly any translation. Refuses to know what the values mean.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any, BinaryIO

from mutagen import MutagenError
from mutagen.flac import FLAC, VCFLACDict
from mutagen.flac import Picture as FLACPicture
from mutagen.flac import error as FLACError
from mutagen.oggopus import OggOpus, OggOpusVComment
from mutagen.oggvorbis import OggVCommentDict, OggVorbis

from services.audio.tags.raw import Picture, RawTags

# mutagen carries only half its types; its readers are taken as untyped callables.
_BareFlac: Any = FLAC
_BareOpus: Any = OggOpus
_BareVorbis: Any = OggVorbis
_FlacComments: Any = VCFLACDict
_OpusComments: Any = OggOpusVComment
_VorbisComments: Any = OggVCommentDict
_block: Callable[..., Any] = FLACPicture

COMMENTS_LIMIT = 10_000


class _Counted:
    """Comments that are not read when there are more than 10,000 of them: each would be an object in memory."""

    def load(self, fileobj: Any, *arguments: Any, **options: Any) -> None:
        """As mutagen's, which reads as many as the block says there are."""
        at = fileobj.tell()
        fileobj.seek(int.from_bytes(fileobj.read(4), "little"), 1)
        count = int.from_bytes(fileobj.read(4), "little")
        fileobj.seek(at)
        if count > COMMENTS_LIMIT:
            raise MutagenError("too many comments")
        super().load(fileobj, *arguments, **options)  # type: ignore[misc]


class _FewFlacComments(_Counted, _FlacComments):  # type: ignore[misc]
    pass


class _FewOpusComments(_Counted, _OpusComments):  # type: ignore[misc]
    pass


class _FewVorbisComments(_Counted, _VorbisComments):  # type: ignore[misc]
    pass


class _Flac(_BareFlac):  # type: ignore[misc]
    METADATA_BLOCKS = [_FewFlacComments if kind is VCFLACDict else kind for kind in FLAC.METADATA_BLOCKS]


class _Opus(_BareOpus):  # type: ignore[misc]
    _Tags = _FewOpusComments


class _Vorbis(_BareVorbis):  # type: ignore[misc]
    _Tags = _FewVorbisComments


_NAMES = {
    "ALBUM ARTIST": "ALBUMARTIST",
    "ALBUM_ARTIST": "ALBUMARTIST",
    "TRACK": "TRACKNUMBER",
    "TRACKNUM": "TRACKNUMBER",
    "DISC": "DISCNUMBER",
    "TOTALTRACKS": "TRACKTOTAL",
    "TOTALDISCS": "DISCTOTAL",
    "YEAR": "DATE",
    "ORGANIZATION": "LABEL",
    "PUBLISHER": "LABEL",
    "INITIALKEY": "KEY",
    "TEMPO": "BPM",
    "UNSYNCEDLYRICS": "LYRICS",
    "UNSYNCED LYRICS": "LYRICS",
    "UPC": "BARCODE",
    "EAN": "BARCODE",
    "MUSICBRAINZ_ALBUMTYPE": "RELEASETYPE",
}


def read_flac_tags(file: BinaryIO) -> RawTags:
    """Comments and pictures of a FLAC file; empty when they are damaged."""
    file.seek(0)
    try:
        parsed = _Flac(file)
    except (MutagenError, FLACError, ValueError, IndexError, KeyError):
        return RawTags()
    raw = _comments(parsed.tags)
    raw.pictures = [Picture(block.type, block.data) for block in parsed.pictures] + raw.pictures
    return raw


def read_ogg_tags(file: BinaryIO, codec: str) -> RawTags:
    """Comments of a Vorbis or Opus stream; empty when they are damaged."""
    file.seek(0)
    try:
        parsed = _Opus(file) if codec == "opus" else _Vorbis(file)
    except (MutagenError, ValueError, IndexError, KeyError, EOFError):
        return RawTags()
    return _comments(parsed.tags)


def _comments(tags: Any) -> RawTags:
    raw = RawTags()
    for name, value in tags or ():
        key = name.upper()
        if key == "METADATA_BLOCK_PICTURE":
            picture = _picture_block(value)
            if picture is not None:
                raw.pictures.append(picture)
        elif key == "COVERART":
            try:
                raw.pictures.append(Picture(3, base64.b64decode(value)))
            except (binascii.Error, ValueError):
                continue
        else:
            raw.add(_NAMES.get(key, key), value.split("\0"))
    return raw


def _picture_block(value: str) -> Picture | None:
    try:
        block = _block(base64.b64decode(value))
    except (MutagenError, FLACError, binascii.Error, ValueError, IndexError):
        return None
    return Picture(block.type, block.data)
