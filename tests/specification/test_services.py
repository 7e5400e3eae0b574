"""The specification's documents over real services: documents in a MongoDB-protocol server, news through Redis."""

from __future__ import annotations

import shutil

import pytest

from tests.services.exercised import exercised, missing
from tests.services.ferretdb import running_server
from tests.services.redis_server import RedisServer
from tests.specification.counting import by_collection, counted
from tests.specification.documents import operations
from tests.specification.running import run
from tests.specification.test_commands import COMMANDS
from tests.specification.test_documents import wrongs
from tests.specification.world import furnish, served_world

pytestmark = pytest.mark.services


@pytest.fixture
def documents():
    with running_server() as documents:
        yield documents


@pytest.fixture
async def redis(tmp_path):
    if shutil.which("redis-server") is None:
        missing("Redis", "install redis-server")
    redis = RedisServer(tmp_path)
    await redis.start()
    yield redis
    redis.kill()


async def test_every_document_runs_as_printed_over_a_mongodb_server(tmp_path, documents):
    async with served_world(tmp_path / "data", mongodb_uri=documents.uri) as world:
        assert world.household.store.engine.name == "mongodb"
        await furnish(world)
        wrong = await wrongs(world)
    assert not wrong, "\n".join(wrong)
    exercised(f"{documents.product} under every document of the specification")


async def test_documents_cost_a_mongodb_server_what_they_cost_the_embedded_store(tmp_path, documents):
    found = {}
    async with served_world(tmp_path / "data", mongodb_uri=documents.uri) as world:
        await furnish(world)
        with counted(world.household.store.engine) as requests:
            for document in operations():
                requests.clear()
                await run(world, document)
                if document.kind != "subscription":
                    found[str(document)] = by_collection(requests[-1])
    different = {name: (found[name], COMMANDS[name]) for name in found if found[name] != COMMANDS[name]}
    assert different == {}


async def test_the_subscriptions_are_told_through_redis(tmp_path, redis):
    async with served_world(tmp_path / "data", redis_url=redis.url) as world:
        await furnish(world)
        wrong = await wrongs(world)
    assert not wrong, "\n".join(wrong)
    exercised("Redis under the specification's subscriptions")
