"""A small house that takes money from a stand-in."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from tests.billing.till import Till, furnish_till
from tests.catalogue_rig import Rig, rig

__all__ = ["rig", "till"]


@pytest.fixture
async def till(rig: Rig) -> AsyncIterator[Till]:
    async with AsyncExitStack() as undo:
        yield furnish_till(rig, undo)
