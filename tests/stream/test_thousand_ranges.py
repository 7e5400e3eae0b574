"""A thousand ranges of a rendition nobody has asked for yet, over real sockets, are pieces of one and the same file."""

import asyncio
import contextlib
import random
from dataclasses import dataclass
from hashlib import sha256

import pytest

from services.audio.codecs import mp3, opus
from services.audio.codecs.flac import Flac
from tests.stream.stage import describe, stage

SECONDS = 32
RANGES, CLIENTS = 1000, 8
KINDS = [("mp3", "flac", "normal"), ("opus", "flac", "low"), ("flac", "alac.m4a", "lossless")]


@dataclass(frozen=True)
class Answer:
    """What came back for one range."""

    status: int
    headers: dict[str, str]
    body: bytes


class Client:
    """One connection that asks one thing after the other."""

    def __init__(self, reader, writer, path):
        self.reader, self.writer, self.path = reader, writer, path

    async def ask(self, wanted=None, method="GET"):
        field = f"Range: bytes={wanted}\r\n" if wanted else ""
        self.writer.write(f"{method} {self.path} HTTP/1.1\r\nHost: x\r\n{field}\r\n".encode())
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:] if line)
        length = 0 if method == "HEAD" else int(headers["Content-Length"])
        return Answer(int(lines[0].split()[1]), headers, await self.reader.readexactly(length))


@contextlib.asynccontextmanager
async def served(directory, tunes, source, form, quality):
    """A server with nothing in its cache, and a way to connect to its one song."""
    writers = []
    directory.mkdir()
    async with stage(directory, encoder_queue=256) as running:
        path = tunes(source, 44100, 2, float(SECONDS))
        running.songs["x"] = describe(path, kind=source, rate=44100, samples=SECONDS * 44100)

        async def connect():
            reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
            writers.append(writer)
            return Client(reader, writer, f"/stream/x?quality={quality}&format={form}&ticket={running.ticket('x')}")

        try:
            yield running, connect
        finally:
            for writer in writers:
                writer.close()


@pytest.mark.parametrize(
    ("form", "source", "quality"), [KINDS[0], *(pytest.param(*kind, marks=pytest.mark.long) for kind in KINDS[1:])]
)
async def test_a_thousand_random_ranges_are_the_whole(tmp_path, tunes, form, source, quality):
    chance = random.Random(form)
    async with served(tmp_path / "first", tunes, source, form, quality) as (running, connect):
        head = await (await connect()).ask(method="HEAD")
        length, tag = int(head.headers["Content-Length"]), head.headers["Etag"]
        assert running.deliveries.encoder.encoded == 0
        cuts = [0, *sorted(chance.sample(range(1, length), RANGES - 1)), length]
        order = list(range(RANGES))
        chance.shuffle(order)
        got = {}

        async def listen(numbers):
            client = await connect()
            for number in numbers:
                start, end = cuts[number], cuts[number + 1]
                answer = await client.ask(f"{start}-{end - 1}")
                assert (answer.status, answer.headers["Etag"]) == (206, tag)
                assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{length}"
                got[number] = answer.body

        await asyncio.gather(*(listen(order[client::CLIENTS]) for client in range(CLIENTS)))
        pieced = sha256(b"".join(got[number] for number in range(RANGES))).hexdigest()
        segments = layout_of(form).segments
        assert running.deliveries.encoder.encoded == segments
    # The whole at once, from a server that has never seen the song.
    async with served(tmp_path / "second", tunes, source, form, quality) as (running, connect):
        answer = await (await connect()).ask()
        assert (answer.status, answer.headers["Etag"], len(answer.body)) == (200, tag, length)
        assert sha256(answer.body).hexdigest() == pieced
        assert running.deliveries.encoder.encoded == segments


@pytest.mark.parametrize(("form", "source", "quality"), KINDS)
async def test_a_range_encodes_the_segments_it_touches_and_no_other(tmp_path, tunes, form, source, quality):
    layout = layout_of(form)
    border, head = layout.segment_bytes(2).start, layout.head_bytes
    async with served(tmp_path / "cold", tunes, source, form, quality) as (running, connect):
        client, made = await connect(), []
        spans = [(border, border), (border + 7, border + 99), (border - 1, border), (0, head - 1), (0, head)]
        for start, end in spans:
            answer = await client.ask(f"{start}-{end}")
            assert answer.status == 206
            assert int(answer.headers["Content-Range"].rpartition("/")[2]) == layout.length
            made.append(running.deliveries.encoder.encoded)
        rendition = next(iter(running.cache._names))
        # The last byte, as players ask for it that want to know how long a file is.
        assert (await client.ask("-1")).headers["Content-Range"].startswith(f"bytes {layout.length - 1}-")
        await client.ask("0-1")
        made.append(running.deliveries.encoder.encoded)
        # Beside them, for a moment, what is being joined to a whole.
        kept = {int(name.partition(".")[0]) for name in running.cache.names(rendition) if name[0].isdigit()}
    assert made == [1, 1, 2, 2, 3, 4]
    # A rendition of which these are all segments is joined soon, and then they are gone.
    assert kept == {0, 1, 2, layout.segments - 1} or layout.segments == 4


def layout_of(form):
    if form == "flac":
        return Flac(44100, 2, 16).geometry(0, SECONDS * 44100, 2, "")
    return {"mp3": mp3.Mp3(), "opus": opus.Opus()}[form].geometry(
        {"mp3": 160_000, "opus": 64_000}[form], SECONDS * 48000, 2, "ab" * 16
    )
