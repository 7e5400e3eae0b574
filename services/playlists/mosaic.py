"""The picture of a playlist without one: the first four covers of its songs, two by two.

Pure: bytes in, bytes out, and always the same ones for the same covers. Refuses to know playlists and where covers are.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageOps

SIDE_PIXELS = 1200
COVERS = 4


def draw(covers: Sequence[bytes]) -> bytes:
    """Four pictures as quarters of a square of 1,200 pixels, in reading order, each cut to a square around its middle.

    A BMP, because no compressor's version then shows in the bytes. ValueError unless there are four; whatever Pillow
    raises for one that is damaged. Blocking.
    """
    if len(covers) != COVERS:
        raise ValueError(f"a mosaic is made of {COVERS} covers, not {len(covers)}")
    half = SIDE_PIXELS // 2
    whole = Image.new("RGB", (SIDE_PIXELS, SIDE_PIXELS))
    for place, cover in enumerate(covers):
        with Image.open(BytesIO(cover)) as picture:
            quarter = ImageOps.fit(picture.convert("RGB"), (half, half), Image.Resampling.LANCZOS)
        whole.paste(quarter, (place % 2 * half, place // 2 * half))
    kept = BytesIO()
    whole.save(kept, "BMP")
    return kept.getvalue()
