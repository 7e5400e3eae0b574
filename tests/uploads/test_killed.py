"""A server killed at any moment: no song without a file, no file without a song, no acknowledged byte lost."""

import fcntl
import os
import signal
from pathlib import Path

import pytest

from server.composition import open_household
from server.config import load_settings
from storage.records import UploadState
from tests.server.conftest import Process
from tests.uploads.place import open_place, tone
from tests.uploads.test_resumable import Later
from tests.warm_python import warm_python

pytestmark = pytest.mark.faults

CHILD = Path(__file__).with_name("killed_upload.py")


def upload_and_die(folder, point, *more):
    child = warm_python().run(CHILD, str(folder), point, *more, env=os.environ, reads=["tests.uploads.place"])
    assert child.returncode == -signal.SIGKILL, child.stderr


@pytest.mark.parametrize("point", ["note", "place", "file record", "song", "albums", "end"])
async def test_a_song_is_whole_or_not_there_wherever_the_process_died(tmp_path, point):
    upload_and_die(tmp_path, point)
    settings = load_settings(None, {"TUTTI_STORAGE_DATA_DIR": str(tmp_path / "data"), "TUTTI_LIBRARY_DEMO": "false"})
    async with open_household(settings, Later(1)) as household:
        store, uploads = household.store, household.house.uploads
        is_written = point in ("song", "albums", "end")
        [song] = [await store.songs.first({})]
        assert (song is not None) == is_written
        if song is not None:
            file = await store.audio_files.get(song.file_id)
            assert file is not None
            assert file.path == str(next((tmp_path / "data/uploads/songs").glob("*/*.wav")))
        assert await uploads.sweep() == (point != "end")
        [upload] = await store.uploads.find({})
        kept = [path for path in (tmp_path / "data/uploads/songs").rglob("*") if path.is_file()]
        waiting = list((tmp_path / "data/uploads/staging").iterdir())
        assert len(kept) == is_written
        assert await store.audio_files.count({}) == is_written
        if is_written:
            assert (upload.state, upload.song_id) == (UploadState.USED, song.id)
            assert (await store.albums.get("dawn")).total_tracks == 1
            assert (await store.artists.get("ann")).song_count == 1
            assert point == "end" or waiting == []
        else:
            # Nothing is lost: the upload is there to be taken again.
            assert (upload.state, upload.song_id, len(waiting)) == (UploadState.COMPLETE, None, 1)
        assert await uploads.sweep() == 0


async def test_what_a_dead_process_was_at_is_finished_at_once_and_what_a_living_one_is_at_is_left_alone(tmp_path):
    upload_and_die(tmp_path, "file record")
    settings = load_settings(None, {"TUTTI_STORAGE_DATA_DIR": str(tmp_path / "data"), "TUTTI_LIBRARY_DEMO": "false"})
    async with open_household(settings) as household:
        uploads = household.house.uploads
        [upload] = await household.store.uploads.find({})
        held = tmp_path / "data" / "uploads" / "staging" / f"{upload.id}.held"
        with held.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            assert await uploads.sweep() == 0
        assert await uploads.sweep() == 1
        [upload] = await household.store.uploads.find({})
        assert (upload.state, held.exists()) == (UploadState.COMPLETE, False)


async def test_acknowledged_bytes_survive_a_killed_server(tmp_path):
    sound = tone(tmp_path / "long.wav", seconds=120)
    async with open_place(tmp_path) as place:
        upload = await place.announce(sound, prove=True)
        process = Process(place.data)
        process.start()
        place.base = process.base
        assert (await place.put(upload["url"], sound, 0, 4_999_999)).code == 308
        process.child.kill()
        process.child.wait()
        process.child.stdout.close()
        process.start()
        try:
            place.base = process.base
            status = await place.fetch(upload["url"], "ann", method="HEAD")
            assert status.headers["Upload-Offset"] == "5000000"
            assert (await place.put(upload["url"], sound, 5_000_000, len(sound) - 1)).code == 200
            song = await place.song(upload=upload["id"])
            heard = await place.fetch(song["audioUrl"] + "&quality=lossless")
            assert heard.body == sound
        finally:
            process.stop()
