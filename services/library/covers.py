"""Covers of an import: the picture inside an audio file, or the one that lies in its folder.

Owns where the bytes come from. Refuses to know how pictures are drawn.
"""

from __future__ import annotations

from pathlib import Path

from services.audio.formats.probe import PICTURE_LIMIT_BYTES, embedded_cover, picture_key
from services.pictures.rendering import BrokenPicture, Drawn, render_cover


def take_cover(source: Path, *, embedded: bool, image_id: str | None) -> tuple[str, Drawn]:
    """Take a cover from an audio file or a picture file: its id, and it in every size. BrokenPicture, never OSError."""
    try:
        data = embedded_cover(source) if embedded else _read_bounded(source)
    except OSError as error:
        raise BrokenPicture(f"the picture cannot be read: {error.strerror or error}") from error
    if not data:
        raise BrokenPicture("the picture is empty")
    found_id = picture_key(data)
    if image_id is not None and found_id != image_id:
        raise BrokenPicture("the picture changed while it was read")
    return found_id, render_cover(data)


def _read_bounded(source: Path) -> bytes:
    with source.open("rb") as file:
        return file.read(PICTURE_LIMIT_BYTES + 1)
