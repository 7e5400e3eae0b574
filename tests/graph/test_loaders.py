"""Loaders: one question for all that is wanted in a turn of the loop, whatever happens in between."""

from graph.loaders import Loader


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
