"""Pictures that people hand in, as text or as bytes: checked, drawn anew in the kept sizes, kept once per content.

Owns the bounds and the refusals. Refuses to know what a picture is of and who may put it there.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Container

from services.audio.formats.probe import PICTURE_LIMIT_BYTES, picture_key
from services.clock import Clock
from services.errors import Invalid, TooLarge
from services.pictures.rendering import BrokenPicture, Drawn, image_record, keep_cover_files, keep_record, render_cover
from storage.collections.store import Store
from storage.files import Files

_DATA_URL = re.compile(r"data:(?P<type>[\w.+/-]*)(?:;[\w.=+-]+)*;base64,", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")
_URL_SAFE = str.maketrans("-_", "+/")
RENDERINGS_AT_ONCE = 2


class Pictures:
    """Takes pictures in. What it gives back is an image id, whose address is `Covers.url`."""

    def __init__(self, store: Store, files: Files, clock: Clock, blocked: Container[str] = frozenset()) -> None:
        self._store = store
        self._files = files
        self._clock = clock
        self._blocked = blocked
        self._rendering = asyncio.Semaphore(RENDERINGS_AT_ONCE)

    async def keep_base64(self, text: str, *, field: str) -> str:
        """The image id of a picture given as base64, bare or as a `data:` URL. Invalid or TooLarge name `field`.

        Blanks and line ends do not count; the alphabet for URLs (`-_`) and missing padding are taken too.
        """
        if len(text) > PICTURE_LIMIT_BYTES * 3 // 2:
            raise TooLarge(f"A picture may have {PICTURE_LIMIT_BYTES >> 20} MB.", field=field)
        try:
            data = await asyncio.to_thread(read_base64, text)
        except ValueError as error:
            raise Invalid(str(error), field=field) from error
        return await self.keep(data, field=field)

    async def keep(self, data: bytes, *, field: str) -> str:
        """The image id of a picture given as the bytes of a JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF file."""
        if not data:
            raise Invalid("The picture is empty.", field=field)
        if len(data) > PICTURE_LIMIT_BYTES:
            raise TooLarge(f"A picture may have {PICTURE_LIMIT_BYTES >> 20} MB.", field=field)
        if picture_key(data) in self._blocked:
            raise Invalid("This picture was taken out of sight; take another.", field=field, code="PICTURE_BLOCKED")
        async with self._rendering:
            try:
                image_id, drawn = await asyncio.to_thread(_render, data)
            except BrokenPicture as error:
                raise Invalid(f"{error.reason[:1].upper()}{error.reason[1:]}.", field=field) from error
            await keep_cover_files(image_id, drawn, self._files)
        await keep_record(self._store, image_record(image_id, drawn, self._clock.now()))
        return image_id


def _render(data: bytes) -> tuple[str, Drawn]:
    return picture_key(data), render_cover(data)


def read_base64(text: str) -> bytes:
    """The bytes that base64 text stands for. ValueError, with a sentence for people, for anything else. Blocking."""
    body = text.lstrip()
    found = _DATA_URL.match(body[:200])
    if found is not None:
        if not found["type"].lower().startswith("image/"):
            raise ValueError("This data URL holds no picture.")
        body = body[found.end() :]
    body = _BLANKS.sub("", body).translate(_URL_SAFE).rstrip("=")
    try:
        return base64.b64decode(body + "=" * (-len(body) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("A picture is given as base64.") from error
