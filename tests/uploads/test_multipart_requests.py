"""The GraphQL multipart request: where files go, and every way in which one can be broken."""

import asyncio
import json

import pytest

from handlers.graphql_intake import open_intake
from services.uploads.uploads import LARGE_BODIES_AT_ONCE
from tests.stream.stage import until
from tests.uploads.place import SONG, form, open_place

OPERATIONS = json.dumps({"query": SONG, "variables": {"title": "S", "artist": "ann", "file": None}}).encode()
MAP = b'{"0": ["variables.file"]}'


async def test_a_file_goes_where_the_map_says(place, sound):
    answer = await place.send_file(sound)
    song = json.loads(answer.body)["data"]["uploadSong"]["song"]
    assert (answer.code, song["durationMs"]) == (200, 1000)
    file = await place.store.audio_files.first({"song_id": song["id"]})
    assert (file.size, file.codec, file.state) == (len(sound), "pcm", "present")
    assert [str(path) for path in place.kept()] == [file.path]
    assert await place.store.uploads.count({}) == 0
    await until(lambda: not place.left())


async def test_one_file_may_serve_several_fields(place, sound):
    query = """mutation($a: Upload!, $b: Upload!) {
        one: uploadSong(title: "One", artistId: "ann", audioUpload: $a) { song { title } }
        two: uploadSong(title: "Two", artistId: "ann", albumId: "dawn", audioUpload: $b) { song { title } } }"""
    operations = json.dumps({"query": query, "variables": {"a": None, "b": None}}).encode()
    answer = await place.post_parts(
        [("operations", operations, None), ("map", b'{"x": ["variables.a", "variables.b"]}', None), ("x", sound, "a")]
    )
    assert json.loads(answer.body) == {"data": {"one": {"song": {"title": "One"}}, "two": {"song": {"title": "Two"}}}}
    assert len(place.kept()) == 2
    await until(lambda: not place.left())


BROKEN = [
    [],
    [("map", MAP, None)],
    [("operations", OPERATIONS, None)],
    [("operations", OPERATIONS, None), ("0", b"x", "a"), ("map", MAP, None)],
    [("map", MAP, None), ("operations", OPERATIONS, None), ("0", b"x", "a")],
    [("operations", OPERATIONS, None), ("map", b"{", None), ("0", b"x", "a")],
    [("operations", b"{", None), ("map", MAP, None), ("0", b"x", "a")],
    [("operations", b"7", None), ("map", MAP, None), ("0", b"x", "a")],
    [("operations", OPERATIONS, None), ("map", b'{"9": ["variables.file"]}', None), ("0", b"x", "a")],
    [("operations", OPERATIONS, None), ("map", b'{"0": ["nope.0.file"]}', None), ("0", b"x", "a")],
    [("operations", OPERATIONS, None), ("map", b'{"0": ["query"]}', None), ("0", b"x", "a")],
    [("operations", OPERATIONS, None), ("map", b'{"0": ["variables"]}', None), ("0", b"x", "a")],
    [("operations", OPERATIONS, None), ("map", b'{"0": ["variables.title"]}', None), ("0", b"x", "a")],
    [("operations", OPERATIONS, None), ("map", b'{"0": ["variables.nothing"]}', None), ("0", b"x", "a")],
    [("operations", OPERATIONS, None), ("map", b'{"0": ["__proto__.x"]}', None), ("0", b"x", "a")],
    [("operations", OPERATIONS, None), ("map", b'{"0": [""]}', None), ("0", b"x", "a")],
    [("operations", OPERATIONS, None), ("map", b'{"0": 3}', None), ("0", b"x", "a")],
    [("operations", OPERATIONS, None), ("map", b'{"0": [3]}', None), ("0", b"x", "a")],
    [("operations", OPERATIONS, None), ("map", b"[]", None), ("0", b"x", "a")],
    [("operations", OPERATIONS, None), ("map", MAP, None), ("0", b"x", "a"), ("0", b"x", "a")],
    [("operations", OPERATIONS, None), ("operations", OPERATIONS, None), ("map", MAP, None), ("0", b"x", "a")],
    [("operations", OPERATIONS, None), ("map", b'{"0": ["variables.file"], "1": ["variables.file"]}', None)],
    [("operations", OPERATIONS, None), ("map", json.dumps({str(n): [] for n in range(51)}).encode(), None)],
    [("operations", b"[]", None), ("map", b'{"0": ["0.variables.file"]}', None), ("0", b"x", "a")],
    [("operations", OPERATIONS, None), ("map", MAP, None), *((f"f{n}", b"x", "a") for n in range(60))],
]


async def test_a_broken_request_is_400_and_stores_nothing(place):
    for parts in BROKEN:
        answer = await place.post_parts(parts)
        assert answer.code == 400
        assert json.loads(answer.body)["errors"][0]["extensions"]["code"] in ("MULTIPART_INVALID", "INVALID")
        assert (place.left(), await place.store.songs.count({})) == ([], 0)


async def test_a_body_cut_off_is_400_and_stores_nothing(place, sound):
    whole = form([("operations", OPERATIONS, None), ("map", MAP, None), ("0", sound, "a")])
    headers = {"Content-Type": "multipart/form-data; boundary=XbX"}
    answer = await place.fetch("/graphql", "ann", method="POST", headers=headers, body=whole[:-40])
    assert (answer.code, json.loads(answer.body)["errors"][0]["extensions"]["code"]) == (400, "MULTIPART_INVALID")
    assert (place.left(), await place.store.songs.count({})) == ([], 0)


async def test_a_sender_who_leaves_in_the_middle_leaves_nothing(place, sound):
    whole = form([("operations", OPERATIONS, None), ("map", MAP, None), ("0", sound * 40, "a")])
    _, writer = await asyncio.open_connection("127.0.0.1", int(place.base.rpartition(":")[2]))
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {place.tokens['ann']}\r\n"
        f"Content-Type: multipart/form-data; boundary=XbX\r\nContent-Length: {len(whole)}\r\n\r\n"
    )
    writer.write(head.encode() + whole[: len(whole) // 2])
    await writer.drain()
    await until(place.left)
    writer.close()
    await until(lambda: not place.left())
    assert len(place.app.visits) == 0


async def test_a_foreign_page_cannot_send(place):
    parts = [("operations", OPERATIONS, None), ("map", MAP, None), ("0", b"x", "a")]
    assert (await place.post_parts(parts, None, Origin="https://evil.example")).code == 415
    for header in ("Apollo-Require-Preflight", "GraphQL-Preflight", "X-Requested-With", "X-Apollo-Operation-Name"):
        # The header is there, so the browser has asked; what is missing now is somebody.
        assert (await place.post_parts(parts, None, **{header: "yes"})).code == 401


async def test_who_may_not_send_hears_so_after_a_large_file_too(place, sound):
    answer = await place.send_file(sound * 200, "lis")
    assert (answer.code, json.loads(answer.body)["errors"][0]["extensions"]["code"]) == (403, "DENIED")
    assert place.left() == []


async def test_a_stale_token_is_what_is_wrong(place, sound):
    parts = [("operations", OPERATIONS, None), ("map", MAP, None), ("0", sound, "a")]
    place.tokens["old"] = "nonsense"
    answer = await place.post_parts(parts, "old")
    assert (answer.code, json.loads(answer.body)["errors"][0]["extensions"]["code"]) == (401, "TOKEN_INVALID")


async def test_plain_text_is_no_upload(place):
    answer = await place.ask(SONG, "ann", title="S", artist="ann", file="text")
    assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_INVALID"


@pytest.mark.parametrize("declared", [True, False])
async def test_a_file_over_the_bound_is_413(tmp_path, sound, declared):
    async with open_place(tmp_path, UPLOADS_MAX_BYTES="100000") as place:
        assert (await place.send_file(sound)).code == 200
        answer = await place.send_file(sound + b"\0" * 12_000)
        assert (answer.code, json.loads(answer.body)["errors"][0]["extensions"]["code"]) == (413, "TOO_LARGE")
        await until(lambda: not place.left())
        whole = form([("operations", OPERATIONS, None), ("map", MAP, None), ("0", sound * 60, "a")])
        headers = {"Content-Type": "multipart/form-data; boundary=XbX"}
        if declared:
            answer = await place.fetch("/graphql", "ann", method="POST", headers=headers, body=whole)
        else:

            async def pieces(write):
                for at in range(0, len(whole), 65_536):
                    await write(whole[at : at + 65_536])

            answer = await place.fetch("/graphql", "ann", method="POST", headers=headers, body_producer=pieces)
        assert answer.code == 413
        assert (place.left(), await place.store.songs.count({})) == ([], 1)


async def test_what_arrives_after_the_sender_left_is_not_kept(place, monkeypatch):
    headers = {"Content-Type": "multipart/form-data; boundary=XbX", "GraphQL-Preflight": "1"}
    operations = json.dumps({"query": SONG, "variables": {"file": None, "more": None}}).encode()
    places = b'{"0": ["variables.file"], "1": ["variables.more"]}'
    body = form([("operations", operations, None), ("map", places, None), ("0", b"a", "a.wav"), ("1", b"b", "b.wav")])
    intake = open_intake(headers, place.viewers["ann"], place.uploads, 10_000)
    begin = place.uploads.staging.begin

    async def begin_while_the_sender_leaves(*words, **more):
        writer = await begin(*words, **more)
        await intake.close()
        return writer

    monkeypatch.setattr(place.uploads.staging, "begin", begin_while_the_sender_leaves)
    await intake.take(body[:-3])
    await intake.take(body[-3:])
    assert place.left() == []


async def test_a_large_body_that_broke_off_holds_no_room(place):
    headers = {"Content-Type": "application/json"}
    for _ in range(LARGE_BODIES_AT_ONCE + 1):
        intake = open_intake(headers, place.viewers["ann"], place.uploads, 10)
        await intake.take(b'{"a": "')
        await intake.close()
        await intake.take(b"b" * 100)
        assert intake.refusal is None
    with place.uploads.large_body():
        pass
