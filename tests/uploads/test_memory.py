"""200 MB through a server of its own: on disk as it arrives, never in memory."""

import asyncio
import json
import wave
from pathlib import Path

import numpy as np
import pytest

from tests.server.conftest import Process
from tests.uploads.place import SONG, open_place

BOUND_KB = 30_000


def peak_kb(pid):
    """The most memory the process ever held."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])


async def send(port, head, before, path, after):
    """A request whose body is a file between two pieces of text, read as it is sent; the answer's status and body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    length = len(before) + path.stat().st_size + len(after)
    writer.write(f"{head}\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n".encode() + before)
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            writer.write(piece)
            await writer.drain()
    writer.write(after)
    answer = await reader.read()
    writer.close()
    return int(answer.split()[1]), answer.partition(b"\r\n\r\n")[2]


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    path = tmp_path_factory.mktemp("large") / "large.wav"
    noise = np.random.default_rng(5).integers(-20_000, 20_000, 1_000_000, "<i2").tobytes()
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 44_100, 0, "NONE", ""))
        for number in range(100):
            file.writeframes(number.to_bytes(4, "little") + noise[4:])
    return path


async def test_a_large_file_is_never_in_memory(tmp_path, large):
    assert large.stat().st_size > 200_000_000
    async with open_place(tmp_path) as place:
        process = Process(place.data)
        process.start()
        try:
            place.base = process.base
            await place.ask("{ __typename }", "ann")
            before = peak_kb(process.child.pid)
            operations = json.dumps({"query": SONG, "variables": {"title": "S", "artist": "ann", "file": None}})
            opening = (
                f'--XbX\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{operations}\r\n'
                '--XbX\r\nContent-Disposition: form-data; name="map"\r\n\r\n{"0": ["variables.file"]}\r\n'
                '--XbX\r\nContent-Disposition: form-data; name="0"; filename="l.wav"\r\n\r\n'
            )
            bearer = f"Authorization: Bearer {place.tokens['ann']}"
            head = f"POST /graphql HTTP/1.1\r\n{bearer}\r\nContent-Type: multipart/form-data; boundary=XbX"
            code, body = await send(process.port, head, opening.encode(), large, b"\r\n--XbX--\r\n")
            song = json.loads(body)["data"]["uploadSong"]["song"]
            assert (code, song["duration"]) == (200, round(50_000_000 / 44_100))
            assert peak_kb(process.child.pid) - before < BOUND_KB
            answer = await place.ask(
                'mutation($s: Int!) { createUpload(fileName: "l", size: $s) { upload { id url } } }',
                "ann",
                s=large.stat().st_size,
            )
            upload = answer["data"]["createUpload"]["upload"]
            code, body = await send(process.port, f"PUT {upload['url']} HTTP/1.1\r\n{bearer}", b"", large, b"")
            assert (code, json.loads(body)["isComplete"]) == (200, True)
            again = await place.song(upload=upload["id"], album="dawn")
            assert again["duration"] == song["duration"]
            assert peak_kb(process.child.pid) - before < BOUND_KB
        finally:
            process.stop()
