"""Pictures as they are shown: where one is asked for, which kept size answers, and in which format.

Owns the choice of a size. What a picture's id is made from belongs to whoever took it in; a picture has no access
rule, for its id is made from its content and tells nothing else.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Container, Sequence
from dataclasses import dataclass

from services.errors import Invalid, NotFound
from services.pictures.encodings import ENCODINGS, JPEG, Encoder, Encoding
from services.pictures.rendering import COVER_SIZES, cover_key
from storage.files import Files

_ID = re.compile(r"[A-Za-z0-9_-]{4,128}", re.ASCII)
SIZES = tuple(sorted(COVER_SIZES))
USUAL_SIZE = 640
SIZE_LIMIT = 4096
NEAR_BYTES = 32_000_000
"""Pictures from an object store that are held in memory, the latest first; their bytes never change."""


@dataclass(frozen=True, slots=True)
class CoverFile:
    """A picture in one size and format: its key, media type and strong entity tag. Its bytes never change.

    `length` in bytes is None while the format is yet to be drawn: `Covers.drawn` gives one that has it.
    """

    key: str
    length: int | None
    content_type: str
    etag: str
    image_id: str = ""
    size: int = USUAL_SIZE


class Covers:
    """The pictures of the catalogue and of people."""

    content_types: Sequence[str] = tuple(encoding.content_type for encoding in ENCODINGS)
    """What a picture can be sent as, the smallest first."""

    def __init__(self, files: Files, blocked: Container[str] = frozenset()) -> None:
        self._files = files
        self._blocked = blocked
        self._encoder = Encoder(files)
        self._near: OrderedDict[str, bytes] = OrderedDict()
        self._near_bytes = 0

    async def stop(self) -> None:
        """Draw no more."""
        await self._encoder.stop()

    def url(self, image_id: str | None, size: int | None = None) -> str | None:
        """The path on this server where the picture is, None for none and a blocked one.

        Invalid for a size outside 1 to 4096.
        """
        if size is not None:
            size_for(size)
        if image_id is None or image_id in self._blocked:
            return None
        return f"/covers/{image_id}" if size is None else f"/covers/{image_id}?size={size}"

    async def open(self, image_id: str, size: int | None = None, content_type: str = JPEG.content_type) -> CoverFile:
        """The kept picture for a size in pixels (640 unless told): the smallest that suffices, else the largest.

        NotFound when nothing is kept under that id; Invalid for a size outside 1 to 4096.
        """
        kept = size_for(size)
        if not _ID.fullmatch(image_id) or image_id in self._blocked:
            raise NotFound("There is no such picture.")
        encoding = next((each for each in ENCODINGS if each.content_type == content_type), JPEG)
        return await self._look(image_id, kept, encoding)

    async def read(self, cover: CoverFile) -> bytes:
        """The bytes of a picture, at most some hundred KB. NotFound when they are gone by now."""
        data = self._near.get(cover.key) or await self._files.get(cover.key)
        if data is None:
            raise NotFound("There is no such picture.")
        self._remember(cover.key, data)
        return data

    async def drawn(self, cover: CoverFile) -> CoverFile:
        """The same picture with its bytes kept: drawn now if need be, or the JPEG where that cannot be just now."""
        if cover.length is not None:
            return cover
        encoding = next(each for each in ENCODINGS if each.content_type == cover.content_type)
        source = cover_key(cover.image_id, cover.size)
        made = await self._encoder.make(source, cover_key(cover.image_id, cover.size, encoding.suffix), encoding)
        return await self._look(cover.image_id, cover.size, encoding if made else JPEG)

    async def _look(self, image_id: str, size: int, encoding: Encoding) -> CoverFile:
        length = await self._length(image_id, size, encoding)
        if length is None and (encoding is JPEG or await self._length(image_id, size, JPEG) is None):
            raise NotFound("There is no such picture.")
        key = cover_key(image_id, size, encoding.suffix)
        tag = f'"{image_id}-{size}"' if encoding is JPEG else f'"{image_id}-{size}-{encoding.suffix}"'
        return CoverFile(key, length, encoding.content_type, tag, image_id, size)

    async def _length(self, image_id: str, size: int, encoding: Encoding) -> int | None:
        key = cover_key(image_id, size, encoding.suffix)
        if key in self._near:
            return len(self._near[key])
        facts = await self._files.look(key)
        return None if facts is None else facts.size

    def _remember(self, key: str, data: bytes) -> None:
        if self._files.local_path(key) is not None or len(data) > NEAR_BYTES // 8:
            return
        self._near_bytes += len(data) - len(self._near.pop(key, b""))
        self._near[key] = data
        while self._near_bytes > NEAR_BYTES:
            self._near_bytes -= len(self._near.popitem(last=False)[1])


def size_for(size: int | None) -> int:
    """The kept size that answers for `size` pixels. Invalid outside 1 to 4096."""
    wanted = USUAL_SIZE if size is None else size
    if not 1 <= wanted <= SIZE_LIMIT:
        raise Invalid(f"size must be from 1 to {SIZE_LIMIT} pixels.", field="size")
    return next((kept for kept in SIZES if kept >= wanted), SIZES[-1])
