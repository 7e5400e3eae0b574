"""Pictures as they are shown: where one is asked for, and which kept file answers.

Owns the choice of a size. What a picture's id is made from and which sizes are kept belong to the import, which wrote
them; a picture has no access rule, for its id is made from its content and tells nothing else.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

from services.errors import Invalid, NotFound
from services.library.covers import COVER_SIZES, cover_key
from storage.files import LocalFiles

_ID = re.compile(r"[A-Za-z0-9_-]{4,128}", re.ASCII)
SIZES = tuple(sorted(COVER_SIZES))
USUAL_SIZE = 640


@dataclass(frozen=True, slots=True)
class CoverFile:
    """A kept picture: its file, length in bytes, media type and strong entity tag. Its bytes never change."""

    path: Path
    length: int
    content_type: str
    etag: str


class Covers:
    """The pictures of the catalogue and of people."""

    def __init__(self, files: LocalFiles) -> None:
        self._files = files

    def url(self, image_id: str | None, size: int | None = None) -> str | None:
        """The path on this server where the picture is, None for none. Invalid for a size outside 1 to 4096."""
        if size is not None:
            size_for(size)
        if image_id is None:
            return None
        return f"/covers/{image_id}" if size is None else f"/covers/{image_id}?size={size}"

    async def open(self, image_id: str, size: int | None = None) -> CoverFile:
        """The kept picture for a size in pixels (640 unless told): the smallest that suffices, else the largest.

        NotFound when nothing is kept under that id; Invalid for a size outside 1 to 4096.
        """
        kept = size_for(size)
        if not _ID.fullmatch(image_id):
            raise NotFound("There is no such picture.")
        path = self._files.path(cover_key(image_id, kept))
        try:
            length = (await asyncio.to_thread(path.stat)).st_size
        except FileNotFoundError:
            raise NotFound("There is no such picture.") from None
        return CoverFile(path, length, "image/jpeg", f'"{image_id}-{kept}"')


def size_for(size: int | None) -> int:
    """The kept size that answers for `size` pixels. Invalid outside 1 to 4096."""
    wanted = USUAL_SIZE if size is None else size
    if not 1 <= wanted <= 4096:
        raise Invalid("size must be from 1 to 4096 pixels.", field="size")
    return next((kept for kept in SIZES if kept >= wanted), SIZES[-1])
