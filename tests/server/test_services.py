"""The main job over real services: documents in a MongoDB-protocol server, two processes joined by Redis."""

import asyncio
import shutil

import pytest

from tests.server.client import Client
from tests.server.conftest import Process
from tests.services.exercised import exercised, missing
from tests.services.ferretdb import running_server
from tests.services.redis_server import RedisServer

pytestmark = pytest.mark.services

NOW_PLAYING = "subscription($user: ID!) { nowPlaying(userId: $user) { song { title } } }"
PLAY = "mutation($id: ID!) { playSong(songId: $id) { song { playCount } } }"


@pytest.fixture
async def processes(tmp_path, music):
    if shutil.which("redis-server") is None:
        missing("Redis", "install redis-server")
    redis = RedisServer(tmp_path)
    await redis.start()
    with running_server() as documents:
        settings = {"TUTTI_STORAGE_MONGODB_URI": documents.uri, "TUTTI_REALTIME_REDIS_URL": redis.url}
        settings["TUTTI_SERVER_SECRET"] = "one secret for both of the processes"
        pair = [Process(tmp_path / name / "data", dict(settings)) for name in ("one", "two")]
        done = await asyncio.to_thread(pair[0].command, "import", str(music))
        assert done.returncode == 0, done.stderr
        for process in pair:
            process.data.parent.mkdir(exist_ok=True)
            await asyncio.to_thread(process.start)
        exercised(f"{documents.product} and Redis under two server processes")
        yield pair
        codes = [await asyncio.to_thread(process.stop) for process in pair]
        assert codes == [0, 0]
    redis.kill()


async def test_two_processes_are_one_house(processes):
    one, two = (Client(process.base) for process in processes)
    await one.register("ann")
    # Their own second device, at the other process.
    two.token, two.user_id = one.token, one.user_id
    found = await two.get("{ songs { edges { node { id title } } totalCount } }")
    assert found["songs"]["totalCount"] == 3
    dusk = next(edge["node"] for edge in found["songs"]["edges"] if edge["node"]["title"] == "Dusk")
    async with two.subscription(NOW_PLAYING, user=one.user_id) as following:
        assert await one.get(PLAY, id=dusk["id"]) == {"playSong": {"song": {"playCount": 1}}}
        told = await asyncio.wait_for(following(), 10)
    assert told["payload"]["data"] == {"nowPlaying": {"song": {"title": "Dusk"}}}
    whole = await two.fetch(f"/stream/{dusk['id']}?quality=low")
    assert (whole.code, whole.headers["Content-Type"]) == (200, "audio/mpeg")


async def test_a_sign_out_at_one_process_closes_the_socket_at_the_other(processes):
    one, two = (Client(process.base) for process in processes)
    await one.register("ann")
    two.token, two.user_id = one.token, one.user_id
    async with two.subscription(NOW_PLAYING, user=two.user_id) as following:
        await one.get("mutation { logout { success } }")
        with pytest.raises(Exception, match="4403") as closed:
            await asyncio.wait_for(following(), 10)
    assert closed.value.rcvd.code == 4403
