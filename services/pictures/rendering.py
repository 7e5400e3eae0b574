"""Any picture in, JPEGs of known sizes out: upright, in sRGB, without a word about where and by whom it was taken.

Owns the bounds on pictures from strangers, all checked before a pixel is decoded. Refuses to know what a picture is of.
"""

from __future__ import annotations

import struct
import threading
from contextlib import nullcontext
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import Any, cast

from PIL import ExifTags, ImageCms, ImageOps, UnidentifiedImageError, features
from PIL import Image as Pillow

from services.audio.formats.probe import PICTURE_LIMIT_BYTES
from storage.collections.store import Store
from storage.files import Files
from storage.records import Image

COVER_SIZES = (1200, 640, 300, 96)
"""Longest sides in pixels; a smaller original is not enlarged."""

PIXELS_LIMIT = 50_000_000
LARGE_PIXELS = 12_000_000
_ONE_LARGE = threading.Lock()
"""Pictures of more pixels are opened one after another in the whole process: the largest takes 300 MB meanwhile."""
_STRIP_PIXELS = 1 << 20
SCANS_LIMIT = 64
"""Progressive JPEGs have about ten; each further one costs a pass over the whole picture."""

PROFILE_LIMIT_BYTES = 4 << 20
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF") + (("AVIF",) if features.check("avif") else ())
_QUALITY = 88
_TILE_WIDTH, _TILE_LENGTH = 322, 323


class BrokenPicture(Exception):
    """This picture cannot be shown; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture in every size: width and height of the largest in pixels, the bytes of each by its longest side.

    `sums` has their SHA-256, by the same as text.
    """

    width: int
    height: int
    sizes: dict[int, bytes]
    sums: dict[str, str]

    @property
    def size(self) -> int:
        """Bytes of the largest."""
        return len(self.sizes[COVER_SIZES[0]])


def cover_key(image_id: str, size: int, suffix: str = "jpg") -> str:
    """The file key of a cover at one of COVER_SIZES."""
    return f"images/{image_id[:2]}/{image_id}-{size}.{suffix}"


def render_cover(data: bytes) -> Drawn:
    """Draw every size of a picture. BrokenPicture says what is wrong.

    At most 32 MB and 50 million pixels are looked at, before anything is decoded; of what moves, the first frame.
    Blocking.
    """
    if len(data) > PICTURE_LIMIT_BYTES:
        raise BrokenPicture(f"the picture is larger than {PICTURE_LIMIT_BYTES >> 20} MB")
    try:
        picture = Pillow.open(BytesIO(data), formats=_FORMATS)
        _refuse_bombs(picture, data)
        picture.draft("RGB" if picture.mode != "CMYK" else "CMYK", (COVER_SIZES[0], COVER_SIZES[0]))
        with _ONE_LARGE if picture.width * picture.height > LARGE_PIXELS else nullcontext():
            shown = _shown(picture)
    except BrokenPicture:
        raise
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as error:
        raise BrokenPicture("the picture has too many pixels to open") from error
    except UnidentifiedImageError as error:
        raise BrokenPicture("this is no picture of a known kind") from error
    # Pillow's decoders raise nearly anything on damaged input; all of it means the same here.
    except (OSError, ValueError, SyntaxError, TypeError, IndexError, KeyError, EOFError, MemoryError, ArithmeticError,
            RuntimeError, AttributeError, struct.error) as error:  # fmt: skip
        raise BrokenPicture("the picture is damaged") from error
    return _draw_sizes(shown)


def _refuse_bombs(picture: Pillow.Image, data: bytes) -> None:
    """BrokenPicture for headers that promise more than is decoded here: pixels, TIFF tiles, JPEG scans."""
    pixels = picture.width * picture.height
    tags: Any = getattr(picture, "tag_v2", {})
    tile = tags.get(_TILE_WIDTH, 0) * tags.get(_TILE_LENGTH, 0)
    if pixels > PIXELS_LIMIT or tile > PIXELS_LIMIT:
        raise BrokenPicture("the picture has too many pixels to open")
    if picture.format in ("JPEG", "MPO") and data.count(b"\xff\xda") > SCANS_LIMIT:
        raise BrokenPicture("the picture has too many scans to open")


def _shown(picture: Pillow.Image) -> Pillow.Image:
    """The first frame as everybody sees it: bounded, upright, eight bits of sRGB, transparency on white."""
    picture.load()
    orientation = picture.getexif().get(ExifTags.Base.Orientation)
    profile = picture.info.get("icc_profile")
    if picture.mode == "P":
        picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    elif picture.mode == "1":
        picture = picture.convert("L")
    if picture.mode in ("RGBA", "LA") and picture.width * picture.height > LARGE_PIXELS:
        picture = _reduced(picture)
    picture.thumbnail((COVER_SIZES[0], COVER_SIZES[0]), Pillow.Resampling.LANCZOS)
    picture = _eight_bits(picture)
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        white = Pillow.new("RGBA", clear.size, "white")
        white.alpha_composite(clear)
        picture = white.convert("RGB")
    shown = _in_srgb(picture, profile)
    if orientation is not None:
        shown.getexif()[ExifTags.Base.Orientation] = orientation
        ImageOps.exif_transpose(shown, in_place=True)
    # Encoders copy comments, EXIF (places!) and profiles from here: nothing of it goes on.
    clean = Pillow.new("RGB", shown.size)
    clean.paste(shown)
    return clean


def _reduced(picture: Pillow.Image) -> Pillow.Image:
    """A large picture with clear parts, at least twice as large as it is shown, made strip by strip.

    Pillow weighs colours by how clear they are in a copy of the whole: another 200 MB for the largest.
    """
    factor = max(picture.size) // (2 * COVER_SIZES[0])
    if factor < 2:
        return picture
    width, height = picture.size
    small = Pillow.new(picture.mode, (-(-width // factor), -(-height // factor)))
    rows = factor * max(1, _STRIP_PIXELS // (width * factor))
    for top in range(0, height, rows):
        strip = picture.crop((0, top, width, min(top + rows, height)))
        small.paste(strip.reduce(factor), (0, top // factor))
    return small


def _eight_bits(picture: Pillow.Image) -> Pillow.Image:
    """Sixteen bits (and floats from 0 to 1) brought down; Pillow alone would cut them off at white."""
    if picture.mode.startswith("I") or picture.mode == "F":
        wide = picture.convert("F")
        top = cast(float, cast(Any, wide.getextrema())[1])
        scale = 255.0 if picture.mode == "F" and top <= 1 else 1 / 257 if top > 255 else 1.0
        return wide.point(lambda value: value * scale).convert("L")
    return picture


def _in_srgb(picture: Pillow.Image, profile: Any) -> Pillow.Image:
    """The picture in sRGB by its own profile; as it is where it has none, or one that does not fit it."""
    if isinstance(profile, bytes) and 0 < len(profile) <= PROFILE_LIMIT_BYTES:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    return picture.convert("RGB")


async def keep_cover_files(image_id: str, drawn: Drawn, files: Files) -> None:
    """Keep every size. The largest goes last: when it is there, all are."""
    await files.put_all({cover_key(image_id, size): drawn.sizes[size] for size in sorted(drawn.sizes)})


def _draw_sizes(shown: Pillow.Image) -> Drawn:
    width, height = shown.size
    sizes: dict[int, bytes] = {}
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
        sizes[size] = data
    return Drawn(width, height, sizes, {str(size): sha256(data).hexdigest() for size, data in sizes.items()})


async def is_kept(image_id: str, files: Files) -> bool:
    """Whether every size of the cover is kept."""
    return await files.exists(cover_key(image_id, COVER_SIZES[0]))


def image_record(image_id: str, drawn: Drawn, created_at: Any) -> Image:
    """The record of a kept cover."""
    return Image(image_id, "image/jpeg", drawn.width, drawn.height, drawn.size, created_at, drawn.sums)


async def keep_record(store: Store, record: Image) -> None:
    """Write the record of a kept cover; one that was kept before has the files that were drawn last."""
    fields = store.images.codec.encode(record)
    fields.pop("_id")
    drawn = {name: fields.pop(name) for name in ("size", "sums")}
    await store.images.update({"_id": record.id}, {"$set": drawn, "$setOnInsert": fields}, upsert=True)
