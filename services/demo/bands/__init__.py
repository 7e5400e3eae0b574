"""Who plays: five ways to arrange a piece, looked up by the name a score gives its band."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from services.demo.bands.ambient import arrange_ambient
from services.demo.bands.chamber import arrange_chamber
from services.demo.bands.folk import arrange_folk
from services.demo.bands.lofi import arrange_lofi
from services.demo.bands.synthwave import arrange_synthwave, arrange_tide
from services.demo.composer import Piece
from services.demo.mixing import Arrangement

BANDS: dict[str, Callable[[Piece, np.random.Generator], Arrangement]] = {
    "lofi": arrange_lofi,
    "ambient": arrange_ambient,
    "synthwave": arrange_synthwave,
    "tide": arrange_tide,
    "folk": arrange_folk,
    "chamber": arrange_chamber,
}
"""Each takes a composed piece and a seeded generator, and gives the parts and their place."""
