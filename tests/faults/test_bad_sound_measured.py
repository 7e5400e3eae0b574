"""What the analysis and the seek bar make of bad and odd sounds: measures, or a reason on record; the song plays on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.faults.test_bad_sound import ODD, damaged, nothing_is_left, put, sounds
from tests.library.sounds import Sounds, run_ffmpeg
from tests.uploads.place import Place, open_place

__all__ = ["sounds"]

pytestmark = pytest.mark.faults


async def waveform(place: Place, song_id: str) -> int:
    return (await place.fetch(f"/waveform/{song_id}?points=50", "lis")).code


async def test_every_odd_or_damaged_sound_is_measured_or_says_why_not(tmp_path: Path, sounds: Sounds) -> None:
    made: dict[str, Path] = {}
    for kind, (extension, arguments) in ODD.items():
        made[kind] = tmp_path / f"{kind}.{extension}"
        run_ffmpeg("-f", "lavfi", "-i", "sine=330:d=3", *arguments, str(made[kind]))
    for kind in ("mp3", "flac", "m4a", "wav"):
        made[f"damaged {kind}"] = tmp_path / f"damaged.{kind}"
        made[f"damaged {kind}"].write_bytes(damaged(sounds.take(kind, 440, 24.0)))
    async with open_place(tmp_path, AUDIO_FFMPEG="", ANALYSIS_WORKERS="1") as place:
        house, store = place.household.house, place.store
        songs = {kind: (await put(place, path, path.name))[0] for kind, path in made.items()}
        tally = await house.analysing.run()
        found: dict[str, Any] = {}
        for kind, song_id in songs.items():
            song = await store.songs.get(song_id)
            file = await store.audio_files.get(song.file_id)
            record = await store.sound_analyses.get(file.payload_hash)
            found[kind] = (record.failure, record.duration_ms, await waveform(place, song_id))
        assert (tally.measured, tally.failed, tally.away) == (len(made), 0, 0)
        for kind, (failure, duration_ms, drawn) in found.items():
            assert (failure, drawn) == (None, 200), kind
            # Of a damaged sound, what is left of it is measured: a fifth is gone at most, and a little around it.
            least, most = (16_000, 24_100) if kind.startswith("damaged") else (2_990, 3_060)
            assert least <= duration_ms <= most, (kind, duration_ms)
        await nothing_is_left(place)


async def test_a_file_that_went_bad_since_its_import_says_so_on_its_record_and_the_song_stays(
    tmp_path: Path, sounds: Sounds
) -> None:
    async with open_place(tmp_path, AUDIO_FFMPEG="", ANALYSIS_WORKERS="1") as place:
        house, store = place.household.house, place.store
        replaced, path = await put(place, sounds.take("wav", 300), "replaced.wav")
        path.write_bytes(b"")
        rotten, path = await put(place, sounds.take("flac", 310), "rotten.flac")
        # A disk that lost it: nothing about the file tells.
        status = path.stat()
        path.write_bytes(bytes(status.st_size))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        tally = await house.analysing.run()
        assert (tally.measured, tally.failed, tally.away) == (0, 1, 1)
        records = await store.sound_analyses.find({}, limit=10)
        song = await store.songs.get(rotten)
        file = await store.audio_files.get(song.file_id)
        assert [record.id for record in records] == [file.payload_hash]
        assert records[0].failure.startswith("It cannot be decoded (")
        assert str(path) not in records[0].failure
        for song_id, status_of_file in ((replaced, 416), (rotten, 206)):
            assert await waveform(place, song_id) == 404
            assert not (await store.songs.get(song_id)).is_hidden
            answer = await place.fetch(f"/stream/{song_id}?quality=lossless", "lis", headers={"Range": "bytes=0-9"})
            assert answer.code == status_of_file
        assert (await house.analysing.run()).failed == 0, "not tried again"
        await nothing_is_left(place)
