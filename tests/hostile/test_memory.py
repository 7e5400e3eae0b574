"""A server of its own under everything at once: its memory stays within bounds, and it answers in between."""

from __future__ import annotations

import asyncio
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.documents import LYRICS, PLAYLISTS
from tests.hostile.pictures import MOST_PIXELS, PICTURES
from tests.hostile.sounds import SOUNDS
from tests.hostile.test_doors import PROFILE
from tests.realtime.raw_socket import RSV1, TEXT, RawSocket, frame
from tests.server.conftest import Process
from tests.uploads.place import SONG, Place, open_place, text_of

PEAK_KB = 700_000
"""Two pictures of fifty million pixels are drawn at once; each takes 200 MB while it is."""
KEPT_KB = 300_000
"""What the process may hold more afterwards: the allocator keeps some of it."""
ROUNDS = 2
MB = 1 << 20
IMPORT = "mutation($t: String!) { importPlaylist(text: $t) { matched } }"
EDIT = "mutation($s: ID!, $t: String!) { setLyrics(songId: $s, text: $t) { lyrics { kind } } }"


def memory_kb(pid: int, line: str) -> int:
    """`VmRSS` now, or `VmHWM` at most so far."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(each for each in lines if each.startswith(line)).split()[1])


async def asked(place: Place, query: str, who: str, **variables: Any) -> None:
    answer = await place.ask(query, who, **variables)
    codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
    assert "INTERNAL" not in codes, (query, codes)


async def attack(place: Place) -> None:
    """One round of all that fits through a door."""
    headers = {"Content-Type": "application/json"}
    for body in (
        b"[" * 900_000,
        b'{"query":"{a}","variables":{"a":' + b"9" * 900_000 + b"}}",
        b"{" + b'"a":{' * 90_000,
    ):
        assert (await place.fetch("/graphql", "ann", method="POST", headers=headers, body=body)).code == 400
    packing = zlib.compressobj(9)
    bomb = b"".join(packing.compress(bytes(MB)) for _ in range(500)) + packing.flush()
    packed = headers | {"Content-Encoding": "deflate"}
    assert (await place.fetch("/graphql", "ann", method="POST", headers=packed, body=bomb)).code == 415
    pictures = {**PICTURES, **MOST_PIXELS}
    await asyncio.gather(*(asked(place, PROFILE, "ann", p=text_of(make())) for make in pictures.values()))
    for make, _ in SOUNDS.values():
        if len(made := make()) < 12 * MB:
            await asked(place, SONG, "ann", title="x", artist="ann", text=text_of(made))
    for make in PLAYLISTS.values():
        await asked(place, IMPORT, "ann", t=make()[:700_000])
    for _, make in LYRICS.values():
        await asked(place, EDIT, "adm", s="x", t=make()[:700_000])
    for path, protocol in (("/ws", None), ("/graphql", "graphql-transport-ws")):
        async with RawSocket(place.base.replace("http", "ws") + path, protocol=protocol) as socket:
            socket.send(frame(TEXT, bomb[:60_000], rsv=RSV1))
            assert (await socket.reader.read(2))[:1] == b"\x88"


@pytest.mark.long
async def test_a_server_under_all_of_it_keeps_its_memory(tmp_path: Path) -> None:
    async with open_place(tmp_path) as place:
        process = Process(place.data)
        process.start()
        try:
            assert process.child is not None
            place.base, pid = process.base, process.child.pid
            assert json.dumps(await place.ask("{ __typename }", "ann")) == '{"data": {"__typename": "Query"}}'
            before = memory_kb(pid, "VmRSS")
            for _ in range(ROUNDS):
                await attack(place)
            assert (await place.fetch("/readyz")).code == 200
            assert memory_kb(pid, "VmHWM") - before < PEAK_KB
            assert memory_kb(pid, "VmRSS") - before < KEPT_KB
            told = process.log.read_text()
            assert "Traceback" not in told and "ERROR" not in told
        finally:
            process.stop()
