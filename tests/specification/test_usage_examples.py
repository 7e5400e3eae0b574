"""The specification's usage examples, run as printed: curl, Python and JavaScript, against the real server."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from urllib.parse import urlsplit

import pytest
from tornado.httpclient import AsyncHTTPClient

from tests.services.exercised import exercised, missing
from tests.specification.documents import curl_commands, example
from tests.specification.world import PASSWORD, furnish, served_world

PRINTED = "http://localhost:8000"
BY_THE_BEATLES = ["Beatles Medley", "Love Me Do"]


@pytest.fixture
async def world(tmp_path):
    async with served_world(tmp_path / "data") as world:
        await furnish(world)
        await world.household.house.indexing.catch_up()
        yield world


async def run_curl(world, words, token):
    """What curl prints; where there is no curl, the same request by another client."""
    words = [word.replace(PRINTED, world.base).replace("YOUR_JWT_TOKEN", token) for word in words]
    if shutil.which("curl"):
        done = await asyncio.to_thread(subprocess.run, [*words, "-s"], capture_output=True, timeout=20, check=True)
        return json.loads(done.stdout)
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
    url = next(word for word in words if urlsplit(word).scheme == "http")
    body = words[words.index("-d") + 1]
    answer = await AsyncHTTPClient().fetch(url, method="POST", headers=headers, body=body)
    return json.loads(answer.body)


async def test_the_curl_examples_register_search_and_make_a_playlist(world):
    register, search, create = curl_commands()
    made = (await run_curl(world, register, ""))["data"]["register"]
    assert made["user"]["username"] == "musiclover"
    found = (await run_curl(world, search, made["token"]))["data"]["searchSongs"]["edges"]
    assert {edge["node"]["title"] for edge in found} == {"Love Me Do", "Love in the Afternoon"}
    playlist = (await run_curl(world, create, made["token"]))["data"]["createPlaylist"]["playlist"]
    assert playlist["name"] == "My Playlist"


async def test_the_python_example_logs_in_and_finds_songs(world):
    [register, *_] = curl_commands()
    await run_curl(world, register, "")
    text = example("python", "import requests").replace(PRINTED, world.base)
    names: dict[str, object] = {}
    await asyncio.to_thread(exec, compile(text, "example.py", "exec"), names)
    assert PASSWORD in text
    assert [edge["node"]["title"] for edge in names["songs"]] == BY_THE_BEATLES


@pytest.mark.services
async def test_the_javascript_example_finds_songs(world, tmp_path):
    node = shutil.which("node")
    if node is None:
        missing("node", "install Node.js 18 or later")
    [register, *_] = curl_commands()
    token = (await run_curl(world, register, ""))["data"]["register"]["token"]
    text = example("javascript", "fetch(").replace(PRINTED, world.base).replace("YOUR_JWT_TOKEN", token)
    script = tmp_path / "example.mjs"
    script.write_text(text.replace("console.log(songs)", "console.log(JSON.stringify(songs))"))
    done = await asyncio.to_thread(subprocess.run, [node, str(script)], capture_output=True, timeout=20, check=True)
    assert [edge["node"]["title"] for edge in json.loads(done.stdout)] == BY_THE_BEATLES
    exercised("node")
