"""From asking for a download to playing it without a network and telling of it afterwards."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from PIL import Image

from services.analysis.loudness import ABSOLUTE_GATE_LUFS, HISTOGRAM_BINS, HISTOGRAM_STEP_LU, together
from services.downloads.rules import CHUNK_BYTES
from storage.records.sound_analysis import SoundAnalysis
from tests.downloads.place import DOWNLOAD, SYNC, Place, chunks_of

REPORT = """mutation($plays: [PlayReport!]!) {
  reportPlays(plays: $plays) { recordedCount answers { playId outcome code field } } }"""


async def test_an_album_is_prepared_fetched_verified_and_its_plays_count_once(place: Place) -> None:
    asked = await place.request(album=place.album, quality="HIGH", format="MP3", name="Ann's phone")
    assert (asked["kind"], asked["state"], asked["songCount"], asked["readyCount"]) == ("ALBUM", "PREPARING", 4, 0)
    done = await place.ready(asked["id"])
    assert (done["state"], done["readyCount"], done["failedCount"]) == ("READY", 4, 0)
    manifest = await place.manifest(done["manifestUrl"], None)
    assert manifest["order"] == [place.songs[title] for title in ("Long", "Short", "Third", "Fourth")]
    assert sum(item["size"] for item in manifest["items"]) == done["totalBytes"]
    assert manifest["licence"]["userId"] == place.ids["ann"]
    assert (manifest["licence"]["deviceId"], manifest["next"]) == ("phone", None)
    kept = {}
    for item in manifest["items"]:
        got = await place.fetch(item["url"], "ann")
        assert (got.code, got.headers["ETag"], got.headers["Content-Type"]) == (200, item["etag"], "audio/mpeg")
        assert got.headers["Content-Disposition"].startswith("attachment; filename=")
        assert len(got.body) == item["size"]
        assert hashlib.sha256(got.body).hexdigest() == item["sha256"]
        assert chunks_of(got.body, item["chunkBytes"]) == item["chunks"]
        kept[item["songId"]] = got.body
    longest = kept[place.songs["Long"]]
    assert len(longest) > CHUNK_BYTES
    # The same bytes as the stream's.
    streamed = await place.fetch(f"/stream/{place.songs['Long']}?quality=high&format=mp3", "ann")
    assert streamed.body == longest
    # Forty days later the device comes back: its licence ran out on the way.
    began = place.clock.now() + timedelta(days=1)
    late = place.clock.now() + timedelta(days=35)
    place.clock.turn(days=40)
    await place.sign_in()
    plays = [
        {"playId": "p1", "songId": place.songs["Long"], "startedAt": began.isoformat(), "downloadId": asked["id"]},
        {"playId": "p2", "songId": place.songs["Long"], "startedAt": began.isoformat()},
        {"playId": "p3", "songId": place.songs["Long"], "startedAt": late.isoformat(), "downloadId": asked["id"]},
        {"playId": "p4", "songId": place.songs["Long"], "startedAt": began.isoformat(), "downloadId": "never-was"},
    ]
    told = await place.ask(REPORT, "ann", plays=plays)
    outcomes = [answer["outcome"] for answer in told["answers"]]
    # p3 was played after the licence, but within the 30 days that anybody may report.
    assert outcomes == ["RECORDED", "REFUSED", "RECORDED", "REFUSED"]
    again = await place.ask(REPORT, "ann", plays=plays[:1])
    assert (again["recordedCount"], again["answers"][0]["outcome"]) == (0, "REPEATED")
    play = await place.store.plays.get(f"{place.ids['ann']}:p1")
    assert play.started_at == began
    assert (await place.store.songs.get(place.songs["Long"])).play_count == 2
    # Nobody else's licence vouches for a play.
    foreign = await place.ask(REPORT, "bob", plays=plays[:1])
    assert foreign["answers"][0]["outcome"] == "REFUSED"


async def test_a_second_device_costs_no_encoding(place: Place) -> None:
    first = await place.request(album=place.album, format="OPUS", quality="LOW")
    await place.ready(first["id"])
    before = {sums.id for sums in await place.store.rendition_sums.find({}, limit=100)}
    asked: list[object] = []
    place.house.deliveries.encoder.encode = lambda *words, **named: asked.append(words)
    second = await place.request("bob", "tablet", album=place.album, format="OPUS", quality="LOW")
    assert (await place.ready(second["id"], "bob"))["readyCount"] == 4
    assert (asked, len(before)) == ([], 4)
    assert {sums.id for sums in await place.store.rendition_sums.find({}, limit=100)} == before


async def test_the_original_is_kept_byte_for_byte(place: Place) -> None:
    asked = await place.request(songs=[place.songs["Long"]], format="ORIGINAL")
    done = await place.ready(asked["id"])
    manifest = await place.manifest(done["manifestUrl"])
    [item] = manifest["items"]
    file = next(place.music.rglob("01 Long.wav")).read_bytes()
    assert (item["sha256"], item["size"]) == (hashlib.sha256(file).hexdigest(), len(file))
    assert item["chunks"] == chunks_of(file, CHUNK_BYTES)
    assert (item["rendition"], item["song"]["title"], item["gain"]["loudnessLufs"]) == ("original", "Long", None)


async def test_a_fetch_goes_on_where_it_broke_off(place: Place) -> None:
    asked = await place.request(songs=[place.songs["Long"]], format="MP3", quality="HIGH")
    manifest = await place.manifest((await place.ready(asked["id"]))["manifestUrl"])
    [item] = manifest["items"]
    half = item["size"] // 2
    first = await place.fetch(item["url"], "ann", headers={"Range": f"bytes=0-{half - 1}"})
    rest = await place.fetch(item["url"], "ann", headers={"Range": f"bytes={half}-", "If-Range": item["etag"]})
    assert (first.code, rest.code) == (206, 206)
    assert rest.headers["Content-Range"] == f"bytes {half}-{item['size'] - 1}/{item['size']}"
    assert hashlib.sha256(first.body + rest.body).hexdigest() == item["sha256"]
    other = await place.fetch(item["url"], "ann", headers={"Range": f"bytes={half}-", "If-Range": '"other"'})
    assert (other.code, len(other.body)) == (200, item["size"])
    beyond = await place.fetch(item["url"], "ann", headers={"Range": f"bytes={item['size']}-"})
    assert (beyond.code, beyond.headers["Content-Range"]) == (416, f"bytes */{item['size']}")
    head = await place.fetch(item["url"], "ann", method="HEAD")
    assert (head.code, head.headers["Content-Length"]) == (200, str(item["size"]))
    known = await place.fetch(item["url"], "ann", headers={"If-None-Match": item["etag"]})
    assert known.code == 304


async def test_gains_that_land_in_the_middle_of_a_fetch_never_mix_with_what_was_fetched(place: Place) -> None:
    song = place.songs["Long"]
    asked = await place.request(songs=[song], format="OPUS", quality="HIGH")
    [old] = (await place.manifest((await place.ready(asked["id"]))["manifestUrl"]))["items"]
    stream, half = f"/stream/{song}?quality=high&format=opus", old["size"] // 2
    first = await place.fetch(old["url"], "ann", headers={"Range": f"bytes=0-{half - 1}"})
    streamed = await place.fetch(stream, "ann", headers={"Range": f"bytes=0-{half - 1}"})
    assert (first.code, streamed.code, streamed.headers["ETag"], streamed.body) == (206, 206, old["etag"], first.body)
    # The analysis ends: its gains are in the head from now on, and this is another file by that.
    file = await place.store.audio_files.get((await place.store.songs.get(song)).file_id)
    await place.store.sound_analyses.insert(
        SoundAnalysis(file.payload_hash, 1, place.clock.now(), loudness_lufs=-14.5, true_peak_dbtp=-1.0)
    )
    place.clock.turn(seconds=31)
    resumed = {"Range": f"bytes={half}-", "If-Range": old["etag"]}
    whole = await place.fetch(stream, "ann", headers=resumed)
    assert (whole.code, len(whole.body), "Content-Range" in whole.headers) == (200, old["size"], False)
    assert whole.headers["ETag"] != old["etag"]
    # The download is told of it first; then it begins again with the whole, exactly as its new manifest says.
    stale = await place.fetch(old["url"], "ann", headers=resumed)
    assert (stale.code, json.loads(stale.body)["error"]["code"]) == (409, "RENDITION_CHANGED")
    await place.ask(SYNC, "ann", id=asked["id"], known=0)
    [new] = (await place.manifest((await place.ready(asked["id"]))["manifestUrl"]))["items"]
    again = await place.fetch(new["url"], "ann", headers=resumed)
    assert (again.code, again.headers["ETag"], again.body == whole.body) == (200, new["etag"], True)
    assert hashlib.sha256(again.body).hexdigest() == new["sha256"] != old["sha256"]
    assert chunks_of(again.body, new["chunkBytes"]) == new["chunks"]
    # Only the head is another, of the same length: no sound was encoded for it.
    head = again.body.index(b"OggS", again.body.index(b"OpusTags"))
    assert (again.body[head:half], b"R128_TRACK_GAIN=" in again.body[:head]) == (first.body[head:], True)
    assert b"R128_TRACK_GAIN=" not in first.body
    rest = await place.fetch(new["url"], "ann", headers={**resumed, "If-Range": new["etag"]})
    assert (rest.code, rest.body) == (206, again.body[half:])


async def test_a_playlist_that_changes_is_followed_by_its_difference(place: Place) -> None:
    playlist = await place.playlist("Short", "Third", "Short")
    asked = await place.request(playlist=playlist, format="MP3")
    await place.ready(asked["id"])
    first = await place.ask(SYNC, "ann", id=asked["id"], known=0)
    known = first["download"]["revision"]
    assert sorted(item["songId"] for item in first["added"]) == sorted([place.songs["Short"], place.songs["Third"]])
    assert first["download"]["order"] == [place.songs[title] for title in ("Short", "Third", "Short")]
    await place.add(playlist, "Fourth")
    await place.remove(playlist, "Third")
    second = await place.ask(SYNC, "ann", id=asked["id"], known=known)
    assert [item["songId"] for item in second["added"]] == [place.songs["Fourth"]]
    assert second["removed"] == [{"songId": place.songs["Third"], "reason": "REMOVED"}]
    assert (second["changed"], second["nextCursor"]) == ([], None)
    assert second["download"]["revision"] > known
    done = await place.ready(asked["id"])
    assert done["order"] == second["download"]["order"]
    # What was ready then is told as a change afterwards, in the same order as in the signed manifest.
    third = await place.ask(SYNC, "ann", id=asked["id"], known=second["download"]["revision"])
    assert [(item["songId"], item["state"]) for item in third["changed"]] == [(place.songs["Fourth"], "READY")]
    manifest = await place.manifest(third["manifestUrl"], None)
    assert [item["songId"] for item in manifest["items"]] == [place.songs["Fourth"]]
    assert (manifest["revision"], manifest["order"]) == (third["download"]["revision"], None)
    # In step: nothing.
    last = await place.ask(SYNC, "ann", id=asked["id"], known=third["download"]["revision"])
    assert (last["added"], last["changed"], last["removed"]) == ([], [], [])
    assert last["download"]["revision"] == third["download"]["revision"]


async def test_pages_of_changes_add_up(place: Place) -> None:
    asked = await place.request(album=place.album, format="MP3", quality="LOW")
    await place.ready(asked["id"])
    seen, cursor = [], None
    for _ in range(4):
        page = await place.ask(SYNC, "ann", id=asked["id"], known=0, after=cursor, first=1)
        seen += [item["songId"] for item in page["added"]]
        cursor = page["nextCursor"]
    assert (cursor, sorted(seen)) == (None, sorted(place.songs.values()))


async def test_asking_again_gives_the_same_download_and_a_new_term(place: Place) -> None:
    first = await place.request(album=place.album)
    place.clock.turn(seconds=60)
    answers = await asyncio.gather(*(place.request(album=place.album) for _ in range(4)))
    assert {answer["id"] for answer in answers} == {first["id"]}
    assert all(answer["licence"]["expiresAt"] > first["licence"]["expiresAt"] for answer in answers)
    other = await place.request(album=place.album, quality="LOW")
    assert other["id"] != first["id"]


async def test_many_at_once_make_one_download(place: Place) -> None:
    answers = await asyncio.gather(*(place.request(album=place.album) for _ in range(6)))
    assert len({answer["id"] for answer in answers}) == 1
    assert await place.store.downloads.count({}) == 1


async def test_a_manifest_carries_lyrics_covers_and_gain_and_tells_when_they_change(place: Place) -> None:
    song = place.songs["Short"]
    asked = await place.request(songs=[song], format="OPUS", quality="NORMAL")
    await place.ready(asked["id"])
    [bare] = (await place.manifest((await place.ask(DOWNLOAD, "ann", id=asked["id"]))["manifestUrl"]))["items"]
    assert (bare["lyrics"], bare["covers"], bare["gain"]["loudnessLufs"]) == (None, [], None)
    assert bare["song"]["trackNumber"] == 2
    known = (await place.ask(SYNC, "ann", id=asked["id"], known=0))["download"]["revision"]
    picture = io.BytesIO()
    Image.new("RGB", (700, 700), "teal").save(picture, "PNG")
    cover = await place.house.pictures.keep(picture.getvalue(), field="image")
    lines = [{"at_ms": 1500, "text": "La"}]
    change = {"cover_id": cover, "synced_lyrics": lines, "updated_at": place.clock.now(), "replaygain_db": -7.5}
    await place.store.songs.update({"_id": song}, {"$set": change})
    file = await place.store.audio_files.get((await place.store.songs.get(song)).file_id)
    measured = SoundAnalysis(file.payload_hash, 1, place.clock.now(), loudness_lufs=-14.5, true_peak_dbtp=-1.0)
    await place.store.sound_analyses.insert(measured)
    told = await place.ask(SYNC, "ann", id=asked["id"], known=known)
    # Its bytes are the same and need no preparing; what is told of it is not.
    assert (told["download"]["state"], [item["etag"] for item in told["changed"]]) == ("READY", [bare["etag"]])
    [item] = (await place.manifest(told["manifestUrl"]))["items"]
    assert item["sha256"] == bare["sha256"]
    assert item["lyrics"] == {"format": "lrc", "text": "[00:01.50]La\n"}
    gain = {"loudnessLufs": -14.5, "truePeakDbtp": -1.0, "replaygainDb": -7.5, "replaygainPeak": None}
    assert item["gain"] == {**gain, "albumLoudnessLufs": None, "albumTruePeakDbtp": None}
    [shown] = item["covers"]
    got = await place.fetch(shown["url"], headers={"Accept": "image/jpeg"})
    assert (len(got.body), hashlib.sha256(got.body).hexdigest()) == (shown["size"], shown["sha256"])
    # Measured anew: told again.
    later = {"$set": {"version": 2, "analysed_at": place.clock.now()}}
    await place.store.sound_analyses.update({"_id": measured.id}, later)
    again = await place.ask(SYNC, "ann", id=asked["id"], known=told["download"]["revision"])
    assert [item["songId"] for item in again["changed"]] == [song]


async def test_a_manifest_carries_the_gain_of_albums_as_soon_as_they_have_one(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await place.request(songs=[place.songs["Short"], place.songs["Third"]], format="MP3", quality="LOW")
    await place.ready(asked["id"])
    # Blocks of 10 s at -20 LUFS and 10 s at -30: each song alone, and all of them gated as one.
    loud, quiet = histogram_of(-20.0, 100), histogram_of(-30.0, 100)
    blocks = {"Long": loud, "Short": quiet, "Third": loud, "Fourth": quiet}
    files = {title: await place.store.audio_files.first({"song_id": id}) for title, id in place.songs.items()}
    for title in ("Long", "Short", "Third"):
        await place.store.sound_analyses.insert(measured(place, files[title].payload_hash, title, blocks[title]))
    some = await place.ask(SYNC, "ann", id=asked["id"], known=0)
    gains = [item["gain"] for item in (await place.manifest(some["manifestUrl"]))["items"]]
    assert [(gain["loudnessLufs"], gain["albumLoudnessLufs"]) for gain in gains] == [(-15.0, None), (-15.0, None)]
    known = some["download"]["revision"]
    # The last song of the album, which is not in the download: its neighbours are told again.
    await place.store.sound_analyses.insert(measured(place, files["Fourth"].payload_hash, "Fourth", quiet))
    told = await place.ask(SYNC, "ann", id=asked["id"], known=known)
    assert sorted(item["songId"] for item in told["changed"]) == sorted([place.songs["Short"], place.songs["Third"]])
    manifest = await place.manifest(told["manifestUrl"])
    expected = {
        "loudnessLufs": -15.0,
        "truePeakDbtp": -1.0,
        "albumLoudnessLufs": pytest.approx(together([loud, quiet, loud, quiet]), abs=1e-9),
        "albumTruePeakDbtp": -0.5,
        "replaygainDb": None,
        "replaygainPeak": None,
    }
    assert [item["gain"] for item in manifest["items"]] == [expected, expected]
    assert round(manifest["items"][0]["gain"]["albumLoudnessLufs"], 2) == -22.55
    viewer = await place.viewer("ann")
    with counted(place, monkeypatch) as commands:
        await place.house.download_manifests.page(viewer, asked["id"], since=0)
    of_albums = ["audio_files.get_many", "songs.find", "sound_analyses.find"]
    of_songs = ["audio_files.get_many", "rendition_sums.get_many", "songs.get_many", "sound_analyses.get_many"]
    assert sorted(commands) == sorted([*of_albums, *of_songs, "downloads.find", "downloads.find", "downloads.get"])
    again = await place.ask(SYNC, "ann", id=asked["id"], known=told["download"]["revision"])
    assert again["changed"] == []


def histogram_of(level_lufs: float, count: int) -> list[int]:
    """So many blocks of one loudness."""
    counts = [0] * HISTOGRAM_BINS
    counts[int((level_lufs - ABSOLUTE_GATE_LUFS) / HISTOGRAM_STEP_LU)] = count
    return counts


def measured(place: Place, payload: str, title: str, blocks: list[int]) -> SoundAnalysis:
    """A sound of these blocks, as an analysis would have it."""
    peak = -0.5 if title == "Long" else -1.0
    now = place.clock.now()
    return SoundAnalysis(payload, 1, now, loudness_lufs=-15.0, true_peak_dbtp=peak, loudness_blocks=blocks)


_counting: ContextVar[bool] = ContextVar("counting", default=False)


@contextmanager
def counted(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The store's commands of whoever asks inside, as `collection.command`; those of jobs at work meanwhile are not."""
    engine, heard = place.store.engine, list[str]()

    def counting(plain: Any, name: str, collection: str, *words: Any, **named: Any) -> Any:
        if _counting.get():
            heard.append(f"{collection}.{name}")
        return plain(collection, *words, **named)

    with monkeypatch.context() as patch:
        for name in ("find", "get", "get_many", "update", "update_and_get", "count", "insert"):
            patch.setattr(engine, name, partial(counting, getattr(engine, name), name))
        inside = _counting.set(True)
        try:
            yield heard
        finally:
            _counting.reset(inside)
