"""The store's line is refused, slow, half-open and cut under a real server: bounded answers, truth, and a way back."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.faults.faulty_line import FaultyLine
from tests.server.client import Client
from tests.server.conftest import Process
from tests.services.exercised import exercised
from tests.services.ferretdb import running_server

pytestmark = pytest.mark.faults

TIMEOUT_S = 1.0
BOUND_S = 15.0
"""Several steps of one request may each take the store's time-out; more than this is a hang."""
MOST_LINES = 20
"""Of one outage of some seconds: the store's own line every ten, and one for each request that is answered 503."""
MAKE = "mutation($n: String!) { createPlaylist(name: $n) { playlist { id } } }"
READ = "{ me { username } }"
FAULTS: dict[str, Callable[[FaultyLine], None]] = {
    "refused": lambda line: line.refuse(),
    "slow": lambda line: line.slow(5.0),
    "half-open": lambda line: line.half_open(),
    "cut": lambda line: line.cut_after(20),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Process, FaultyLine]]:
    folder: Path = tmp_path_factory.mktemp("line")
    with running_server() as store, FaultyLine(urlsplit(store.uri).port or 0) as line:
        settings = {
            "TUTTI_STORAGE_MONGODB_URI": f"mongodb://127.0.0.1:{line.port}/",
            "TUTTI_STORAGE_MONGODB_TIMEOUT_MS": str(int(TIMEOUT_S * 1000)),
            "TUTTI_GRAPHQL_RATE_PER_SECOND": "0",
        }
        process = Process(folder / "data", settings)
        process.start()
        exercised(f"{store.product} behind a faulty line")
        try:
            yield process, line
            line.open()
            assert process.stop() == 0
        finally:
            if process.child is not None:
                process.child.kill()
                process.child.wait()


async def parts(client: Client) -> tuple[int, dict[str, str]]:
    """What a probe is told: it asks without a token, for whose a token is only the store knows."""
    answer = await Client(client.base).fetch("/readyz", request_timeout=BOUND_S)
    return answer.code, json.loads(answer.body)["parts"]


async def refused(client: Client, query: str, **variables: str) -> str:
    """The code of the error, which has to come within the bound."""
    began = time.monotonic()
    answer = await client.ask(query, **variables)
    assert time.monotonic() - began < BOUND_S
    return str(answer["errors"][0]["extensions"]["code"])


@pytest.mark.parametrize("fault", FAULTS)
async def test_without_its_store_the_house_says_so_and_comes_back(house, fault):
    process, line = house
    client = Client(process.base)
    await client.register("f" + fault.replace("-", ""))
    before = len(process.log.read_text().splitlines())
    FAULTS[fault](line)
    try:
        assert await refused(client, MAKE, n=fault) == "STORE_AWAY"
        assert await refused(client, READ) == "STORE_AWAY"
        code, told = await parts(client)
        assert code == 503
        assert [name for name, state in told.items() if state != "ok"] == ["documents"]
    finally:
        line.open()
    async with asyncio.timeout(30):
        while (await parts(client))[0] != 200:  # noqa: ASYNC110 - it cannot call us
            await asyncio.sleep(0.2)
    assert (await client.get(READ))["me"]["username"] == "f" + fault.replace("-", "")
    await client.get(MAKE, n="after")
    new = process.log.read_text().splitlines()[before:]
    assert not [text for text in new if "tornado.application" in text or "INTERNAL" in text], new
    assert len([text for text in new if re.search("WARNING|ERROR", text)]) <= MOST_LINES, new
