"""The main job, as people meet it: a folder of music, a server process, and clients from outside."""

import hashlib
import json
import signal
from pathlib import Path

import pytest
from tornado.httpclient import AsyncHTTPClient
from websockets.exceptions import ConnectionClosed

from services.audio.ffmpeg import Ffmpeg
from tests.server.client import Client
from tests.sound_tool import QUICK_FFMPEG

NOW_PLAYING = """subscription($user: ID!) {
    nowPlaying(userId: $user) { user { username } song { title artist { name } } timestamp } }"""
PLAY = "mutation($id: ID!) { playSong(songId: $id, source: ALBUM) { success song { playCount } } }"
ALBUM = """{ albums { edges { node {
    title totalTracks totalDuration artist { name } genres { name }
    songs { id title trackNumber duration audioUrl } } } totalCount } }"""


async def songs(client):
    data = await client.get(ALBUM)
    return data["albums"]["edges"][0]["node"]["songs"]


async def test_a_folder_becomes_an_album_that_graphql_answers_about(server):
    client = Client(server.base)
    await client.register("reader")
    data = await client.get(ALBUM)
    assert data["albums"]["totalCount"] == 1
    album = data["albums"]["edges"][0]["node"]
    assert (album["title"], album["totalTracks"], album["totalDuration"]) == ("One Day", 3, 49)
    assert (album["artist"]["name"], album["genres"]) == ("The Hours", [{"name": "Ambient"}])
    assert [(song["title"], song["trackNumber"], song["duration"]) for song in album["songs"]] == [
        ("Dawn", 1, 12),
        ("Noon", 2, 25),
        ("Dusk", 3, 12),
    ]


async def test_the_url_in_audio_url_streams_the_original_by_range(server, music):
    client = Client(server.base)
    await client.register("streamer")
    noon = (await songs(client))[1]
    original = (music / "The Hours" / "One Day" / "02 Noon.flac").read_bytes()
    fetch = AsyncHTTPClient().fetch
    url = f"{server.base}{noon['audioUrl']}&quality=lossless"
    part = await fetch(url, headers={"Range": "bytes=1000-1999"})
    assert part.code == 206
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(original)}"
    assert part.body == original[1000:2000]
    whole = await fetch(url)
    assert hashlib.sha256(whole.body).digest() == hashlib.sha256(original).digest()


async def test_a_low_rendition_seeks_on_its_first_play_and_decodes_to_the_songs_length(server, tmp_path):
    client = Client(server.base)
    await client.register("saver")
    noon = (await songs(client))[1]
    path = f"/stream/{noon['id']}?quality=low"
    middle = await client.fetch(path, headers={"Range": "bytes=150000-150999"})
    assert middle.code == 206
    assert len(middle.body) == 1000
    length = int(middle.headers["Content-Range"].rpartition("/")[2])
    whole = await client.fetch(path)
    assert (whole.code, len(whole.body)) == (200, length)
    assert whole.body[150_000:151_000] == middle.body
    file = tmp_path / "low.mp3"
    file.write_bytes(whole.body)
    sound = Ffmpeg(Path(QUICK_FFMPEG)).run(
        ["-v", "error", "-i", str(file), "-f", "s16le", "-ac", "1", "-"], timeout_s=60
    )
    seconds = len(sound) / 2 / 48000
    assert 25.0 <= seconds <= 25.1


async def test_a_song_played_by_one_client_is_told_to_another(server):
    player, friend = Client(server.base), Client(server.base)
    await player.register("player")
    # Their own second device: whoever does not follow them hears nothing.
    friend.token, friend.user_id = player.token, player.user_id
    dusk = (await songs(player))[2]
    before = (await player.get("query($id: ID!) { song(id: $id) { playCount } }", id=dusk["id"]))["song"]["playCount"]
    async with friend.subscription(NOW_PLAYING, user=player.user_id) as following:
        played = await player.get(PLAY, id=dusk["id"])
        assert played["playSong"] == {"success": True, "song": {"playCount": before + 1}}
        told = await following()
        assert told["type"] == "next"
        moment = told["payload"]["data"]["nowPlaying"]
        assert moment["user"] == {"username": "player"}
        assert moment["song"] == {"title": "Dusk", "artist": {"name": "The Hours"}}
        assert moment["timestamp"].endswith("Z")


async def test_the_pages_and_health_doors_answer(server):
    client = Client(server.base)
    page = await client.fetch("/")
    assert page.code == 200
    assert b'<meta name="tutti-demo" content="false">' in page.body
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    script = await client.fetch("/web/player/main.js")
    assert (script.code, script.headers["Content-Type"]) == (200, "text/javascript")
    assert json.loads((await client.fetch("/healthz")).body) == {"status": "alive"}
    ready = await client.fetch("/readyz")
    assert json.loads(ready.body) == {"status": "ready", "parts": {"server": "ok", "documents": "ok"}}
    figures = (await client.fetch("/metrics")).body.decode()
    assert 'tutti_request_seconds_count{door="player",method="GET",status="200"} ' in figures
    assert "tutti_loop_lag_seconds_bucket" in figures


@pytest.mark.parametrize(
    "path", ["/nowhere", "/web/../config.yaml", "/web/%2e%2e/run.py", "/web/.hidden", "/web/%00", "/covers/x"]
)
async def test_a_path_that_leads_nowhere_says_so_in_json_or_plainly(server, path):
    answer = await Client(server.base).fetch(path)
    assert answer.code == 404
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_body_over_the_bound_is_refused(server):
    answer = await Client(server.base).fetch("/graphql", method="POST", body=b"x" * 1_000_001)
    assert answer.code in (400, 413, 599)


async def test_what_was_acknowledged_survives_kill_9(own_server):
    own_server.start()
    client = Client(own_server.base)
    await client.register("survivor")
    dawn = (await songs(client))[0]
    assert (await client.get(PLAY, id=dawn["id"]))["playSong"]["song"]["playCount"] == 1
    own_server.stop(signal.SIGKILL)
    own_server.start()
    again = Client(own_server.base)
    await again.log_in("survivor")
    assert again.user_id == client.user_id
    data = await again.get("query($id: ID!) { song(id: $id) { title playCount } }", id=dawn["id"])
    assert data["song"] == {"title": "Dawn", "playCount": 1}


async def test_sigterm_drains_sockets_and_ends_cleanly(own_server):
    own_server.start()
    client = Client(own_server.base)
    await client.register("leaver")
    async with client.subscription(NOW_PLAYING, user=client.user_id) as following:
        own_server.child.terminate()
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                await following()
        assert closed.value.rcvd.code == 1001
    assert own_server.child.wait(timeout=60) == 0
    own_server.child.stdout.close()
    own_server.child = None
    log = own_server.log.read_text()
    assert "stopping" in log
    assert "Traceback" not in log
    assert "WARNING" not in log


async def test_a_stream_under_way_is_finished_before_the_end(own_server):
    own_server.settings["TUTTI_SERVER_DRAIN_SECONDS"] = "120"
    own_server.start()
    client = Client(own_server.base)
    await client.register("listener")
    noon = (await songs(client))[1]
    got = []

    def take(chunk):
        if not got:
            own_server.child.terminate()
        got.append(len(chunk))

    answer = await client.fetch(f"/stream/{noon['id']}?quality=high", streaming_callback=take)
    assert answer.code == 200
    assert sum(got) == int(answer.headers["Content-Length"])
    # Nobody is waited for any more: sooner than the two minutes that draining may take.
    assert own_server.child.wait(timeout=60) == 0
    own_server.child.stdout.close()
    own_server.child = None


def test_a_taken_port_is_told_in_one_line(server, own_server):
    own_server.settings["TUTTI_SERVER_PORT"] = str(server.port)
    done = own_server.command()
    assert done.returncode == 1
    assert f"Tutti cannot start: Address already in use (127.0.0.1:{server.port})" in done.stderr
    assert "Traceback" not in done.stderr


def test_check_finds_everything_in_order(own_server):
    done = own_server.command("check")
    assert done.returncode == 0, done.stdout
    assert "documents      ok    sqlite" in done.stdout
    assert done.stdout.endswith("All is well.\n")


def test_check_tells_what_is_wrong(own_server):
    own_server.settings["TUTTI_AUDIO_FFMPEG"] = "/nowhere/ffmpeg"
    own_server.settings["TUTTI_STORAGE_MONGODB_URI"] = "mongodb://tutti:hunter2@127.0.0.1:1/"
    own_server.settings["TUTTI_STORAGE_MONGODB_TIMEOUT_MS"] = "300"
    own_server.settings["TUTTI_REALTIME_REDIS_URL"] = "redis://127.0.0.1:1"
    own_server.settings["TUTTI_SEARCH_TYPESENSE_URL"] = "http://127.0.0.1:1"
    done = own_server.command("check")
    assert done.returncode == 1
    wrong = [line.split()[0] for line in done.stdout.splitlines() if "WRONG" in line]
    assert wrong == ["ffmpeg", "documents", "redis", "typesense"]
    assert "hunter2" not in done.stdout + done.stderr


def test_an_admin_is_made_at_the_command_line(own_server):
    words = ("create-admin", "--email", "boss@example.com", "--username", "boss", "--password-stdin")
    done = own_server.command(*words, stdin="a fine long password\n")
    assert (done.returncode, done.stdout) == (0, "boss is an administrator now.\n"), done.stderr
    again = own_server.command(*words, stdin="a fine long password\n")
    assert again.returncode == 1
    assert again.stderr.startswith("No administrator was made: ")


def test_wrong_settings_stop_the_start_with_their_names(own_server):
    own_server.settings["TUTTI_SERVER_PROT"] = "1"
    done = own_server.command()
    assert done.returncode == 1
    assert done.stderr == "configuration: unknown variable TUTTI_SERVER_PROT; did you mean TUTTI_SERVER_PORT?\n"


def test_an_import_of_nothing_says_why(own_server, tmp_path):
    done = own_server.command("import", str(tmp_path / "nowhere"))
    assert done.returncode == 1
    assert done.stderr.startswith("Nothing was imported: ")
    assert "Traceback" not in done.stderr


async def test_in_production_there_is_no_demo_and_the_schema_is_not_shown(own_server):
    own_server.settings |= {
        "TUTTI_SERVER_MODE": "production",
        "TUTTI_SERVER_SECRET": "a secret of thirty-two characters or more",
        "TUTTI_LIBRARY_DEMO": "true",
    }
    own_server.start()
    client = Client(own_server.base)
    assert b'name="tutti-demo" content="false"' in (await client.fetch("/")).body
    assert "errors" in await client.ask("{ __schema { types { name } } }")
    refused = await client.ask(
        'mutation { login(email: "listener@demo.tutti", password: "tutti-demo-2026") { token } }'
    )
    assert refused["errors"][0]["extensions"]["code"] == "WRONG_CREDENTIALS"
    assert not (own_server.data / "demo").exists()
    await client.register("citizen")
    assert len(await songs(client)) == 3
