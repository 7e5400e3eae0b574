"""What the covers are drawn with: gradients, soft noise, grain, glows and small type.

Owns drawing tools over numpy colour fields (h, w, 3), 0 to 1. Refuses to know the albums.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont

EDGE = 1000
_CIRCUMFLEX = "\u0302"
Field = npt.NDArray[Any]


def colour(text: str) -> Field:
    """`#rrggbb` as three floats."""
    return np.array([int(text[place : place + 2], 16) / 255 for place in (1, 3, 5)], dtype=np.float32)


def gradient(stops: Sequence[tuple[float, str]], position: Field) -> Field:
    """Colours along `position` (any shape, 0 to 1), blended between the stops."""
    at = [place for place, _ in stops]
    shades = np.stack([colour(text) for _, text in stops])
    return np.stack([np.interp(position, at, shades[:, band]) for band in range(3)], axis=-1).astype(np.float32)


def grid(edge: int = EDGE) -> tuple[Field, Field]:
    """x and y of every pixel, 0 to 1."""
    y, x = np.mgrid[0:edge, 0:edge].astype(np.float32) / edge
    return x, y


def clouds(rng: np.random.Generator, octaves: int, cells: int, edge: int = EDGE) -> Field:
    """Soft hills, 0 to 1: random heights at doubling detail, smoothly interpolated."""
    total = np.zeros((edge, edge), dtype=np.float32)
    for octave in range(octaves):
        count = cells * 2**octave + 3
        coarse = Image.fromarray(rng.random((count, count), dtype=np.float32), mode=None)
        total += np.asarray(coarse.resize((edge, edge), Image.Resampling.BICUBIC)) / 2**octave
    low, high = float(total.min()), float(total.max())
    return (total - low) / (high - low)


def grain(picture: Image.Image, rng: np.random.Generator, amount: float) -> Image.Image:
    """A little film grain, the same on all three bands."""
    field = np.asarray(picture, dtype=np.float32) / 255
    field = field + amount * rng.standard_normal((picture.height, picture.width, 1)).astype(np.float32)
    return picture_of(field)


def picture_of(field: Field) -> Image.Image:
    """A colour field as an image."""
    return Image.fromarray((np.clip(field, 0, 1) * 255 + 0.5).astype(np.uint8), "RGB")


def glow(picture: Image.Image, radius: float, strength: float) -> Image.Image:
    """Light that spills: the picture plus a blurred copy of itself."""
    soft = np.asarray(picture.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float32) / 255
    field = np.asarray(picture, dtype=np.float32) / 255
    return picture_of(1 - (1 - field) * (1 - strength * soft))


def over(picture: Image.Image, layer: Image.Image, blur: float = 0.0) -> Image.Image:
    """An RGBA layer, perhaps blurred, laid over the picture."""
    if blur:
        layer = layer.filter(ImageFilter.GaussianBlur(blur))
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def layer(edge: int = EDGE) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A clear RGBA sheet and a brush for it."""
    sheet = Image.new("RGBA", (edge, edge), (0, 0, 0, 0))
    return sheet, ImageDraw.Draw(sheet)


def rgba(text: str, alpha: float) -> tuple[int, int, int, int]:
    """A colour with an opacity for the brushes."""
    red, green, blue = (int(band * 255 + 0.5) for band in colour(text))
    return red, green, blue, int(alpha * 255)


def write(
    brush: ImageDraw.ImageDraw,
    place: tuple[float, float],
    text: str,
    size: int,
    shade: str,
    *,
    spacing: float = 0.0,
    centred: bool = False,
) -> None:
    """Small type with letter spacing in pixels; `place` is its left (or middle) and top.

    The typeface that comes with Pillow has no accented capitals: a circumflex is drawn over its letter.
    """
    font = ImageFont.load_default(size)
    letters = [unicodedata.normalize("NFD", letter) for letter in text]
    widths = [font.getlength(letter[0]) + spacing for letter in letters]
    x = place[0] - (sum(widths) - spacing) / 2 if centred else place[0]
    for letter, width in zip(letters, widths, strict=True):
        brush.text((x, place[1]), letter[0], font=font, fill=rgba(shade, 1.0))
        if _CIRCUMFLEX in letter:
            middle, top = x + (width - spacing) / 2, place[1] + size * 0.02
            roof = [
                (middle - size * 0.17, top + size * 0.14),
                (middle, top),
                (middle + size * 0.17, top + size * 0.14),
            ]
            brush.line(roof, fill=rgba(shade, 1.0), width=max(2, size // 12), joint="curve")
        x += width


def as_jpeg(picture: Image.Image) -> bytes:
    """The picture as a JPEG of good quality."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88, optimize=True, progressive=False, subsampling=0)
    return out.getvalue()


def as_png(picture: Image.Image, colours: int) -> bytes:
    """The picture as a PNG of at most so many colours."""
    out = io.BytesIO()
    picture.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()
