"""A server killed while a song's file goes elsewhere: no row without its object, and no object stays without a row."""

from __future__ import annotations

import pytest

from server import composition
from server.composition import open_household
from server.config import load_settings
from storage.records import UploadState
from tests.files.far import FarFolder
from tests.uploads.test_killed import upload_and_die
from tests.uploads.test_resumable import Later


@pytest.mark.parametrize("point", ["place", "file record", "song"])
async def test_a_song_is_whole_or_not_there_wherever_the_process_died(tmp_path, point, monkeypatch):
    upload_and_die(tmp_path, point, "far")
    far = FarFolder(tmp_path / "far")
    monkeypatch.setattr(composition, "make_files", lambda _: far)
    settings = load_settings(None, {"TUTTI_STORAGE_DATA_DIR": str(tmp_path / "data"), "TUTTI_LIBRARY_DEMO": "false"})
    async with open_household(settings, Later(1)) as household:
        store = household.store
        for file in await store.audio_files.find({}):
            assert (await far.look(file.path.removeprefix("files:"))).size == file.size
        assert await household.house.uploads.sweep() == 1
        is_written = point == "song"
        assert await store.songs.count({}) == await store.audio_files.count({}) == is_written
        assert len([each async for each in far.list("uploads")]) == is_written
        [upload] = await store.uploads.find({})
        assert upload.state == (UploadState.USED if is_written else UploadState.COMPLETE)
