"""The six covers by their names: a wet window, a map, a coast, a block print, an observatory, tides.

Owns which there are. Refuses to know tags and files: a name goes in, the bytes of a picture come out.
"""

from __future__ import annotations

from collections.abc import Callable

from services.demo.cover_paintings import coastline, night_bus, observatory, postcards
from services.demo.cover_prints import cartography, salt_letters


def draw_cover(name: str) -> bytes:
    """The cover of that name as JPEG or PNG, `EDGE` pixels square; the same bytes every time."""
    return COVERS[name]()


COVERS: dict[str, Callable[[], bytes]] = {
    "night_bus": night_bus,
    "cartography": cartography,
    "coastline": coastline,
    "salt_letters": salt_letters,
    "observatory": observatory,
    "postcards": postcards,
}
"""Every cover by the name an album refers to it with."""
