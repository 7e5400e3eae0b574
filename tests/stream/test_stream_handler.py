"""The stream door on a real socket: headers, bodies to the byte, connections that go on or end as they should."""

import asyncio
import contextlib
import email
import os
import random
import shutil
import socket
import ssl
import subprocess

import orjson
import pytest

from handlers import sendfile
from handlers.stream import StreamHandler
from services.audio.admission import Urgency
from services.viewer import Viewer
from tests.stream.stage import children, describe, stage, until

ADA = ("Authorization: Bearer ada",)
BIG = 9 << 20


class Client:
    """One connection, spoken by hand."""

    def __init__(self, reader, writer, running):
        self.reader, self.writer, self.running = reader, writer, running

    def ask(self, target, *headers, method="GET"):
        if self.running.lane is not None and ADA[0] in headers:
            # The express lane is for tickets.
            headers = tuple(header for header in headers if header != ADA[0])
            song_id = target.removeprefix("/stream/").partition("?")[0]
            target += f"&ticket={self.running.ticket(song_id)}"
        lines = [f"{method} {target} HTTP/1.1", "Host: tutti", *headers, "", ""]
        self.writer.write("\r\n".join(lines).encode())

    async def head(self):
        raw = await self.reader.readuntil(b"\r\n\r\n")
        first, _, rest = raw.partition(b"\r\n")
        return int(first.split()[1]), email.message_from_bytes(rest)

    async def answer(self, *, body=True):
        status, headers = await self.head()
        length = int(headers.get("Content-Length", "0")) if body and status not in (304, 204) else 0
        return status, headers, await self.reader.readexactly(length)

    async def fetch(self, target, *headers, method="GET"):
        self.ask(target, *headers, method=method)
        return await self.answer(body=method != "HEAD")

    async def ended(self):
        """Whatever still comes, until the other end closes."""
        try:
            return await self.reader.read()
        except ConnectionError:
            return b""


@contextlib.asynccontextmanager
async def connect(running, *, receive_bytes=None, tls=None):
    raw = socket.socket()
    if receive_bytes:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", running.port))
    names = {"ssl": tls, "server_hostname": "localhost"} if tls else {}
    reader, writer = await asyncio.open_connection(sock=raw, limit=1 << 16, **names)
    try:
        yield Client(reader, writer, running)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


@pytest.fixture(scope="module")
def noise():
    return random.Random(3).randbytes(BIG)


@pytest.fixture
def big(tmp_path, noise):
    path = tmp_path / "big.flac"
    path.write_bytes(noise)
    return path


@pytest.fixture(params=["handler", "express"])
async def running(request, tmp_path, tunes, big):
    async with stage(tmp_path, express=request.param == "express") as made:
        fill(made, tunes, big)
        yield made


def fill(made, tunes, big):
    made.songs["x"] = describe(tunes("flac"), kind="flac", rate=44100, samples=22 * 44100)
    made.songs["big"] = describe(big, kind="flac", rate=44100, samples=10_000_000)


async def test_the_whole_original_with_all_its_headers(running, big):
    async with connect(running) as client:
        status, headers, body = await client.fetch("/stream/big?quality=lossless", *ADA)
    assert status == 200
    assert body == big.read_bytes()
    assert headers["Content-Type"] == "audio/flac"
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["ETag"].startswith('"')
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["Vary"] == "Accept, Authorization, Origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Tutti-Rendition"] == 'original; why="as asked"'
    assert headers["Last-Modified"].endswith("GMT")
    assert headers["Content-Disposition"] == (
        'inline; filename="_nnchen - Gr__e _ aus K_ln.flac"; '
        "filename*=UTF-8''%C3%84nnchen%20-%20Gr%C3%BC%C3%9Fe%20_%20aus%20K%C3%B6ln.flac"
    )


async def test_one_connection_serves_request_after_request(running, big):
    sound = big.read_bytes()
    async with connect(running) as client:
        for start, end in ((0, 1), (5, 70_000), (BIG - 10, BIG), (0, BIG), (7, 8)):
            status, headers, body = await client.fetch(
                "/stream/big?quality=lossless", *ADA, f"Range: bytes={start}-{end - 1}"
            )
            assert (status, headers["Content-Range"]) == (206, f"bytes {start}-{end - 1}/{BIG}")
            assert body == sound[start:end]


async def test_requests_sent_ahead_are_answered_in_order(running, big):
    sound = big.read_bytes()
    async with connect(running) as client:
        pieces = [(0, 3_000_000), (10, 20), (5_000_000, 8_000_000), (1, 2)]
        for start, end in pieces:
            client.ask("/stream/big?quality=lossless", *ADA, f"Range: bytes={start}-{end - 1}")
        for start, end in pieces:
            assert (await client.answer())[2] == sound[start:end]


async def test_several_ranges_come_as_multipart(running, big):
    sound = big.read_bytes()
    async with connect(running) as client:
        status, headers, body = await client.fetch(
            "/stream/big?quality=lossless", *ADA, "Range: bytes=0-9,1000000-2999999,-5"
        )
        message = email.message_from_bytes(b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + body)
        assert status == 206
        expected = [(0, 10), (1_000_000, 3_000_000), (BIG - 5, BIG)]
        for part, (start, end) in zip(message.get_payload(), expected, strict=True):
            assert part["Content-Range"] == f"bytes {start}-{end - 1}/{BIG}"
            head = f"Content-Range: bytes {start}-{end - 1}/{BIG}\r\n\r\n".encode()
            assert body[body.index(head) + len(head) :].startswith(sound[start:end] + b"\r\n--")
        assert (await client.fetch("/stream/big?quality=lossless", *ADA, "Range: bytes=0-0"))[2] == sound[:1]


@pytest.mark.parametrize("quality", ["lossless", "low"])
async def test_answers_without_a_body_keep_the_connection(running, quality):
    target = f"/stream/x?quality={quality}"
    async with connect(running) as client:
        status, headers, _ = await client.fetch(target, *ADA, method="HEAD")
        length, etag = headers["Content-Length"], headers["ETag"]
        assert status == 200
        status, headers, _ = await client.fetch(target, *ADA, f"If-None-Match: {etag}")
        assert (status, headers["ETag"], headers["Content-Type"]) == (304, etag, None)
        status, headers, body = await client.fetch(target, *ADA, f"Range: bytes={length}-")
        assert (status, headers["Content-Range"], body) == (416, f"bytes */{length}", b"")
        status, _, body = await client.fetch(target, *ADA, 'If-Match: "other"')
        assert (status, body) == (412, b"")
        status, headers, _ = await client.fetch(target, *ADA, "Range: bytes=0-1")
        assert (status, headers["Content-Range"]) == (206, f"bytes 0-1/{length}")
    assert running.deliveries.encoder.encoded == 0


async def test_the_first_request_ever_for_a_rendition_is_a_206(running):
    async with connect(running) as client:
        status, headers, body = await client.fetch("/stream/x?quality=low", *ADA, "Range: bytes=0-1")
        total = (1 + -(-(22 * 48000 + 1105) // 1152)) * 288
        assert (status, headers["Content-Range"], len(body)) == (206, f"bytes 0-1/{total}", 2)
        assert headers["ETag"].startswith('"')
        assert headers["X-Tutti-Rendition"] == 'mp3-96; why="as asked"'
        whole = (await client.fetch("/stream/x?quality=low", *ADA))[2]
        assert len(whole) == total
        several = (await client.fetch("/stream/x?quality=low", *ADA, "Range: bytes=0-9,200000-200009"))[2]
        assert whole[:10] in several
        assert whole[200_000:200_010] in several


async def test_a_format_by_name_or_by_accept_at_both_doors(running):
    cases = [
        ("quality=low&format=opus", (), 'opus-64; why="as asked"', "audio/ogg; codecs=opus"),
        ("quality=low&format=mp3", ("Accept: audio/ogg",), 'mp3-96; why="as asked"', "audio/mpeg"),
        ("quality=low", ("Accept: audio/ogg",), 'opus-64; why="as asked; the player likes opus best"', None),
        ("quality=low", ("Accept: */*",), 'mp3-96; why="as asked"', "audio/mpeg"),
        ("format=original", (), 'original; why="as asked"', "audio/flac"),
        ("quality=low&format=original", (), 'original; why="as asked"', "audio/flac"),
    ]
    async with connect(running) as client:
        for query, headers, rendition, kind in cases:
            status, answered, _ = await client.fetch(f"/stream/x?{query}", *ADA, *headers, method="HEAD")
            assert (status, answered["X-Tutti-Rendition"]) == (200, rendition)
            assert answered["Content-Type"] == (kind or "audio/ogg; codecs=opus")
            again = await client.fetch(f"/stream/x?{query}", *ADA, *headers, "Range: bytes=0-3")
            assert (again[0], again[1]["ETag"]) == (206, answered["ETag"])
            assert again[1]["Content-Range"] == f"bytes 0-3/{answered['Content-Length']}"
            assert again[2] == {"audio/flac": b"fLaC", "audio/mpeg": again[2]}.get(kind, b"OggS")
        for value in ("wma", "%ff", "Opus"):
            status, _, body = await client.fetch(f"/stream/x?quality=low&format={value}", *ADA)
            assert (status, orjson.loads(body)["error"]["code"]) == (400, "INVALID")


async def test_opus_that_is_complete_takes_the_way_of_a_file(running):
    async with connect(running) as client:
        first = await client.fetch("/stream/x?quality=low&format=opus", *ADA)
        await until(lambda: list(running.cache._root.glob("*/*/whole-*")))
        await until(lambda: not running.deliveries._renditions._joins)
        if running.lane is not None:
            running.lane.forget()
        second = await client.fetch("/stream/x?quality=low&format=opus", *ADA)
        part = await client.fetch("/stream/x?quality=low&format=opus", *ADA, "Range: bytes=100-90000")
    assert (first[0], second[0], part[0]) == (200, 200, 206)
    assert first[2] == second[2]
    assert part[2] == first[2][100:90_001]
    assert running.deliveries.encoder.encoded == 3
    if running.lane is not None:
        assert running.lane.served == 2


async def test_who_may_listen(running):
    ticket = running.ticket("x")
    cases = [
        ("/stream/x?quality=lossless", (), 401, "UNAUTHENTICATED"),
        ("/stream/x?quality=lossless", ("Authorization: Bearer eve",), 401, "UNAUTHENTICATED"),
        ("/stream/x?quality=lossless", ADA, 206, None),
        (f"/stream/x?quality=lossless&ticket={ticket}", (), 206, None),
        (f"/stream/big?quality=lossless&ticket={ticket}", (), 401, "TICKET_INVALID"),
        (f"/stream/x?ticket={ticket[:-3]}", (), 401, "TICKET_INVALID"),
        ("/stream/x?ticket=%ff", (), 401, "TICKET_INVALID"),
        ("/stream/nothing?quality=low", ADA, 404, "NOT_FOUND"),
        ("/stream/x?quality=best", ADA, 400, "INVALID"),
        ("/stream/x?quality=%ff", ADA, 400, "INVALID"),
        ("/stream/x?format=wav", ADA, 400, "INVALID"),
    ]
    async with connect(running) as client:
        for target, headers, status, code in cases:
            got, answered, body = await client.fetch(target, *headers, "Range: bytes=0-1")
            assert got == status, target
            if code:
                assert orjson.loads(body)["error"]["code"] == code
                assert answered["Accept-Ranges"] is None
    assert running.deliveries.encoder.encoded == 0


async def test_a_hidden_song_stops_playing_although_its_ticket_lives(running):
    target = f"/stream/x?quality=lossless&ticket={running.ticket('x')}"
    async with connect(running) as client:
        assert (await client.fetch(target, "Range: bytes=0-1"))[0] == 206
        running.hide("x")
        assert (await client.fetch(target, "Range: bytes=0-1"))[0] == 404


async def test_a_ticket_gives_no_more_than_its_quality(running):
    async with connect(running) as client:
        target = f"/stream/x?quality=lossless&ticket={running.ticket('x', 'low')}"
        _, headers, _ = await client.fetch(target, method="HEAD")
        assert headers["X-Tutti-Rendition"].startswith("mp3-96; why=")


async def test_preflight_allows_ranges(running):
    async with connect(running) as client:
        status, headers, _ = await client.fetch(
            "/stream/x", "Origin: https://a.example", "Access-Control-Request-Method: GET", method="OPTIONS"
        )
        assert (status, headers["Allow"]) == (204, "GET, HEAD, OPTIONS")
        assert "Range" in headers["Access-Control-Allow-Headers"]
        assert (await client.fetch("/stream/x?quality=low", *ADA, method="POST"))[0] == 405


async def test_a_slow_listener_gets_every_byte(running, big):
    async with connect(running, receive_bytes=8192) as client:
        client.ask("/stream/big?quality=lossless", *ADA, f"Range: bytes=1-{BIG - 2}")
        client.ask("/stream/big?quality=lossless", *ADA, "Range: bytes=0-0")
        assert (await client.answer())[2] == big.read_bytes()[1 : BIG - 1]
        assert len((await client.answer())[2]) == 1


async def test_without_sendfile_the_bytes_are_the_same(running, big, monkeypatch):
    monkeypatch.delattr(os, "sendfile")
    async with connect(running) as client:
        for start, end in ((0, 10), (3, 5_000_000)):
            answer = await client.fetch("/stream/big?quality=lossless", *ADA, f"Range: bytes={start}-{end - 1}")
            assert answer[2] == big.read_bytes()[start:end]


async def test_what_is_not_in_memory_is_fetched_first(running, big, monkeypatch):
    fetched = []
    real = sendfile.fetch
    monkeypatch.setattr(sendfile, "is_resident", lambda fd, at, count: at in fetched)
    monkeypatch.setattr(sendfile, "fetch", lambda fd, at, count: (fetched.append(at), real(fd, at, count)))
    async with connect(running) as client:
        answer = await client.fetch("/stream/big?quality=lossless", *ADA, "Range: bytes=5-3000000")
    assert answer[2] == big.read_bytes()[5:3_000_001]
    assert fetched[0] == 5


async def test_a_file_that_shrinks_while_it_is_sent_ends_the_connection(running, big, log_watch):
    log_watch.expect("a file changed while it was sent")
    async with connect(running, receive_bytes=8192) as client:
        client.ask("/stream/big?quality=lossless", *ADA)
        status, headers = await client.head()
        assert (status, headers["Content-Length"]) == (200, str(BIG))
        os.truncate(big, 1000)
        assert len(await client.ended()) < BIG
    assert len([line for line in log_watch.lines if "changed" in line]) == 1


async def test_a_deleted_file_is_sent_to_its_end_and_then_is_away(running, big):
    sound = big.read_bytes()
    async with connect(running, receive_bytes=8192) as client:
        client.ask("/stream/big?quality=lossless", *ADA)
        await client.reader.readuntil(b"\r\n\r\n")
        big.unlink()
        assert await client.reader.readexactly(BIG) == sound
        running.deliveries._files.close()
        status, _, body = await client.fetch("/stream/big?quality=lossless", *ADA)
        assert (status, orjson.loads(body)["error"]["code"]) == (503, "SOURCE_MISSING")


async def test_a_rendition_whose_source_goes_away_is_cut_not_patched(tmp_path, tunes, log_watch):
    log_watch.expect("a stream was cut short")
    path = shutil.copy(tunes("flac"), tmp_path / "copy.flac")
    async with stage(tmp_path) as running:
        running.deliveries._files._fresh_s = 1e9
        running.songs["c"] = describe(path, kind="flac", rate=44100, samples=22 * 44100)
        sound = await running.deliveries.open(Viewer(user_id="ada"), "c", "low")
        await sound.make(0, Urgency.PLAYHEAD)
        os.unlink(path)
        async with connect(running) as client:
            client.ask("/stream/c?quality=low", *ADA)
            status, headers = await client.head()
            assert status == 200
            assert len(await client.ended()) == 401 * 288 < int(headers["Content-Length"])
        async with connect(running) as client:
            status, _, body = await client.fetch("/stream/c?quality=low", *ADA)
            assert (status, orjson.loads(body)["error"]["code"]) == (503, "SOURCE_MISSING")


async def test_a_listener_who_leaves_takes_the_encoder_along(running):
    async with connect(running) as client:
        client.ask("/stream/x?quality=high", *ADA)
        await until(lambda: running.deliveries.admission.running)
    await until(lambda: not running.deliveries.admission.running)
    await until(lambda: children() == [])
    assert [path for path in running.cache._root.rglob("*") if path.is_file()] == []
    await until(lambda: not any(task.get_name().startswith(("stream", "encode")) for task in asyncio.all_tasks()))


async def test_a_listener_who_leaves_in_the_middle_of_a_file_leaves_nothing_open(running):
    async with connect(running, receive_bytes=8192) as client:
        client.ask("/stream/big?quality=lossless", *ADA)
        await client.head()
        file = running.deliveries._files._files[running.songs["big"].path]
        assert file._users == 1
    await until(lambda: file._users == 0)


@pytest.mark.parametrize("express", [False, True])
async def test_a_listener_who_takes_nothing_is_let_go(tmp_path, tunes, big, express):
    async with stage(tmp_path, stall_s=0.05, express=express) as running:
        fill(running, tunes, big)
        async with connect(running, receive_bytes=8192) as client:
            client.ask("/stream/big?quality=lossless", *ADA)
            await until(lambda: running.deliveries._files._files)
            file = running.deliveries._files._files[running.songs["big"].path]
            await until(lambda: file._users == 0)
            assert len(await client.ended()) < BIG


async def test_a_full_queue_is_429_before_any_sound(tmp_path, tunes, big):
    async with stage(tmp_path, encoders=1, encoder_queue=0) as running:
        fill(running, tunes, big)
        gate = asyncio.Event()

        async def busy():
            await gate.wait()
            return b""

        admission = running.deliveries.admission
        admission._waiting_limit = 1
        held = [
            asyncio.create_task(admission.run(key, busy, user=key, urgency=Urgency.PLAYHEAD), name=key) for key in "ab"
        ]
        await until(lambda: admission.waiting)
        async with connect(running) as client:
            status, headers, body = await client.fetch("/stream/x?quality=low", *ADA, "Range: bytes=0-1000")
            assert (status, orjson.loads(body)["error"]["code"]) == (429, "ENCODERS_BUSY")
            assert int(headers["Retry-After"]) >= 1
            assert (await client.fetch("/stream/x?quality=low", *ADA, method="HEAD"))[0] == 200
            gate.set()
            await asyncio.gather(*held)
            assert (await client.fetch("/stream/x?quality=low", *ADA, "Range: bytes=0-1000"))[0] == 206


def make_certificate(directory):
    """Paths of a key and a certificate for localhost, or a skipped test."""
    names = [str(directory / "key.pem"), str(directory / "cert.pem")]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-keyout", names[0], "-out", names[1], "-days", "2", "-subj", "/CN=localhost"]
    if shutil.which("openssl") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no openssl to make a certificate with")
    return names


async def test_over_tls_the_bytes_are_the_same(tmp_path, tunes, big):
    names = make_certificate(tmp_path)
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    theirs.load_cert_chain(names[1], names[0])
    mine = ssl.create_default_context(cafile=names[1])
    mine.check_hostname = False
    async with stage(tmp_path, tls=theirs) as running:
        fill(running, tunes, big)
        async with connect(running, tls=mine) as client:
            for start, end in ((0, 10), (3, 3_000_000)):
                answer = await client.fetch("/stream/big?quality=lossless", *ADA, f"Range: bytes={start}-{end - 1}")
                assert answer[2] == big.read_bytes()[start:end]


async def test_the_express_lane_serves_files_and_leaves_the_rest_to_the_door(tmp_path, tunes, big):
    async with stage(tmp_path, express=True) as running:
        fill(running, tunes, big)
        ticket = running.ticket("big")
        target = f"/stream/big?quality=lossless&ticket={ticket}"
        express = [(), ("Range: bytes=0-1",), ("Connection: keep-alive",)]
        ordinary = [
            ("Range: bytes=0-1,5-6",),
            ("Origin: https://a.example",),
            ("Connection: close",),
            ("Content-Length: 0",),
            ("Authorization: bearer ada",),
        ]
        for headers in express + ordinary:
            async with connect(running) as client:
                fast = await client.fetch(target, *headers)
                slow = await client.fetch(target, *headers, "Content-Length: 0") if headers in express else fast
                assert fast[0] == slow[0]
                assert names(fast) == names(slow)
                if fast[1].get_content_type() != "multipart/byteranges":
                    assert fast[2] == slow[2]
        assert running.lane.served == len(express)
        async with connect(running) as client:
            for target, status in (
                (f"/stream/x?quality=lossless&ticket={ticket}", 401),
                ("/stream/x?ticket=nonsense", 401),
                (f"/stream/nothing?ticket={running.ticket('nothing')}", 404),
                (f"/stream/big?quality=best&ticket={ticket}", 400),
                ("/stream/", 404),
                ("/elsewhere", 404),
            ):
                assert (await client.fetch(target))[0] == status
        assert running.lane.served == len(express)
        await until(lambda: not running.lane.tasks)


@pytest.mark.parametrize("hosts", [[], ["Host: a", "Host: b"], ["Host: a/b"], ["Host: a b"]])
async def test_a_request_without_one_good_host_is_refused_at_both_doors(running, big, hosts):
    target = f"/stream/big?quality=lossless&ticket={running.ticket('big')}"
    async with connect(running) as client:
        client.writer.write("\r\n".join([f"GET {target} HTTP/1.1", "Range: bytes=0-1", *hosts, "", ""]).encode())
        assert (await client.head())[0] == 400


def names(answer):
    """An answer's headers without those of the one request."""
    changing = {"date", "x-request-id", "content-type", "content-length"}
    return sorted((name.lower(), value) for name, value in answer[1].items() if name.lower() not in changing)


def test_the_door_says_who_may_enter():
    assert StreamHandler.access == "listener"
