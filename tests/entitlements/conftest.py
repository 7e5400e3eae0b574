"""A small house that keeps rations."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.entitlements.table import TierTable
from tests.catalogue_rig import Rig, furnish, small_house


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[Rig]:
    """A furnished house in which skips and playing devices are counted."""
    async with small_house(tmp_path, tiers=TierTable(rations=True)) as made:
        await furnish(made)
        yield made
