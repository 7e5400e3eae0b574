"""Fixtures of the graph tests."""

import pytest
from graph_rig import furnish, serving, small_house


@pytest.fixture
async def rig(tmp_path):
    async with small_house(tmp_path) as rig:
        yield rig


@pytest.fixture
async def music(rig):
    await furnish(rig)
    return rig


@pytest.fixture
async def client(music):
    async with serving(music) as client:
        yield client
