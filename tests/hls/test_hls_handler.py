"""The door on a real socket: what players load, what they hear, and what is refused."""

import asyncio
import re
import shutil
from urllib.parse import urljoin

import imageio_ffmpeg
import numpy as np
import orjson
import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from services.audio.codecs import aac
from services.audio.ffmpeg import find_ffmpeg
from services.audio.hls.hls import Hls
from tests.hls.reading import decode, lines_of, snr_db
from tests.hls.test_aac_segments import truth_of
from tests.stream.stage import children, describe, encode, music, stage, until

BUNDLED = imageio_ffmpeg.get_ffmpeg_exe()
ADA = {"Authorization": "Bearer ada"}
SECONDS = 13.0


@pytest.fixture
async def running(tmp_path, tunes):
    async with stage(tmp_path) as made:
        made.songs["s1"] = describe(tunes("flac", 44100, 2, SECONDS), kind="flac", rate=44100, samples=573_300)
        made.songs["s1"].bits_per_sample = 16
        made.songs["lossy"] = describe(tunes("mp3", 44100, 2, SECONDS), kind="mp3", rate=44100)
        yield made


async def ask(running, path, method="GET", **headers):
    request = HTTPRequest(
        urljoin(f"http://127.0.0.1:{running.port}/", path),
        method=method,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        request_timeout=60,
        decompress_response=False,
    )
    return await AsyncHTTPClient(force_instance=True).fetch(request, raise_error=False)


def master_of(running, song="s1", more=""):
    return f"/hls/{song}/master.m3u8?ticket={running.ticket(song)}{more}"


async def follow(running, url):
    """The media playlists of a master, each with its address, as a player resolves them."""
    answer = await ask(running, url)
    assert answer.code == 200
    assert answer.headers["Content-Type"] == "application/vnd.apple.mpegurl"
    found = {}
    for line in answer.body.decode().splitlines():
        if line and not line.startswith("#"):
            address = urljoin(url, line)
            found[line.partition("/")[0]] = address, (await ask(running, address)).body.decode()
    return found


async def download(running, address, playlist):
    """Initialization segment and all media segments in a row."""
    durations, addresses, initial = lines_of(playlist)
    data = []
    for each in ([initial] if initial else []) + addresses:
        answer = await ask(running, urljoin(address, each))
        assert answer.code == 200
        data.append(answer.body)
    return durations, data


async def test_every_variant_plays_from_the_master_with_nothing_but_the_ticket(running, tunes):
    truth = await asyncio.to_thread(truth_of, tunes("flac", 44100, 2, SECONDS), 2, BUNDLED)
    samples = 13 * 48000
    assert len(truth) == samples
    listed = await follow(running, master_of(running))
    assert list(listed) == [
        f"{kind}-{quality}" for kind in ("ts", "fmp4", "opus") for quality in ("high", "normal", "low")
    ]
    for name in ("ts-high", "fmp4-normal", "opus-low"):
        address, playlist = listed[name]
        durations, data = await download(running, address, playlist)
        for ffmpeg in (str(find_ffmpeg(None)), BUNDLED):
            if name.startswith("ts"):
                heard = (await asyncio.to_thread(decode, b"".join(data), ffmpeg=ffmpeg))[aac.PRIMING :]
                assert len(heard) == (-(-(samples + 1024) // 1024) - 1) * 1024
                assert round(sum(durations) * 48000) == len(heard) + 1024
            else:
                heard = await asyncio.to_thread(decode, b"".join(data), samples=samples, ffmpeg=ffmpeg)
                assert len(heard) == samples
                assert round(sum(durations) * 48000) == samples
            assert snr_db(heard[:samples], truth) > 9
    assert children() == []


async def test_flac_is_the_source_to_the_bit_at_its_own_rate(running, tunes):
    listed = await follow(running, master_of(running, more="&quality=lossless"))
    assert list(listed) == ["flac-lossless"]
    durations, data = await download(running, *listed["flac-lossless"])
    assert round(sum(durations) * 44100) == 573_300
    path = tunes("flac", 44100, 2, SECONDS)
    for ffmpeg in (str(find_ffmpeg(None)), BUNDLED):
        heard = await asyncio.to_thread(decode, b"".join(data), rate=44100, ffmpeg=ffmpeg)
        truth = await asyncio.to_thread(decode, path.read_bytes(), rate=44100, ffmpeg=ffmpeg)
        assert np.array_equal(heard, truth)


async def test_announced_rates_hold_before_and_are_exact_after(running):
    url = master_of(running, more="&quality=low")
    promised = rates_of((await ask(running, url)).body.decode())
    made = {}
    for name, (address, playlist) in (await follow(running, url)).items():
        durations, data = await download(running, address, playlist)
        media = data[1:] if "EXT-X-MAP" in playlist else data
        made[name] = 8 * sum(map(len, media)) / sum(durations)
        for duration, segment in zip(durations, media, strict=True):
            if 2 * duration > max(durations):
                assert 8 * len(segment) / duration <= promised[name][0] + 1
    assert list(made) == ["ts-low", "fmp4-low", "opus-low"]
    assert abs(made["opus-low"] - promised["opus-low"][1]) < 1.1
    exact = rates_of((await ask(running, url)).body.decode())
    for name, average in made.items():
        assert abs(average - exact[name][1]) < 1.1
        assert exact[name][1] <= exact[name][0] <= promised[name][0]


def rates_of(master):
    found = re.findall(r'BANDWIDTH=(\d+),AVERAGE-BANDWIDTH=(\d+),CODECS="[^"]+"\n([^/]+)/', master)
    return {name: (int(most), int(average)) for most, average, name in found}


async def test_the_player_the_filter_and_the_ceiling_decide_what_is_listed(running):
    async def names(more="", song="s1", quality="lossless", **headers):
        ticket = running.ticket(song, quality)
        body = (await ask(running, f"/hls/{song}/master.m3u8?ticket={ticket}{more}", **headers)).body.decode()
        return re.findall(r"^([a-z0-9]+-[a-z]+)/playlist.m3u8", body, re.MULTILINE)

    assert await names(User_Agent="Lavf/59.27.100") == ["ts-high", "ts-normal", "ts-low"]
    assert "ts-high" not in await names(User_Agent="Mozilla/5.0")
    assert await names("&format=opus&quality=normal", User_Agent="Lavf/59.27.100") == ["opus-normal"]
    assert await names("&format=flac") == ["flac-lossless"]
    assert await names("&format=flac", song="lossy") == ["fmp4-high"]
    assert await names("&format=flac", quality="normal") == ["fmp4-normal"]
    assert await names("&format=ts", quality="low") == ["ts-low"]


async def test_a_ceiling_holds_for_whoever_makes_up_an_address(running):
    ticket = running.ticket("s1", "normal")
    for path in ("fmp4-high/playlist.m3u8", "opus-high/0.m4s", "flac-lossless/init.mp4"):
        answer = await ask(running, f"/hls/s1/{path}?ticket={ticket}")
        assert (answer.code, orjson.loads(answer.body)["error"]["code"]) == (403, "QUALITY_TOO_HIGH")
    assert (await ask(running, f"/hls/s1/fmp4-normal/playlist.m3u8?ticket={ticket}")).code == 200
    assert running.deliveries.encoder.encoded == 0


async def test_a_seek_costs_the_one_segment_that_is_asked_for(running):
    listed = await follow(running, master_of(running))
    address, playlist = listed["fmp4-high"]
    assert running.deliveries.encoder.encoded == 0
    _, addresses, _ = lines_of(playlist)
    first = await ask(running, urljoin(address, addresses[2]))
    assert (first.code, running.deliveries.encoder.encoded) == (200, 1)
    again = await ask(running, urljoin(address, addresses[2]))
    assert (again.body, running.deliveries.encoder.encoded) == (first.body, 1)
    # The other container is put around the very same frames.
    assert (await ask(running, urljoin(address, "../ts-high/2.ts"), **ADA)).code == 200
    assert running.deliveries.encoder.encoded == 1
    answers = await asyncio.gather(*(ask(running, urljoin(address, addresses[1])) for _ in range(5)))
    assert {answer.body for answer in answers} == {answers[0].body}
    assert running.deliveries.encoder.encoded == 2


async def test_segments_last_for_ever_and_playlists_are_asked_for_again(running):
    address, playlist = (await follow(running, master_of(running)))["fmp4-low"]
    listed = await ask(running, address)
    assert listed.headers["Cache-Control"] == "private, no-cache"
    assert (await ask(running, address, If_None_Match=listed.headers["Etag"])).code == 304
    _, addresses, initial = lines_of(playlist)
    for each in (initial, addresses[1]):
        answer = await ask(running, urljoin(address, each))
        assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
        assert answer.headers["Content-Type"] == "audio/mp4"
        part = await ask(running, urljoin(address, each), Range="bytes=5-9")
        assert (part.code, part.body, part.headers["Content-Range"][:11]) == (
            206,
            answer.body[5:10],
            "bytes 5-9/" + str(len(answer.body))[0],
        )
        head = await ask(running, urljoin(address, each), "HEAD")
        assert (head.headers["Content-Length"], head.body) == (str(len(answer.body)), b"")
        assert head.headers["Etag"] == answer.headers["Etag"]
    # The tag decides before anything is encoded.
    encoded = running.deliveries.encoder.encoded
    tag = answer.headers["Etag"].replace('-1"', '-0"')
    same = await ask(running, urljoin(address, addresses[0]), If_None_Match=tag)
    assert (same.code, same.body, running.deliveries.encoder.encoded) == (304, b"", encoded)


async def test_an_address_of_an_older_sound_is_gone(running, tmp_path):
    path = shutil.copy(running.songs["s1"].path, tmp_path / "own.flac")
    running.songs["own"] = describe(path, kind="flac", rate=44100, samples=573_300)
    url = master_of(running, "own")
    address, playlist = (await follow(running, url))["opus-low"]
    running.songs["own"].payload_hash = "another sound"
    answer = await ask(running, urljoin(address, lines_of(playlist)[1][0]))
    assert (answer.code, orjson.loads(answer.body)["error"]["code"]) == (410, "SOURCE_CHANGED")
    plain = await ask(running, f"/hls/own/opus-low/0.m4s?ticket={running.ticket('own')}")
    assert (plain.code, plain.headers["Cache-Control"]) == (200, "private, no-cache")


@pytest.mark.parametrize(
    "path",
    [
        *("fmp4-high", "fmp4-high/", "x-high/playlist.m3u8", "opus-lossless/playlist.m3u8", "/playlist.m3u8"),
        *("fmp4-high/99.m4s", "fmp4-high/-1.m4s", "fmp4-high/00.m4s", "fmp4-high/0.ts", "ts-high/0.m4s"),
        *("ts-high/init.mp4", "fmp4-high/0.m4s/x", "fmp4-high/%00.m4s", "fmp4-high/9999999999.m4s", "MASTER.m3u8"),
        *("fmp4-high/..%2F..%2Fmaster.m3u8", "fmp4-high/init.mp4x", "fmp4-high/٣.m4s"),
    ],
)
async def test_what_is_not_there_is_not_found(running, path):
    answer = await ask(running, f"/hls/s1/{path.encode().decode('latin-1') if path.isascii() else '%D9%A3'}", **ADA)
    assert answer.code == 404
    assert orjson.loads(answer.body)["error"]["code"].endswith("NOT_FOUND")
    assert running.deliveries.encoder.encoded == 0


async def test_refusals_are_clear(running):
    async def refused(path, **headers):
        answer = await ask(running, path, **headers)
        return answer.code, orjson.loads(answer.body)["error"]["code"]

    ticket = running.ticket("s1")
    assert await refused("/hls/s1/master.m3u8") == (401, "UNAUTHENTICATED")
    assert await refused(f"/hls/s1/ts-low/0.ts?ticket={ticket[:-5]}") == (401, "TICKET_INVALID")
    assert await refused(f"/hls/lossy/master.m3u8?ticket={ticket}") == (401, "TICKET_INVALID")
    assert await refused(f"/hls/s1/master.m3u8?ticket={ticket}&format=mp3") == (400, "INVALID")
    assert await refused(f"/hls/s1/master.m3u8?ticket={ticket}&quality=best") == (400, "INVALID")
    assert await refused("/hls/lossy/flac-lossless/playlist.m3u8", **ADA) == (404, "VARIANT_NOT_FOUND")
    absent = await ask(running, "/hls/nowhere/ts-low/playlist.m3u8", **ADA)
    running.hidden.add("s1")
    for path in ("master.m3u8", "ts-low/playlist.m3u8", "ts-low/0.ts", "no-such/thing"):
        hidden = await ask(running, f"/hls/s1/{path}", **ADA)
        assert hidden.code == absent.code == 404
        one, other = (orjson.loads(answer.body)["error"] for answer in (hidden, absent))
        assert (one["code"], one["message"]) == (other["code"], other["message"])


async def test_a_bearer_needs_no_ticket_in_the_addresses(running):
    answer = await ask(running, "/hls/s1/master.m3u8", **ADA)
    assert b"ticket" not in answer.body
    playlist = (await ask(running, "/hls/s1/ts-low/playlist.m3u8", **ADA)).body.decode()
    assert re.search(r"^0\.ts\?v=[0-9a-f]{12}$", playlist, re.MULTILINE)


async def test_a_listener_who_leaves_takes_the_encoder_along(running, tmp_path):
    music(tmp_path / "long.wav", rate=48000, seconds=20)
    running.songs["slow"] = describe(encode(tmp_path / "long.wav", "ogg"), kind="ogg", rate=48000, samples=960_000)
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(b"GET /hls/slow/ts-low/1.ts HTTP/1.1\r\nHost: tutti\r\nAuthorization: Bearer ada\r\n\r\n")
    await until(children)
    writer.close()
    await until(lambda: not children() and not running.deliveries.admission.running)
    assert running.deliveries.admission.waiting == 0
    assert not list((tmp_path / "cache").glob("unfinished-*"))
    del reader


async def test_a_source_that_is_gone_is_said_so_and_heals(running, tmp_path):
    path = shutil.copy(running.songs["s1"].path, tmp_path / "away.flac")
    running.songs["away"] = describe(path, kind="flac", rate=44100, samples=573_300)
    url = f"/hls/away/ts-low/0.ts?ticket={running.ticket('away')}"
    hidden = path.rename(tmp_path / "elsewhere.flac")
    answer = await ask(running, url)
    assert (answer.code, orjson.loads(answer.body)["error"]["code"]) == (503, "SOURCE_MISSING")
    hidden.rename(path)
    assert (await ask(running, url)).code == 200


async def test_a_damaged_segment_on_disk_is_made_again(running, log_watch):
    log_watch.expect("cached sound was damaged")
    url = f"/hls/s1/ts-low/1.ts?ticket={running.ticket('s1')}"
    first = await ask(running, url)
    kept = next(path for path in running.cache._root.rglob("000001.aac"))
    data = kept.read_bytes()
    kept.write_bytes(data[:1000] + bytes(len(data) - 1000))
    assert (await ask(running, url)).body == first.body
    assert running.deliveries.encoder.encoded == 2


async def test_what_is_remembered_of_sizes_is_bounded(running, monkeypatch):
    monkeypatch.setattr("services.audio.hls.hls.REMEMBERED", 3)
    hls = Hls(running.deliveries)
    for number in range(10):
        hls._note_size(f"key {number}", 0, 1)
    assert list(hls._sizes) == ["key 7", "key 8", "key 9"]
