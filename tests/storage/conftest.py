"""The engines of every storage test: the embedded one always, MongoDB through both drivers with `-m services`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest

from storage.engine import Engine
from storage.mongo import MongoEngine
from storage.sqlite import SqliteEngine
from tests.services.exercised import exercised
from tests.services.ferretdb import Server, running_server

_numbers = count()


@pytest.fixture(scope="session")
def mongo_server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("pymongo", marks=pytest.mark.services),
        pytest.param("motor", marks=pytest.mark.services),
    ]
)
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Engine]:
    if request.param == "sqlite":
        embedded = SqliteEngine(tmp_path / "store.sqlite")
        await embedded.start()
        yield embedded
        await embedded.stop()
        return
    server = request.getfixturevalue("mongo_server")
    mongo = MongoEngine(server.uri, database=f"contract{next(_numbers)}", driver=request.param)
    await mongo.start()
    exercised(f"{server.product} through {request.param}")
    yield mongo
    assert mongo._server._driver is not None
    await mongo._server.driver.client.drop_database(mongo._server._database)
    await mongo.stop()


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[SqliteEngine]:
    engine = SqliteEngine(tmp_path / "store.sqlite")
    await engine.start()
    yield engine
    await engine.stop()


def is_ferret(engine: Engine) -> bool:
    return isinstance(engine, MongoEngine) and engine.ferret is not None
