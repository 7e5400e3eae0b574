"""The analysis from outside: a real server, its import, its graph, its waveform door, its command."""

import asyncio
import json

import pytest
from tornado.httpclient import AsyncHTTPClient

from services.analysis.measuring import VERSION
from tests.analysis.signals import music
from tests.server.client import PASSWORD, Client
from tests.server.conftest import Process

ANALYSIS = """{ songs(first: 10) { edges { node { id title audioUrl
    audioFeatures { tempo energy }
    album { loudness { loudnessLufs truePeakDbtp albumGainDb } }
    analysis { version durationMs loudnessLufs loudnessRangeLu truePeakDbtp trackGainDb silenceStartMs silenceEndMs
        fadeInEndMs fadeOutStartMs tempo tempoConfidence beatsMs key mode keyConfidence energy valence } } } } }"""


@pytest.fixture
def place(tmp_path, two_songs):
    """A server process over the two songs, imported but not measured."""
    process = Process(tmp_path / "data", {"TUTTI_ANALYSIS_WORKERS": "2"})
    done = process.command("import", str(two_songs.music))
    assert done.returncode == 0, done.stderr
    yield process
    if process.child is not None:
        process.child.kill()
        process.child.wait()
        process.child.stdout.close()


async def test_a_server_answers_about_what_was_measured(place, two_songs):
    broken = two_songs.put("Broken", music(6, seed=9), kind="m4a")
    two_songs.spoil(broken)
    assert place.command("import", str(two_songs.music)).returncode == 0
    made = place.command("create-admin", "--email", "boss@example.com", "--username", "boss", "--password-stdin",
                         stdin=PASSWORD)  # fmt: skip
    assert made.returncode == 0, made.stderr
    place.start()
    listener, boss = Client(place.base), Client(place.base)
    await listener.register("listener")
    await boss.log_in("boss")
    songs = {each["node"]["title"]: each["node"] for each in (await listener.get(ANALYSIS))["songs"]["edges"]}
    assert all(song["analysis"] is None for song in songs.values())
    path = f"/waveform/{songs['Music']['id']}"
    early = await listener.fetch(path)
    assert (early.code, json.loads(early.body)["error"]["code"]) == (404, "NOT_MEASURED")

    # The command works beside the server.
    done = await asyncio.to_thread(place.command, "analyse")
    assert done.returncode == 0, done.stderr
    assert "2 sounds measured in" in done.stdout
    assert f"1 sound could not be measured and can be played all the same:\n  {broken}: It cannot" in done.stdout

    songs = {each["node"]["title"]: each["node"] for each in (await listener.get(ANALYSIS))["songs"]["edges"]}
    tone = songs["Tone"]["analysis"]
    assert tone["loudnessLufs"] == pytest.approx(-23.15, abs=0.02)
    assert tone["trackGainDb"] == pytest.approx(5.15, abs=0.02)
    assert (tone["silenceStartMs"], tone["silenceEndMs"], tone["durationMs"]) == (1000, 9000, 10_000)
    assert songs["Music"]["audioFeatures"]["tempo"] == 97
    assert songs["Music"]["audioFeatures"]["energy"] == songs["Music"]["analysis"]["energy"]
    assert songs["Music"]["album"]["loudness"]["albumGainDb"] == pytest.approx(
        -18 - songs["Music"]["album"]["loudness"]["loudnessLufs"]
    )
    assert songs["Broken"]["analysis"] is None
    streamed = await listener.fetch(songs["Broken"]["audioUrl"])
    assert (streamed.code, streamed.body) == (200, broken.read_bytes())
    unmeasurable = await listener.fetch(f"/waveform/{songs['Broken']['id']}")
    assert (unmeasurable.code, json.loads(unmeasurable.body)["error"]["code"]) == (404, "NOT_MEASURABLE")

    await the_waveform_door_keeps_its_word(listener, songs["Music"])

    progress = "{ analysisProgress { waiting running done failed } }"
    assert (await boss.get(progress))["analysisProgress"] == {"waiting": 0, "running": 0, "done": 2, "failed": 1}
    assert (await listener.ask(progress))["errors"][0]["extensions"]["code"] == "DENIED"
    again = "mutation($id: ID!) { reanalyse(songId: $id) { song { title } } }"
    assert (await boss.get(again, id=songs["Tone"]["id"]))["reanalyse"]["song"]["title"] == "Tone"
    # A server that may measure by itself does what the other was asked.
    assert place.stop() == 0
    place.settings["TUTTI_ANALYSIS_BACKGROUND"] = "true"
    place.start()
    boss.base = place.base
    async with asyncio.timeout(240):
        while (await boss.get(progress))["analysisProgress"]["done"] != 2:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    figures = (await boss.fetch("/metrics")).body.decode()
    assert "tutti_sounds_measured 1.0" in figures
    assert place.stop() == 0


async def the_waveform_door_keeps_its_word(listener, song):
    path = f"/waveform/{song['id']}"
    found = await listener.fetch(path + "?points=120")
    assert found.code == 200
    told = json.loads(found.body)
    assert (told["version"], told["duration_ms"], told["points"]) == (VERSION, 12_000, 120)
    assert len(told["peaks"]) == 120
    assert 0 < max(told["peaks"]) <= 255
    assert found.headers["Cache-Control"] == "private, max-age=86400"
    raw = await listener.fetch(path + "?points=120", headers={"Accept": "application/octet-stream"})
    assert (raw.headers["Content-Type"], list(raw.body)) == ("application/octet-stream", told["peaks"])
    assert raw.headers["Etag"] != found.headers["Etag"]
    same = await listener.fetch(path + "?points=120", headers={"If-None-Match": found.headers["Etag"]})
    assert (same.code, same.body) == (304, b"")
    head = await listener.fetch(path + "?points=120", method="HEAD")
    assert (head.code, head.headers["Content-Length"]) == (200, str(len(found.body)))
    assert json.loads((await listener.fetch(path)).body)["points"] == 800
    assert json.loads((await listener.fetch(path + "?points=4000")).body)["points"] == 4000
    for points in ("49", "4001", "x", "-1", "", "1e3", "９９"):
        refused = await listener.fetch(path + f"?points={points.encode().decode('latin-1')}")
        assert (refused.code, json.loads(refused.body)["error"]["field"]) == (400, "points"), points
    ticket = song["audioUrl"].partition("?")[2]
    stranger = await AsyncHTTPClient().fetch(listener.base + f"{path}?{ticket}", raise_error=False)
    assert stranger.code == 200
    nobody = await AsyncHTTPClient().fetch(listener.base + path, raise_error=False)
    assert nobody.code == 401
    nowhere = await listener.fetch("/waveform/nowhere")
    assert (nowhere.code, json.loads(nowhere.body)["error"]["code"]) == (404, "NOT_FOUND")


def test_the_command_tells_what_there_was_to_do(place, two_songs):
    first = place.command("analyse")
    assert (first.returncode, first.stderr) == (0, "")
    assert "2 sounds measured in" in first.stdout
    assert place.command("analyse").stdout == "Every sound is measured.\n"
    (two_songs.music / "Tone.flac").unlink()
    again = place.command("analyse", "--all")
    assert again.returncode == 0
    assert "1 sound measured in" in again.stdout
    assert "1 sound not there, or changed since the import: import the library again." in again.stdout
