"""A download through a server process that is killed while it prepares, and the command that gives a subscription."""

from __future__ import annotations

import asyncio
import hashlib
import signal

import pytest

from tests.downloads.place import REQUEST, verified
from tests.server.client import Client

pytestmark = pytest.mark.faults

STATE = "query($id: ID!) { download(id: $id) { state songCount readyCount failedCount totalBytes manifestUrl } }"


async def test_a_download_is_finished_by_the_server_after_the_one_that_was_killed(own_server):
    own_server.settings = {"TUTTI_AUDIO_ENCODERS": "1"}
    own_server.start()
    ann = Client(own_server.base)
    await ann.register("ann")
    albums = (await ann.get("{ albums { edges { node { id } } } }"))["albums"]["edges"]
    asked = {"album": albums[0]["node"]["id"], "device": "phone", "format": "MP3", "quality": "HIGH"}
    refused = await ann.ask(REQUEST, **asked)
    assert refused["errors"][0]["extensions"]["code"] == "PAYMENT_REQUIRED"
    done = own_server.command("set-tier", "ann@example.com", "premium", "--days", "30")
    assert (done.returncode, done.stdout.startswith("ann has the tier premium until 2")) == (0, True), done.stderr
    async with asyncio.timeout(60):
        # A server beside the command knows within seconds.
        while "errors" in (made := await ann.ask(REQUEST, **asked)):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    id = made["data"]["requestDownload"]["download"]["id"]
    own_server.stop(signal.SIGKILL)
    own_server.start()
    ann = Client(own_server.base)
    await ann.log_in("ann")
    async with asyncio.timeout(60):
        while (told := (await ann.get(STATE, id=id))["download"])["state"] == "PREPARING":  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    assert (told["state"], told["readyCount"], told["failedCount"]) == ("READY", told["songCount"], 0)
    keys = (await ann.fetch("/.well-known/jwks.json")).body
    page = verified((await ann.fetch(told["manifestUrl"])).body, keys)
    assert sum(item["size"] for item in page["items"]) == told["totalBytes"]
    for item in page["items"]:
        got = await ann.fetch(item["url"])
        assert hashlib.sha256(got.body).hexdigest() == item["sha256"]
    wrong = own_server.command("set-tier", "nobody@example.com", "premium")
    assert (wrong.returncode, wrong.stderr) == (1, "Nothing was changed: There is no such user.\n")
