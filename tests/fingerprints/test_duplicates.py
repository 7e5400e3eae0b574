"""Songs of the same sound, from import to answer."""

import pytest

from services.errors import TuttiError
from services.viewer import NOBODY, SYSTEM
from tests.analysis.conftest import shelf  # noqa: F401
from tests.analysis.signals import music


async def test_a_copy_in_another_codec_is_found_and_another_song_is_not(shelf):  # noqa: F811
    shelf.put("First", music(12))
    shelf.put("Copy", music(12), kind="mp3", track="2")
    shelf.put("Other", music(12, seed=9)[:, ::-1].copy(), track="3")
    async with shelf.household() as household:
        await household.house.analysing.run()
        songs = await household.store.songs.find({}, limit=10)
        ids = {song.title: song.id for song in songs}
        found = await household.house.duplicates.of_song(SYSTEM, ids["First"])
        assert [(match.song.title, match.codec) for match in found] == [("Copy", "mp3")]
        with pytest.raises(TuttiError):
            await household.house.duplicates.of_song(NOBODY, ids["First"])
