"""Documents of the version before and after: every record is read from them, and what is not known is left alone."""

import pytest

from storage.collections.collection import Collection
from storage.collections.store import Store
from storage.sqlite import SqliteEngine

LATER = {"of_a_later_version": {"deep": [1, 2]}}


def shelves():
    store = Store(SqliteEngine("unopened.db"))
    return [each for each in vars(store).values() if isinstance(each, Collection)]


@pytest.mark.parametrize("shelf", shelves(), ids=lambda shelf: shelf.name)
def test_fewer_and_more_fields_than_are_known_are_read(shelf):
    oldest = shelf.codec.decode({"_id": "x"})
    assert shelf.codec.decode({"_id": "x", **LATER}) == oldest
    # What was read from an old document is written with today's defaults, and read again as the same.
    assert shelf.codec.decode(shelf.codec.encode(oldest)) == oldest
    assert "of_a_later_version" not in shelf.codec.encode(shelf.codec.decode({"_id": "x", **LATER}))


async def test_a_change_leaves_fields_of_a_later_version_as_they_are(tmp_path):
    engine = SqliteEngine(tmp_path / "tutti.db")
    await engine.start()
    try:
        store = Store(engine)
        await engine.insert("genres", {"_id": "g", "name": "Ambient", **LATER})
        await store.genres.update({"_id": "g"}, {"$set": {"name": "Drone"}})
        assert (await store.genres.get("g")).name == "Drone"
        assert await engine.get("genres", "g") == {"_id": "g", "name": "Drone", **LATER}
    finally:
        await engine.stop()
