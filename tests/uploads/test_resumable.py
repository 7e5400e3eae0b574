"""Resumable uploads: pieces in order, what is acknowledged stays, for the owner alone, and an end for what is left."""

import asyncio
import json
from datetime import timedelta

import pytest

from services.clock import Clock
from services.uploads.resumable import WrongOffset
from services.uploads.uploads import Uploads
from tests.uploads.place import SONG, open_place


class Later(Clock):
    """The real time, and some hours."""

    def __init__(self, hours):
        super().__init__()
        self._ahead = timedelta(hours=hours)

    def _utc(self):
        return super()._utc() + self._ahead


def uploads_at(place, hours):
    """The same uploads as another process sees them, some hours later."""
    house = place.household.house
    files = place.uploads._songs._files
    return Uploads(
        place.store, files, place.uploads._folder, Later(hours), house.bus, house.genres, place.uploads.limits
    )


def error(answer):
    return json.loads(answer.body)["error"]["code"]


async def test_a_file_in_three_pieces_becomes_a_song(place, sound):
    upload = await place.announce(sound, prove=True)
    assert upload == {
        "id": upload["id"],
        "url": f"/upload/{upload['id']}",
        "fileName": "a.wav",
        "size": len(sound),
        "received": 0,
        "isComplete": False,
    }
    ends = [30_000, 60_000, len(sound)]
    for first, end in zip([0, *ends], ends, strict=False):
        answer = await place.put(upload["url"], sound, first, end - 1)
        assert (answer.code, answer.headers["Upload-Offset"]) == (308 if end < len(sound) else 200, str(end))
        assert answer.headers["Range"] == f"bytes=0-{end - 1}"
    assert json.loads(answer.body)["isComplete"] is True
    song = await place.song(upload=upload["id"])
    assert song["durationMs"] == 1000
    assert place.kept()[0].read_bytes() == sound
    assert place.left() == []


async def test_asking_again_gives_the_same_song(place, sound):
    upload = await place.announce(sound)
    await place.put(upload["url"], sound, 0, len(sound) - 1)
    songs = await asyncio.gather(*(place.ask(SONG, "ann", title="S", artist="ann", upload=upload["id"]) for _ in "ab"))
    made = [answer["data"]["uploadSong"]["song"]["id"] for answer in songs if "errors" not in answer]
    assert made
    assert (await place.song(upload=upload["id"]))["id"] == made[0]
    assert await place.store.songs.count({}) == 1


async def test_pieces_must_follow_one_another(place, sound):
    upload = await place.announce(sound)
    early = await place.put(upload["url"], sound, 10, 99)
    assert (early.code, error(early), early.headers["Upload-Offset"]) == (409, "UPLOAD_OFFSET", "0")
    assert (await place.put(upload["url"], sound, 0, 99)).code == 308
    for first in (0, 50, 101):
        answer = await place.put(upload["url"], sound, first, first + 9)
        assert (answer.code, answer.headers["Upload-Offset"]) == (409, "100")
    assert (await place.refusal(upload=upload["id"]))["code"] == "UPLOAD_INCOMPLETE"
    assert (await place.put(upload["url"], sound, 100, len(sound) - 1)).code == 200
    again = await place.put(upload["url"], sound, 100, len(sound) - 1)
    assert (again.code, again.headers["Upload-Offset"]) == (409, str(len(sound)))


async def test_the_status_can_be_asked_in_three_ways(place, sound):
    upload = await place.announce(sound)
    await place.put(upload["url"], sound, 0, 999)
    for options, code in (
        ({"method": "HEAD"}, 200),
        ({"method": "GET"}, 200),
        ({"method": "PUT", "headers": {"Content-Range": f"bytes */{len(sound)}"}, "body": b""}, 308),
    ):
        answer = await place.fetch(upload["url"], "ann", **options)
        assert (answer.code, answer.headers["Upload-Offset"], answer.headers["Upload-Length"]) == (
            code,
            "1000",
            str(len(sound)),
        )
        assert answer.headers["Cache-Control"] == "no-store"
    shown = await place.ask("query($id: ID!) { upload(id: $id) { received } }", "ann", id=upload["id"])
    assert shown == {"data": {"upload": {"received": 1000}}}


WRONG_RANGES = [
    ({"Content-Range": "bytes 0-9/99"}, b"x" * 10, 400, "UPLOAD_SIZE"),
    ({"Content-Range": "bytes 0-9/88244"}, b"x" * 9, 400, "INVALID"),
    ({"Content-Range": "bytes 0-9/88244"}, b"x" * 11, 400, "INVALID"),
    ({"Content-Range": "bytes 0-88244/88244"}, b"x" * 88_245, 400, "UPLOAD_RANGE"),
    ({"Content-Range": "bytes 9-0/88244"}, b"x", 400, "INVALID"),
    ({"Content-Range": "items 0-9/88244"}, b"x" * 10, 400, "INVALID"),
    ({"Content-Range": "bytes */88244"}, b"x", 400, "INVALID"),
    ({"Content-Range": "bytes 0-9/*"}, b"x" * 10, 400, "INVALID"),
    ({}, b"", 400, "INVALID"),
]


async def test_a_wrong_range_is_refused_and_nothing_is_kept(place, sound):
    upload = await place.announce(sound)
    for headers, body, code, reason in WRONG_RANGES:
        assert len(sound) == 88_244
        answer = await place.fetch(upload["url"], "ann", method="PUT", headers=headers, body=body)
        assert (answer.code, error(answer), answer.headers["Upload-Offset"]) == (code, reason, "0")
        assert (await place.fetch(upload["url"], "ann")).headers["Upload-Offset"] == "0"


async def test_a_body_of_no_known_length_is_411(place, sound):
    upload = await place.announce(sound)

    async def pieces(write):
        await write(sound[:10])

    headers = {"Content-Range": f"bytes 0-9/{len(sound)}"}
    answer = await place.fetch(upload["url"], "ann", method="PUT", headers=headers, body_producer=pieces)
    assert answer.code == 411


@pytest.mark.parametrize("method", ["PUT", "GET", "HEAD", "DELETE"])
async def test_an_upload_is_for_its_owner_alone(place, sound, method):
    upload = await place.announce(sound)
    body = {"body": sound[:10], "headers": {"Content-Range": f"bytes 0-9/{len(sound)}"}} if method == "PUT" else {}
    for who, code in ((None, 401), ("lis", 403), ("bob", 404), ("adm", 404)):
        answer = await place.fetch(upload["url"], who, method=method, **body)
        assert answer.code == code
        assert "Upload-Offset" not in answer.headers
    for id in ("nothing", "..%2F..%2Fx", "%00", "x" * 500):
        assert (await place.fetch(f"/upload/{id}", "ann", method=method, **body)).code == 404
    assert (await place.fetch(upload["url"], "ann")).headers["Upload-Offset"] == "0"
    assert (await place.refusal("bob", artist="bob", upload=upload["id"]))["code"] == "NOT_FOUND"
    hidden = await place.ask("query($id: ID!) { upload(id: $id) { id } }", "bob", id=upload["id"])
    assert hidden == {"data": {"upload": None}}


async def test_a_wrong_checksum_is_refused_and_the_file_may_be_sent_again(place, sound):
    upload = await place.announce(sound, prove=True)
    wrong = bytes([sound[0] ^ 1]) + sound[1:]
    answer = await place.put(upload["url"], wrong, 0, len(sound) - 1)
    assert (answer.code, error(answer), answer.headers["Upload-Offset"]) == (400, "CHECKSUM_MISMATCH", "0")
    assert (await place.refusal(upload=upload["id"]))["code"] == "UPLOAD_INCOMPLETE"
    assert (await place.put(upload["url"], sound, 0, len(sound) - 1)).code == 200


async def test_what_came_before_a_connection_broke_is_kept(place, tmp_path):
    data = bytes(range(256)) * 80_000
    upload = await place.announce(data)
    _, writer = await asyncio.open_connection("127.0.0.1", int(place.base.rpartition(":")[2]))
    head = (
        f"PUT {upload['url']} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {place.tokens['ann']}\r\n"
        f"Content-Range: bytes 0-{len(data) - 1}/{len(data)}\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    writer.write(head.encode() + data[: 9 << 20])
    await writer.drain()
    busy = await place.put(upload["url"], data, 0, 9)
    assert (busy.code, error(busy)) in [(409, "UPLOAD_BUSY"), (409, "UPLOAD_OFFSET")]
    writer.close()
    received = 0
    async with asyncio.timeout(60):
        while received < 9 << 20:
            received = int((await place.fetch(upload["url"], "ann")).headers["Upload-Offset"])
    assert received == 9 << 20
    assert (await place.put(upload["url"], data, received, len(data) - 1)).code == 200
    [name] = place.left()
    assert (place.data / "uploads" / "staging" / name).read_bytes() == data


async def test_two_who_send_at_once_do_not_mix(place, sound):
    upload = await place.announce(sound)
    answers = await asyncio.gather(*(place.put(upload["url"], sound, 0, len(sound) - 1) for _ in range(4)))
    assert sorted(answer.code for answer in answers) == [200, 409, 409, 409]
    assert (await place.song(upload=upload["id"]))["durationMs"] == 1000
    assert place.kept()[0].read_bytes() == sound


async def test_who_looked_before_another_finished_changes_nothing(place, sound):
    upload = await place.announce(sound)
    resumable = place.uploads.resumable
    viewer = place.viewers["ann"]
    looked, go_on = asyncio.Event(), asyncio.Event()
    plain = place.uploads.staging.resume

    async def slow(*arguments, **options):
        looked.set()
        await go_on.wait()
        return await plain(*arguments, **options)

    place.uploads.staging.resume = slow
    late = asyncio.create_task(resumable.receive(viewer, upload["id"], first=0, last=9, total=len(sound)))
    await looked.wait()
    place.uploads.staging.resume = plain
    assert (await place.put(upload["url"], sound, 0, len(sound) - 1)).code == 200
    go_on.set()
    with pytest.raises(WrongOffset) as refusal:
        await late
    assert refusal.value.received == len(sound)
    [name] = place.left()
    assert (place.data / "uploads" / "staging" / name).read_bytes() == sound


async def test_an_upload_can_be_ended(place, sound):
    upload = await place.announce(sound)
    await place.put(upload["url"], sound, 0, 99)
    assert (await place.fetch(upload["url"], "ann", method="DELETE")).code == 204
    assert (await place.fetch(upload["url"], "ann")).code == 404
    assert (place.left(), await place.store.uploads.count({})) == ([], 0)
    second = await place.announce(sound)
    ended = await place.ask("mutation($id: ID!) { cancelUpload(uploadId: $id) { success } }", "ann", id=second["id"])
    assert ended == {"data": {"cancelUpload": {"success": True}}}
    assert (await place.put(second["url"], sound, 0, 9)).code == 404


BAD_ANNOUNCEMENTS = [
    ("", 1, None, "fileName"),
    ("x" * 256, 1, None, "fileName"),
    ("a\0", 1, None, "fileName"),
    ("folder/", 1, None, "fileName"),
    ("a", 0, None, "size"),
    ("a", -1, None, "size"),
    ("a", 500_000_001, None, "size"),
    ("a", 1, "abc", "sha256"),
    ("a", 1, "g" * 64, "sha256"),
]


async def test_an_announcement_has_its_bounds(place):
    for name, size, sha256, field in BAD_ANNOUNCEMENTS:
        query = """mutation($n: String!, $s: Int!, $h: String) {
            createUpload(fileName: $n, size: $s, sha256: $h) { upload { id } } }"""
        answer = await place.ask(query, "ann", n=name, s=size, h=sha256)
        assert answer["errors"][0]["extensions"]["field"] == field
        assert await place.store.uploads.count({}) == 0


async def test_too_many_waiting_uploads_are_refused(tmp_path, sound):
    query = 'mutation { createUpload(fileName: "a", size: 9) { upload { id } } }'
    async with open_place(tmp_path, UPLOADS_MAX_OPEN="3") as place:
        answers = await asyncio.gather(*(place.ask(query, "ann") for _ in range(6)))
        codes = [answer["errors"][0]["extensions"]["code"] for answer in answers if "errors" in answer]
        assert set(codes) == {"TOO_MANY_UPLOADS"}
        assert 3 <= len(codes) <= 6
        assert await place.store.uploads.count({}) == 6 - len(codes) <= 3
        assert "errors" not in await place.ask(query, "bob")


async def test_what_is_left_behind_is_swept_after_a_day(place, sound):
    half = await place.announce(sound)
    await place.put(half["url"], sound, 0, 99)
    used = await place.announce(sound)
    await place.put(used["url"], sound, 0, len(sound) - 1)
    song = await place.song(upload=used["id"])
    (place.data / "uploads" / "staging" / "left-by-a-killed-request").write_bytes(b"x")
    assert await uploads_at(place, 23).sweep() == 0
    assert (await place.fetch(half["url"], "ann")).code == 200
    assert await uploads_at(place, 25).sweep() == 3
    assert (place.left(), await place.store.uploads.count({})) == ([], 0)
    assert len(place.kept()) == 1
    assert await place.store.songs.get(song["id"]) is not None
