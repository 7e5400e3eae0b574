"""`files verify` and `files move`: every fault found by name, only our own mended, nothing lost on the way."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from server import composition
from services.clock import SetClock
from services.errors import Conflict, Unavailable
from services.files.findings import MEANING, TOLD_LIMIT, Fault, Findings
from services.files.moving import Moving
from services.files.sweeping import FileSweep
from services.files.verifying import Verifying
from services.pictures.rendering import cover_key
from storage.files import FilesAway, LocalFiles
from storage.records import FileState
from tests.files.conftest import bucket_at
from tests.files.far import FarFolder
from tests.pictures.canvas import corners
from tests.services.exercised import exercised
from tests.stream.stage import encode
from tests.uploads.place import open_place, tone
from tests.warm_python import RUN, warm_python


@pytest.fixture(
    params=[
        pytest.param("local", marks=pytest.mark.long),
        "far",
        pytest.param("s3", marks=pytest.mark.services),
    ]
)
def store(request, tmp_path):
    if request.param == "s3":
        exercised("MinIO through aiobotocore")
        return bucket_at(request.getfixturevalue("minio"))
    return LocalFiles(tmp_path / "data") if request.param == "local" else FarFolder(tmp_path / "far")


@pytest.fixture
async def place(tmp_path, store, monkeypatch):
    """A house with a song that was sent in, a picture in two formats, and a library of two songs."""
    monkeypatch.setattr(composition, "make_files", lambda _: store)
    async with open_place(tmp_path) as place:
        sent = await place.send_file(tone(tmp_path / "sent.wav", 1.0))
        assert sent.code == 200
        picture = BytesIO()
        corners(1300).save(picture, "PNG")
        place.image_id = await place.household.house.pictures.keep(picture.getvalue(), field="cover")
        assert (await place.fetch(f"/covers/{place.image_id}", headers={"Accept": "image/webp"})).code == 200
        library = tmp_path / "music"
        library.mkdir()
        tone(library / "a.wav", 1.0, 300)
        tone(tmp_path / "b.wav", 3.0, 500)
        encode(tmp_path / "b.wav", "flac").rename(library / "b.flac")
        await place.household.importer.run([library])
        place.song = await place.store.songs.first({"title": "Song"})
        place.file = await place.store.audio_files.get(place.song.file_id)
        place.key = f"uploads/songs/{place.song.id[-2:].lower()}/{place.song.id}.wav"
        yield place


async def look(place, *, repair=False, quick=False, later=timedelta()):
    house, household = place.household.house, place.household
    clock = SetClock(house.clock.now() + later)
    verifying = Verifying(household.store, household.files, household.folder, household.ffmpeg, clock, house.bus)
    steps = []
    found = await verifying.verify(repair=repair, quick=quick, progress=lambda *step: steps.append(step))
    assert [done for done, _, _ in steps] == list(range(1, len(steps) + 1))
    assert {total for _, total, _ in steps} == {len(steps)}
    return found


def told(found):
    # Songs' ids begin in digits of their time, pictures' anywhere: by kind, or the order would change.
    names = [(each.fault.value, Path(each.name).suffix, Path(each.name).name, each.is_mended) for each in found.told]
    return [(fault, name, is_mended) for fault, _, name, is_mended in sorted(names)]


async def flip(store, key):
    """One byte in the middle is another."""
    data = bytearray(await store.get(key))
    data[len(data) // 2] ^= 1
    await store.put(key, bytes(data))


async def test_a_house_in_order_has_no_findings(place):
    for quick in (False, True):
        found = await look(place, quick=quick)
        assert (told(found), found.are_well, found.looked_at) == ([], True, 4)
        assert found.lines()[-1] == "All files are well."
    assert found.read_bytes == 0


async def test_rot_is_found_by_name_in_songs_and_pictures(place, store):
    cover = cover_key(place.image_id, 300)
    await flip(store, place.key)
    await flip(store, cover)
    found = await look(place)
    assert told(found) == [("rot", Path(cover).name, False), ("rot", Path(place.key).name, False)]
    assert not found.are_well
    assert (await look(place, quick=True)).are_well
    mended = await look(place, repair=True)
    assert told(mended) == [("rot", Path(cover).name, True), ("rot", Path(place.key).name, False)]
    assert told(await look(place)) == [("rot", Path(place.key).name, False)]
    shown = await place.fetch(f"/covers/{place.image_id}?size=300")
    assert Image.open(BytesIO(shown.body)).size == (300, 300)


async def test_a_damaged_format_is_dropped_and_drawn_again(place, store):
    key = cover_key(place.image_id, 640, "webp")
    await store.put(key, (await store.get(key))[:500])
    assert told(await look(place, repair=True)) == [("rot", Path(key).name, True)]
    assert await store.get(key) is None
    assert (await place.fetch(f"/covers/{place.image_id}", headers={"Accept": "image/webp"})).code == 200
    assert (await look(place)).are_well


async def test_what_is_missing_is_marked_and_its_song_hidden(place, store):
    await store.delete(place.key)
    for size in (300, 96):
        await store.delete(cover_key(place.image_id, size))
    found = await look(place, quick=True)
    assert told(found) == [
        ("missing", f"{place.image_id}-300.jpg", False),
        ("missing", f"{place.image_id}-96.jpg", False),
        ("missing", Path(place.key).name, False),
    ]
    assert (await place.store.songs.get(place.song.id)).is_hidden is False
    found = await look(place, repair=True)
    assert found.are_well
    assert (await place.store.songs.get(place.song.id)).is_hidden is True
    assert (await place.store.audio_files.get(place.file.id)).state == FileState.VANISHED
    assert (await look(place)).are_well
    assert await store.exists(cover_key(place.image_id, 96))


async def test_an_orphan_goes_when_it_is_older_than_a_day(place, store):
    for key in ("images/ab/ab00-640.jpg", "uploads/songs/zz/nobodys.wav"):
        await store.put(key, b"left over")
    young = await look(place)
    assert (told(young), young.too_new, young.are_well) == ([], 2, True)
    day = timedelta(days=1, minutes=1)
    found = await look(place, later=day)
    orphans = [("orphan", "ab00-640.jpg", False), ("orphan", "nobodys.wav", False)]
    assert (told(found), found.are_well) == (orphans, False)
    assert await store.exists("images/ab/ab00-640.jpg")
    found = await look(place, repair=True, later=day)
    assert (told(found), found.are_well) == ([(*each[:2], True) for each in orphans], True)
    assert not await store.exists("uploads/songs/zz/nobodys.wav")
    assert (await look(place, later=day)).told == []


async def test_a_library_is_read_to_the_end_and_never_touched(place, tmp_path):
    library = tmp_path / "music"
    before = {path: path.stat() for path in library.iterdir()}
    for path, status in before.items():
        data = bytearray(path.read_bytes())
        data[len(data) * 3 // 4] ^= 1
        path.write_bytes(data)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    found = await look(place, repair=True)
    assert told(found) == [("rot", "b.flac", False), ("rot", "a.wav", False)]
    assert (await look(place, quick=True)).are_well
    os.utime(library / "a.wav")
    (library / "b.flac").unlink()
    found = await look(place, repair=True)
    assert told(found) == [("changed", "a.wav", False), ("missing", "b.flac", False)]
    assert [path.name for path in library.iterdir()] == ["a.wav"]
    states = {file.state for file in await place.store.audio_files.find({})}
    assert states == {FileState.PRESENT.value}


async def test_nothing_is_mended_when_nothing_is_there(place, store):
    await store.delete(place.key)
    for size in (1200, 640, 300, 96):
        await store.delete(cover_key(place.image_id, size))
    with pytest.raises(Conflict, match="mounted"):
        await look(place, repair=True)
    assert (await place.store.audio_files.get(place.file.id)).state == FileState.PRESENT
    assert await place.store.images.get(place.image_id) is not None


async def test_a_store_that_is_away_marks_nothing(place, store, monkeypatch, log_watch):
    log_watch.expect("the store of files failed")

    async def refuse(*_):
        raise FilesAway("away (test)")

    for name in ("look", "get", "exists"):
        monkeypatch.setattr(store, name, refuse)
    place.household.files.__dict__.clear()
    place.household.files.__dict__.update(_files=store, name=store.name)
    with pytest.raises(Unavailable):
        await look(place, repair=True)
    assert (await place.store.audio_files.get(place.file.id)).state == FileState.PRESENT


@pytest.fixture(params=["far", pytest.param("s3", marks=pytest.mark.services)])
async def elsewhere(request, tmp_path):
    if request.param == "s3":
        exercised("MinIO through aiobotocore")
        far = bucket_at(request.getfixturevalue("minio"))
        await far.start()
        yield far
        await far.stop()
        return
    yield FarFolder(tmp_path / "elsewhere")


@pytest.mark.parametrize("store", ["local"], indirect=True)
async def test_everything_moves_there_and_back_and_plays_at_every_point(place, store, elsewhere, tmp_path):
    far, folder, clock = elsewhere, place.household.folder, place.household.house.clock
    sound = await store.get(place.key)
    await far.put(cover_key(place.image_id, 640), b"half of an earlier try")
    moving = Moving(place.household.store, store, far, folder, clock)
    moved = await moving.move(lambda *_: None)
    assert (moved.copied, moved.already_there, moved.switched) == (6, 0, 1)
    assert {facts.key for facts in [each async for each in far.list()]} == {
        facts.key for name in ("images", "uploads/songs") for facts in [each async for each in store.list(name)]
    }
    assert await far.get(place.key) == sound
    file = await place.store.audio_files.get(place.file.id)
    assert file.path == f"files:{place.key}"
    async with place.household.house.deliveries.at_hand(file) as path:
        assert Path(path).read_bytes() == sound  # noqa: ASYNC240 - small
    again = await moving.move(lambda *_: None)
    assert (again.copied, again.already_there, again.switched) == (0, 6, 0)
    shutil.rmtree(tmp_path / "data" / "uploads" / "songs")
    back = await Moving(place.household.store, far, store, folder, clock).move(lambda *_: None)
    assert (back.copied, back.already_there, back.switched) == (1, 5, 1)
    assert (await place.store.audio_files.get(place.file.id)).path == place.file.path
    assert (await look(place)).are_well


@pytest.mark.parametrize("store", ["local"], indirect=True)
async def test_a_move_that_breaks_off_switches_nothing(place, store, tmp_path, log_watch):
    far = FarFolder(tmp_path / "elsewhere")
    put, count = far.put_file, 0

    async def put_two(key, source, *, may_link=False):
        nonlocal count
        count += 1
        if count > 2:
            raise FilesAway("away (test)")
        return await put(key, source, may_link=may_link)

    far.put_file = put_two
    moving = Moving(place.household.store, store, far, place.household.folder, place.household.house.clock)
    with pytest.raises(FilesAway):
        await moving.move(lambda *_: None)
    assert (await place.store.audio_files.get(place.file.id)).path == place.file.path
    far.put_file = put
    moved = await moving.move(lambda *_: None)
    assert (moved.copied + moved.already_there, moved.switched) == (6, 1)


def run(tmp_path, *words, **settings):
    environ = {key: value for key, value in os.environ.items() if not key.startswith("TUTTI_")}
    environ |= {"TUTTI_STORAGE_DATA_DIR": str(tmp_path / "data"), "TUTTI_LIBRARY_DEMO": "false", **settings}
    done = warm_python().run(RUN, *words, env=environ)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


async def test_the_command_ends_with_0_or_1_and_a_report(tmp_path):
    sound = tone(tmp_path / "sent.wav")
    async with open_place(tmp_path) as place:
        assert (await place.send_file(sound)).code == 200
        [kept] = place.kept()
    assert run(tmp_path, "files", "verify") == (0, "1 files looked at, 0 MB read.\nAll files are well.\n", "")
    kept.unlink()
    shutil.copy(tmp_path / "sent.wav", kept.with_name("other.wav"))
    day = kept.with_name("other.wav").stat().st_mtime_ns - 2 * 86_400 * 10**9
    os.utime(kept.with_name("other.wav"), ns=(day, day))
    code, out, _ = run(tmp_path, "files", "verify", "--quick")
    assert code == 1
    assert out.splitlines() == [
        "MISSING (1): recorded, but not there",
        f"  {kept}",
        "ORPHAN (1): there, but nothing is recorded of it",
        f"  uploads/songs/{kept.parent.name}/other.wav ({len(sound)} bytes)",
        "1 files looked at.",
        "2 faults, 0 mended.",
    ]


@pytest.mark.services
async def test_the_commands_against_a_real_store(tmp_path, minio):
    settings = {
        "TUTTI_FILES_S3_BUCKET": "tutti",
        "TUTTI_FILES_S3_ENDPOINT": minio.url,
        "TUTTI_FILES_S3_ACCESS_KEY": "tutti-tests",
        "TUTTI_FILES_S3_SECRET_KEY": "a-secret-that-no-log-may-show",
        "TUTTI_FILES_S3_PREFIX": "commands",
        "TUTTI_FILES_S3_ADDRESSING": "path",
    }
    async with open_place(tmp_path) as place:
        assert (await place.send_file(tone(tmp_path / "sent.wav"))).code == 200
    code, out, _ = run(tmp_path, "files", "move", "--to", "s3", **settings)
    assert (code, out.splitlines()[0]) == (0, "1 files copied (0 MB), 0 were there already.")
    settings["TUTTI_FILES_BACKEND"] = "s3"
    assert run(tmp_path, "files", "verify", **settings)[0] == 0
    code, out, err = run(tmp_path, "check", **settings)
    assert f"files          ok    s3: bucket tutti at {minio.url}" in out
    wrong = {**settings, "TUTTI_FILES_S3_SECRET_KEY": "wrong-secret-1234"}
    code, out, err = run(tmp_path, "check", **wrong)
    assert code == 1
    assert "files          WRONG The object store refuses us (403)" in out
    assert "wrong-secret-1234" not in out + err
    code, out, err = run(tmp_path, "files", "verify", **wrong)
    assert (code, out) == (1, "")
    assert err.startswith("The files were not verified:")
    exercised("MinIO through aiobotocore")


def test_every_fault_has_its_words():
    assert set(MEANING) == set(Fault)
    found = Findings()
    for number in range(TOLD_LIMIT + 3):
        found.add(Fault.ORPHAN, f"k{number}")
    assert "  … and 3 more" in found.lines()


async def test_pictures_that_were_never_recorded_are_swept_a_day_later_and_no_others(place, store):
    house, image_id = place.household.house, "f" * 64
    there = {facts.key async for facts in store.list("images")}
    lost = {cover_key(image_id, size) for size in (640, 96)}
    await store.put_all(dict.fromkeys(lost, b"a picture"))
    await store.put_all({cover_key("e" * 64, 96): b"of another house"})
    assert await house.file_sweep.sweep() == 0

    later = SetClock(house.clock.now() + timedelta(days=2))
    sweep = FileSweep(place.store, store, later)
    records = await place.store.images.find({}, limit=10)
    await place.store.images.delete({}, many=True)
    assert await sweep.sweep() == 0, "when nothing is recorded it is another house's folder"
    for record in records:
        await place.store.images.insert(record)
    assert await sweep.sweep() == 3
    assert {facts.key async for facts in store.list("images")} == there
