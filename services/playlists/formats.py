"""The forms in which playlists leave and enter: which there are, how one is told from the text, what files are called.

Pure. Refuses to know playlists and songs.
"""

from __future__ import annotations

import re
from enum import StrEnum

from services.playlists.exchange import Exchange, read_jspf, read_m3u8, write_jspf, write_m3u8

FILE_NAME_LIMIT = 100
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200e\u200f\u2028-\u202e\u2066-\u2069]+')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
"""Names that Windows takes for devices, whatever ending they have."""


class Format(StrEnum):
    """A form of a playlist as a file."""

    M3U8 = "m3u8"
    JSPF = "jspf"

    @property
    def content_type(self) -> str:
        """The media type that players know it by."""
        return "audio/x-mpegurl; charset=utf-8" if self is Format.M3U8 else "application/jspf+json; charset=utf-8"


def write(format: Format, exchange: Exchange) -> str:
    """The playlist as text. Blocking for long ones."""
    return write_m3u8(exchange) if format is Format.M3U8 else write_jspf(exchange)


def read(text: str, format: Format | None = None) -> Exchange:
    """The playlist in a text of this form, or of the form it looks like: what begins with `{` is JSPF, else M3U8.

    Invalid and TooLarge name `text`. Blocking for long ones.
    """
    if format is None:
        format = Format.JSPF if text[:1000].lstrip("\ufeff \t\r\n").startswith("{") else Format.M3U8
    return read_m3u8(text) if format is Format.M3U8 else read_jspf(text.removeprefix("\ufeff"))


def file_name(name: str, format: Format) -> str:
    """A name for the file that every file system takes: at most 100 characters of the playlist's, and the ending."""
    safe = " ".join(_UNSAFE.sub("-", name).split())[:FILE_NAME_LIMIT].strip(" .-")
    if _DEVICES.fullmatch(safe):
        safe = f"_{safe}"
    return f"{safe or 'playlist'}.{format.value}"
