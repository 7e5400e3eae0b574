"""Loaders: one question for all that is wanted in a turn of the loop, whatever happens in between."""

import asyncio

import pytest

from graph.loaders import Loader, Loaders
from services.viewer import NOBODY
from tests.catalogue_rig import Rig


class Cancelled:
    """Equal to any sign of having been cancelled."""

    def __eq__(self, other):
        return isinstance(other, asyncio.CancelledError)


CANCELLED = Cancelled()


async def test_what_is_wanted_in_one_turn_is_fetched_together():
    asked = []

    async def fetch(keys):
        asked.append(keys)
        return {key: key.upper() for key in keys if key != "c"}

    loader = Loader("letters", fetch)
    assert [await each for each in [loader.load("a"), loader.load("b"), loader.load("c")]] == ["A", "B", None]
    assert loader.load("a") == "A"
    assert asked == [["a", "b", "c"]]


async def test_forgetting_between_the_asking_and_the_fetching_loses_nobody():
    answers = iter(["old", "new"])

    async def fetch(keys):
        return dict.fromkeys(keys, next(answers))

    loader = Loader("letters", fetch)
    before = loader.load("a")
    loader.forget()
    after = loader.load("a")
    assert [await before, await after] == ["old", "old"]
    loader.forget()
    assert await loader.load("a") == "new"


async def test_whoever_waits_for_a_loader_that_closes_is_let_go():
    began = asyncio.Event()

    async def fetch(keys):
        began.set()
        await asyncio.Event().wait()

    loader = Loader("letters", fetch)
    waiting = [asyncio.ensure_future(loader.one("a"))]
    await began.wait()
    waiting.append(asyncio.ensure_future(loader.one("b")))
    await asyncio.sleep(0)
    loader.load("c")
    await loader.close()
    assert await asyncio.gather(*waiting, return_exceptions=True) == [CANCELLED, CANCELLED]


async def test_nothing_is_fetched_for_stragglers_after_the_end():
    asked = []

    async def fetch(keys):
        asked.append(keys)
        return {}

    loader = Loader("letters", fetch)
    await loader.close()
    straggler = asyncio.ensure_future(loader.one("a"))
    assert await asyncio.gather(straggler, return_exceptions=True) == [CANCELLED]
    assert asked == []


async def test_a_loader_first_asked_for_after_the_end_fetches_nothing(rig: Rig):
    loaders = Loaders(rig.house, NOBODY)
    assert loaders.songs is loaders.songs
    assert loaders.made == [loaders.songs]
    await loaders.close()
    before = rig.engine.asked.copy()
    with pytest.raises(asyncio.CancelledError):
        await loaders.albums.one("dawn")
    with pytest.raises(asyncio.CancelledError):
        await loaders.songs.one("s1")
    assert rig.engine.asked == before
