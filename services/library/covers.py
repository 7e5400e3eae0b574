"""Covers: any picture in, JPEGs of known sizes out, each content kept once.

Owns bounds on pictures from strangers. Refuses to know songs and albums.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from services.audio.formats.probe import PICTURE_LIMIT_BYTES, embedded_cover, picture_key
from storage.files import LocalFiles
from storage.records import Image

COVER_SIZES = (1200, 640, 300, 96)
"""Longest sides in pixels; a smaller original is not enlarged."""

PIXELS_LIMIT = 50_000_000
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
_QUALITY = 88


class BrokenPicture(Exception):
    """This picture cannot be shown; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def cover_key(image_id: str, size: int) -> str:
    """The file key of a cover at one of COVER_SIZES."""
    return f"images/{image_id[:2]}/{image_id}-{size}.jpg"


def render_cover(data: bytes, image_id: str, files: LocalFiles) -> tuple[int, int, int]:
    """Write every size of a picture; width, height and bytes of the largest. BrokenPicture says what is wrong.

    At most 32 MB and 50 million pixels are looked at, before anything is decoded. Blocking.
    """
    if len(data) > PICTURE_LIMIT_BYTES:
        raise BrokenPicture(f"the picture is larger than {PICTURE_LIMIT_BYTES >> 20} MB")
    try:
        picture = Pillow.open(BytesIO(data), formats=_FORMATS)
        if picture.width * picture.height > PIXELS_LIMIT:
            raise BrokenPicture("the picture has too many pixels to open")
        picture.draft("RGB", (COVER_SIZES[0], COVER_SIZES[0]))
        shown = _flat(ImageOps.exif_transpose(picture) or picture)
    except BrokenPicture:
        raise
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as error:
        raise BrokenPicture("the picture has too many pixels to open") from error
    except UnidentifiedImageError as error:
        raise BrokenPicture("this is no picture of a known kind") from error
    # Pillow's decoders raise nearly anything on damaged input; all of it means the same here.
    except (OSError, ValueError, SyntaxError, TypeError, IndexError, KeyError, EOFError, MemoryError, ArithmeticError,
            RuntimeError, AttributeError) as error:  # fmt: skip
        raise BrokenPicture("the picture is damaged") from error
    return _write_sizes(shown, image_id, files)


def _flat(picture: Pillow.Image) -> Pillow.Image:
    """The first frame in RGB, bounded, transparency on white."""
    picture.thumbnail((COVER_SIZES[0], COVER_SIZES[0]), Pillow.Resampling.LANCZOS)
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        white = Pillow.new("RGBA", clear.size, "white")
        white.alpha_composite(clear)
        return white.convert("RGB")
    return picture.convert("RGB")


def _write_sizes(shown: Pillow.Image, image_id: str, files: LocalFiles) -> tuple[int, int, int]:
    width, height = shown.size
    written: dict[str, bytes] = {}
    data = b""
    drawn: tuple[int, int] | None = None
    for size in COVER_SIZES:
        # Each size is drawn from the one above it; where the original is smaller, the same bytes serve.
        shown.thumbnail((size, size), Pillow.Resampling.LANCZOS)
        if shown.size != drawn:
            drawn = shown.size
            buffer = BytesIO()
            shown.save(buffer, "JPEG", quality=_QUALITY)
            data = buffer.getvalue()
        written[cover_key(image_id, size)] = data
    # The largest goes last: when it is there, all are.
    files.put_all(dict(reversed(written.items())))
    return width, height, len(written[cover_key(image_id, COVER_SIZES[0])])


def is_kept(image_id: str, files: LocalFiles) -> bool:
    """Whether every size of the cover is on disk."""
    return files.exists(cover_key(image_id, COVER_SIZES[0]))


def keep_cover(source: Path, *, embedded: bool, image_id: str | None, files: LocalFiles) -> tuple[str, int, int, int]:
    """Take a cover from an audio file or a picture file: its id, width, height, bytes. BrokenPicture, never OSError."""
    try:
        data = embedded_cover(source) if embedded else _read_bounded(source)
    except OSError as error:
        raise BrokenPicture(f"the picture cannot be read: {error.strerror or error}") from error
    if not data:
        raise BrokenPicture("the picture is empty")
    found_id = picture_key(data)
    if image_id is not None and found_id != image_id:
        raise BrokenPicture("the picture changed while it was read")
    return (found_id, *render_cover(data, found_id, files))


def _read_bounded(source: Path) -> bytes:
    with source.open("rb") as file:
        return file.read(PICTURE_LIMIT_BYTES + 1)


def image_record(image_id: str, width: int, height: int, size: int, created_at: object) -> Image:
    """The record of a kept cover."""
    return Image(image_id, "image/jpeg", width, height, size, created_at)  # type: ignore[arg-type]
