"""From an import to measures that are kept: the work itself, its failures, and its end."""

import asyncio
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from server.settings import AnalysisSettings
from services.analysis import keeping, waiting
from services.analysis import workers as workers_module
from services.analysis.decoding import Sound
from services.analysis.worker import Task
from services.analysis.workers import TookTooLong, WorkerDied, Workers
from services.events import CatalogueChanged
from services.leases import Leases
from services.viewer import SYSTEM
from tests.analysis.signals import music, sine, write_wav
from tests.sound_tool import QUICK_FFMPEG

FFMPEG = Path(QUICK_FFMPEG)


async def until(condition) -> None:
    """Let the loop turn until the condition holds."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def processes(group: int) -> list[int]:
    """Living processes of a group: a worker and what it runs."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[2]) == group and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def long_noise():
    """A minute and a half, quick to make and slow to measure: most of a second."""
    return np.random.default_rng(5).uniform(-0.1, 0.1, (2, 44100 * 90))


async def song(household, title):
    return await household.store.songs.first({"title": title})


async def analysis(household, title):
    return await household.house.sound_facts.of_song(await song(household, title))


async def test_what_was_imported_is_measured_and_kept(two_songs):
    two_songs.settings = replace(two_songs.settings, analysis=AnalysisSettings(workers=2))
    async with two_songs.household() as household:
        heard = []
        household.house.bus.hear(CatalogueChanged, heard.append)
        shown = []
        tally = await household.house.analysing.run(shown.append)
        assert (tally.measured, tally.failed, tally.away) == (2, 0, 0)
        assert [(each.done, each.total) for each in shown] == [(1, 2), (2, 2)]
        tone = await analysis(household, "Tone")
        # A little below -23: the blocks at both edges pass the gate with less than a whole block of tone.
        assert tone.loudness_lufs == pytest.approx(-23.15, abs=0.02)
        assert (tone.duration_ms, tone.silence_start_ms, tone.silence_end_ms) == (10_000, 1000, 9000)
        assert tone.true_peak_dbtp == pytest.approx(-23.0, abs=0.1)
        music_song = await song(household, "Music")
        assert music_song.features.tempo == 97, "the tag says so"
        assert "tempo" not in music_song.features.measured
        assert music_song.features.energy is not None
        assert "energy" in music_song.features.measured
        assert music_song.id in {id for event in heard for id in event.song_ids}
        assert await household.house.waveforms.drawn(SYSTEM, music_song.id, 50)
        assert household.house.analysing.workers.pids == []
        again = await household.house.analysing.run()
        assert (again.measured, again.known) == (0, 0)


async def test_new_tags_and_names_measure_nothing_again(two_songs):
    async with two_songs.household() as household:
        await household.house.analysing.run()
        (two_songs.music / "Tone.flac").rename(two_songs.music / "Renamed.flac")
        await household.importer.run([two_songs.music])
        tally = await household.house.analysing.run()
        assert tally.measured == 0
        assert await analysis(household, "Tone") is not None


async def test_another_version_measures_everything_again(two_songs, monkeypatch):
    async with two_songs.household() as household:
        await household.house.analysing.run()
        for module in (waiting, keeping):
            monkeypatch.setattr(module, "VERSION", 3)
        assert (await household.house.analysing.run()).measured == 2
        assert (await analysis(household, "Tone")).version == 3


async def test_a_file_that_cannot_be_decoded_fails_once_and_says_why(shelf):
    shelf.put("Music", music(6))
    path = shelf.put("Noise", music(6, seed=4), kind="m4a")
    shelf.spoil(path)
    async with shelf.household() as household:
        tally = await household.house.analysing.run()
        assert (tally.measured, tally.failed) == (1, 1)
        file = await household.store.audio_files.first({"path": str(path)})
        kept = await household.store.sound_analyses.get(file.payload_hash)
        assert kept.failure == tally.failures[0][1]
        assert kept.failure.startswith("It cannot be decoded (")
        assert str(path) not in kept.failure
        assert await analysis(household, "Noise") is None
        # It can be played as before: the file is there and the song shows.
        found = await song(household, "Noise")
        assert not found.is_hidden
        sound = await household.house.deliveries.open(SYSTEM, found.id, "lossless")
        sound.close()
        assert (await household.house.analysing.run()).failed == 0, "not tried again"
        progress = await household.house.analysis_desk.progress(SYSTEM)
        assert (progress.waiting, progress.running, progress.done, progress.failed) == (0, 0, 1, 1)
        await household.house.analysis_desk.reanalyse(SYSTEM, found.id)
        assert (await household.house.analysing.run()).failed == 1, "unless somebody asks"


async def test_a_file_that_is_away_or_changed_is_left_for_later(two_songs):
    async with two_songs.household() as household:
        (two_songs.music / "Tone.flac").unlink()
        with (two_songs.music / "Music.flac").open("ab") as file:
            file.write(b"more")
        tally = await household.house.analysing.run()
        assert (tally.measured, tally.failed, tally.away) == (0, 0, 2)
        assert await household.store.sound_analyses.count({}) == 0


async def test_a_killed_worker_is_replaced_and_the_sound_measured(shelf, log_watch):
    log_watch.expect("a worker died while it measured a sound")
    shelf.put("Long", long_noise())
    async with shelf.household() as household:
        analysing = household.house.analysing
        run = asyncio.create_task(analysing.run())
        await until(lambda: analysing.workers.pids)
        [first] = analysing.workers.pids
        await until(lambda: len(processes(first)) == 2)
        os.kill(first, signal.SIGKILL)
        tally = await run
        assert (tally.measured, tally.failed) == (1, 0)
        assert analysing.workers.lost == 1
        await until(lambda: not processes(first))


async def test_a_sound_that_kills_its_workers_fails(two_songs, log_watch, monkeypatch):
    log_watch.expect("a worker died while it measured a sound")
    async with two_songs.household() as household:
        analysing = household.house.analysing

        async def die(_task):
            raise WorkerDied(-9)

        monkeypatch.setattr(analysing.workers, "measure", die)
        tally = await analysing.run()
        assert tally.failed == 2
        assert {reason for _, reason in tally.failures} == {
            "The process that measured it was ended 2 times (status -9)."
        }


async def test_stopping_in_the_middle_leaves_no_process_and_loses_nothing(shelf):
    shelf.put("Long", long_noise())
    async with shelf.household() as household:
        analysing = household.house.analysing
        run = asyncio.create_task(analysing.run())
        await until(lambda: analysing.workers.pids)
        [worker] = analysing.workers.pids
        await until(lambda: len(processes(worker)) == 2)
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
        await analysing.stop()
        assert (analysing.running, analysing.measured) == (0, 0)
        await until(lambda: not processes(worker))
        assert await household.store.leases.count({}) == 0
        assert (await household.house.analysis_desk.progress(SYSTEM)).waiting == 1
        assert (await analysing.run()).measured == 1


async def test_the_background_begins_after_a_change_and_makes_way_for_listeners(two_songs):
    async with two_songs.household() as household:
        analysing = household.house.analysing
        analysing._quiet_s = 0.0
        busy = True
        analysing._busy = lambda: busy
        analysing.start()
        household.house.bus.publish(CatalogueChanged(("any",)))
        await until(lambda: analysing._turn.locked())
        assert analysing.workers.pids == []
        busy = False
        await until(lambda: analysing.measured == 2)
        await until(lambda: not analysing.workers.pids)
        await analysing.stop()


async def test_what_another_process_measures_is_left_to_it(two_songs):
    async with two_songs.household() as household:
        file = await household.store.audio_files.first({"path": str(two_songs.music / "Tone.flac")})
        name = f"measure sound {file.payload_hash}"
        other = Leases(household.store, household.house.clock)
        assert await other.take(name, 60)
        run = asyncio.create_task(household.house.analysing.run())
        await until(lambda: household.house.analysing.measured == 1)
        assert not run.done()
        await other.release(name)
        assert (await run).measured == 2


async def test_an_album_has_a_loudness_when_all_its_songs_are_measured(two_songs):
    async with two_songs.household() as household:
        album = await household.store.albums.first({"title": "Steady"})
        facts = household.house.sound_facts
        assert await facts.album_loudness(album.id) is None
        await household.house.analysing.run()
        found = (await facts.of_albums([album.id, "nowhere"]))[album.id]
        each = [await analysis(household, title) for title in ("Tone", "Music")]
        assert min(one.loudness_lufs for one in each) < found.loudness_lufs < max(one.loudness_lufs for one in each)
        assert found.true_peak_dbtp == max(one.true_peak_dbtp for one in each)


async def test_measures_without_files_are_swept(two_songs):
    async with two_songs.household() as household:
        await household.house.analysing.run()
        assert await household.house.sound_keeping.sweep() == 0
        await household.store.audio_files.delete({"path": str(two_songs.music / "Tone.flac")})
        assert await household.house.sound_keeping.sweep() == 1
        assert await household.store.waveforms.count({}) == 1


async def test_a_worker_that_takes_too_long_is_ended(tmp_path, monkeypatch):
    path = write_wav(tmp_path / "tone.wav", sine(440, -20, 2))
    os.mkfifo(tmp_path / "never.wav")
    workers = Workers(FFMPEG, 1)
    try:
        assert (await workers.measure(Task(Sound(str(path), 48000, 1), 30))).duration_ms == 2000
        [worker] = workers.pids
        assert os.getpriority(os.PRIO_PROCESS, worker) >= 15
        monkeypatch.setattr(workers_module, "GRACE_S", -29.7)
        with pytest.raises(TookTooLong):
            await workers.measure(Task(Sound(str(tmp_path / "never.wav"), 48000, 1), 30))
        assert workers.pids == []
        await until(lambda: not processes(worker))
    finally:
        await workers.stop()


async def test_a_worker_ends_with_its_parent(tmp_path):
    code = (
        "import asyncio, os, sys\n"
        "from pathlib import Path\n"
        "from services.analysis.workers import Workers, Task\n"
        "from services.analysis.decoding import Sound\n"
        "async def main():\n"
        "    workers = Workers(Path(sys.argv[1]), 1)\n"
        "    await workers.measure(Task(Sound(sys.argv[2], 48000, 1), 30))\n"
        "    print(workers.pids[0], flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "if __name__ == '__main__':\n"
        "    asyncio.run(main())\n"
    )
    path = write_wav(tmp_path / "tone.wav", sine(440, -20, 1))
    script = tmp_path / "parent.py"
    script.write_text(code)
    root = Path(__file__).parent.parent.parent
    parent = await asyncio.create_subprocess_exec(
        sys.executable, str(script), str(FFMPEG), str(path),
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    worker = int(await asyncio.wait_for(parent.stdout.readline(), 30))
    assert processes(worker)
    parent.kill()
    await parent.wait()
    await until(lambda: not processes(worker))
