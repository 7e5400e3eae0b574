"""A whole server whose files lie elsewhere: songs sent in, heard in ranges, encoded, shown and verified."""

from __future__ import annotations

import asyncio
import contextlib
import random
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from tornado.simple_httpclient import HTTPStreamClosedError

from server import composition
from services.errors import Unavailable
from storage.files import FilesAway
from tests.files.conftest import bucket_at
from tests.files.far import FarFolder
from tests.services.exercised import exercised
from tests.uploads.place import open_place, tone

SETTINGS = {"FILES_BACKEND": "s3", "FILES_S3_BUCKET": "tutti"}


@contextlib.asynccontextmanager
async def far_place(folder, files, monkeypatch, **settings):
    monkeypatch.setattr(composition, "make_files", lambda _: files)
    async with open_place(folder, **SETTINGS, **settings) as place:
        yield place


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.services)])
def store(request, tmp_path):
    if request.param == "folder":
        return FarFolder(tmp_path / "far")
    exercised("MinIO through aiobotocore")
    return bucket_at(request.getfixturevalue("minio"))


@pytest.fixture
async def place(tmp_path, store, monkeypatch):
    async with far_place(tmp_path, store, monkeypatch) as place:
        yield place


@pytest.fixture
def sound(tmp_path):
    return tone(tmp_path / "long.wav", seconds=12)


async def sent(place, sound):
    """A song made of these bytes, and its file's record."""
    answer = await place.send_file(sound)
    assert answer.code == 200
    song = await place.store.songs.first({})
    return song, await place.store.audio_files.get(song.file_id)


async def url_of(place, quality):
    answer = await place.ask("{ songs(first: 1) { edges { node { audioUrl } } } }", "ann")
    return answer["data"]["songs"]["edges"][0]["node"]["audioUrl"] + f"&quality={quality}"


async def original(place):
    song = await place.store.songs.first({})
    ticket = place.household.house.tickets.issue(
        user_id=place.viewers["ann"].user_id,
        session_id=place.viewers["ann"].session_id,
        song_id=song.id,
        quality="lossless",
    )
    return f"/stream/{song.id}?quality=lossless&ticket={ticket}"


async def test_a_song_that_is_sent_in_lies_there_and_nothing_of_it_here(place, store, sound):
    song, file = await sent(place, sound)
    key = file.path.removeprefix("files:")
    assert file.path == f"files:uploads/songs/{song.id[-2:].lower()}/{song.id}.wav"
    assert await store.get(key) == sound
    assert (place.kept(), place.left()) == ([], [])
    assert (file.size, len(file.sha256)) == (len(sound), 64)


async def test_ranges_of_an_original_are_passed_through_exactly(place, sound):
    await sent(place, sound)
    url = await original(place)
    whole = await place.fetch(url)
    assert (whole.code, whole.body, whole.headers["Content-Length"]) == (200, sound, str(len(sound)))
    chance = random.Random(2)
    for _ in range(20):
        start = chance.randrange(len(sound))
        end = chance.randrange(start, len(sound))
        answer = await place.fetch(url, headers={"Range": f"bytes={start}-{end}"})
        assert (answer.code, answer.body) == (206, sound[start : end + 1])
        assert answer.headers["Content-Range"] == f"bytes {start}-{end}/{len(sound)}"
        assert answer.headers["Etag"] == whole.headers["Etag"]
    several = await place.fetch(url, headers={"Range": "bytes=0-9,100-109"})
    assert several.code == 206
    assert sound[0:10] in several.body
    assert sound[100:110] in several.body
    head = await place.fetch(url, method="HEAD")
    assert (head.code, head.headers["Content-Length"], head.body) == (200, str(len(sound)), b"")
    known = await place.fetch(url, headers={"If-None-Match": whole.headers["Etag"]})
    assert known.code == 304
    beyond = await place.fetch(url, headers={"Range": f"bytes={len(sound)}-"})
    assert beyond.code == 416


async def test_a_rendition_is_encoded_from_one_fetched_copy(place, sound):
    await sent(place, sound)
    far = place.household.house.deliveries._far
    url = (await original(place)).replace("quality=lossless", "quality=low")
    answers = await asyncio.gather(*(place.fetch(url, headers={"Range": f"bytes={n}-"}) for n in (0, 50_000, 100_000)))
    assert {answer.code for answer in answers} == {206}
    assert far.fetched == 1
    again = await place.fetch(url)
    assert again.body[50_000:] == answers[1].body
    assert far.fetched == 1
    assert [path.name for path in (place.data / "segments").glob("unfinished-*object*")] == []


async def test_the_fetched_copy_is_bounded_and_stays_while_it_is_read(place, sound):
    _, file = await sent(place, sound)
    deliveries = place.household.house.deliveries
    async with deliveries.at_hand(file) as path:
        deliveries._cache._limit_bytes = 10
        await deliveries._cache._evict()
        assert await asyncio.to_thread(Path(path).read_bytes) == sound
    await deliveries._cache._evict()
    assert deliveries._cache.used_bytes == 0
    with pytest.raises(Unavailable, match="no room"):
        async with deliveries.at_hand(file):
            pass


async def test_pictures_are_kept_and_drawn_there(place, store):
    picture = BytesIO()
    Image.effect_noise((800, 800), 50).save(picture, "PNG")
    image_id = await place.household.house.pictures.keep(picture.getvalue(), field="cover")
    jpeg = await place.fetch(f"/covers/{image_id}?size=300")
    assert jpeg.body == await store.get(f"images/{image_id[:2]}/{image_id}-300.jpg")
    webp = await place.fetch(f"/covers/{image_id}?size=300", headers={"Accept": "image/webp"})
    assert webp.headers["Content-Type"] == "image/webp"
    assert webp.body == await store.get(f"images/{image_id[:2]}/{image_id}-300.webp")
    assert not (place.data / "images").exists()
    assert (await place.fetch("/covers/absent0")).code == 404


async def test_a_song_that_cannot_be_put_there_is_not_made(tmp_path, monkeypatch, log_watch, sound):
    store = FarFolder(tmp_path / "far")
    async with far_place(tmp_path, store, monkeypatch) as place:

        async def refuse(*_, **__):
            raise FilesAway("The object store is full (test).", "STORAGE_FULL")

        monkeypatch.setattr(FarFolder, "put_file", refuse)
        place.household.files.__dict__.pop("put_file", None)
        log_watch.expect("the store of files failed")
        answer = await place.send_file(sound)
        assert b'"STORAGE_FULL"' in answer.body
        assert await place.store.songs.count({}) == await place.store.audio_files.count({}) == 0
        async with asyncio.timeout(60):
            while place.left():  # noqa: ASYNC110 - cleaned up behind the answer
                await asyncio.sleep(0.01)


async def test_a_listener_who_leaves_ends_the_request(tmp_path, monkeypatch, sound):
    store = FarFolder(tmp_path / "far")
    async with far_place(tmp_path, store, monkeypatch) as place:
        await sent(place, tone(tmp_path / "very-long.wav", seconds=400))
        url = await original(place)
        reader, writer = await asyncio.open_connection("127.0.0.1", int(place.base.rpartition(":")[2]), limit=1 << 16)
        writer.write(f"GET {url} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        assert store.open == 1
        writer.transport.abort()
        async with asyncio.timeout(60):
            while store.open:  # noqa: ASYNC110 - the server ends it
                await asyncio.sleep(0.01)


async def test_a_store_that_is_away_is_503_before_and_a_short_body_in_the_middle(
    tmp_path, monkeypatch, sound, log_watch
):
    store = FarFolder(tmp_path / "far")
    async with far_place(tmp_path, store, monkeypatch) as place:
        _, file = await sent(place, sound)
        url = await original(place)
        log_watch.expect("the store of files failed")
        log_watch.expect("a stream was cut short")
        log_watch.expect("tutti.access: request")
        store.is_away = True
        refused = await place.fetch(url)
        assert refused.code == 503
        assert b"FILES_AWAY" in refused.body
        made = await place.fetch(url.replace("quality=lossless", "quality=low"))
        assert made.code == 503
        store.is_away, store.break_at = False, 200_000
        with pytest.raises(HTTPStreamClosedError):
            await place.fetch(url)
        store.break_at = None
        assert (await place.fetch(url)).body == sound
        await store.delete(file.path.removeprefix("files:"))
        gone = await place.fetch(url)
        assert (gone.code, b"SOURCE_MISSING" in gone.body) == (503, True)
        assert [path.name for path in (place.data / "segments").glob("unfinished-*object*")] == []


async def test_a_listener_is_sent_to_the_store_where_the_settings_say_so(tmp_path, monkeypatch, sound):
    store = FarFolder(tmp_path / "far")
    store.signs = True
    settings = {"FILES_REDIRECT": "true", "FILES_REDIRECT_SECONDS": "600"}
    async with far_place(tmp_path, store, monkeypatch, **settings) as place:
        _, file = await sent(place, sound)
        store.asked.clear()
        url = await original(place)
        for method in ("GET", "HEAD"):
            answer = await place.fetch(url, method=method, headers={"Range": "bytes=5-9"})
            key = file.path.removeprefix("files:")
            assert answer.code == 307
            assert answer.headers["Location"] == f"https://store.example/{key}?for={method}&type=audio/wav&life=600"
            assert answer.headers["Cache-Control"] == "private, no-store"
        assert store.asked == []
        stranger = await place.fetch(url.partition("?")[0])
        assert stranger.code == 401
        made = await place.fetch(url.replace("quality=lossless", "quality=low"))
        assert made.code == 200


@pytest.mark.services
async def test_a_signed_redirect_leads_to_the_bytes(tmp_path, monkeypatch, minio, sound):
    async with far_place(tmp_path, bucket_at(minio), monkeypatch, FILES_REDIRECT="true") as place:
        await sent(place, sound)
        answer = await place.fetch(await original(place), headers={"Range": "bytes=100-199"}, follow_redirects=True)
        assert (answer.code, answer.body) == (206, sound[100:200])
        assert answer.headers["Content-Type"] == "audio/wav"


async def test_readiness_tells_of_the_store(place):
    answer = await place.fetch("/readyz")
    assert (answer.code, b'"files"' in answer.body) == (200, True)
