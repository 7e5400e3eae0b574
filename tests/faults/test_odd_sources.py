"""Odd and damaged files from the import to the stream and HLS doors, and listeners who leave at any byte."""

import asyncio
import contextlib
import os
import random
import subprocess
import time

import pytest
from tornado.httpclient import AsyncHTTPClient

from services.audio.ffmpeg import find_ffmpeg
from tests.stream.stage import children, stage, until

NOISE = ["-f", "lavfi", "-i"]
ODD = {
    "8 kHz mono": ("a.flac", [*NOISE, "sine=300:r=8000:d=11", "-ac", "1"], (8000, 1)),
    "192 kHz 24 bit": (
        "a.flac",
        [*NOISE, "sine=300:r=192000:d=11", "-ac", "2", "-sample_fmt", "s32", "-bits_per_raw_sample", "24"],
        (192000, 2),
    ),
    "six channels": ("a.flac", [*NOISE, "sine=300:r=48000:d=11", "-ac", "6"], (48000, 6)),
    "MP3 without Xing": (
        "a.mp3",
        [*NOISE, "sine=300:r=44100:d=11", "-ac", "2", "-b:a", "128k", "-write_xing", "0"],
        (44100, 2),
    ),
}
DAMAGED = {
    "flac": ("b.flac", [*NOISE, "anoisesrc=r=44100:d=24:a=0.1:seed=3", "-ac", "2"]),
    "mp3": ("b.mp3", [*NOISE, "anoisesrc=r=44100:d=24:a=0.1:seed=3", "-ac", "2", "-b:a", "128k"]),
}
AUTHORIZED = {"Authorization": "Bearer ada"}


def make(path, args):
    subprocess.run([str(find_ffmpeg(None)), "-v", "error", "-y", *args, str(path)], check=True)
    return path


async def ask(running, path, **headers):
    url = f"http://127.0.0.1:{running.port}{path}"
    return await AsyncHTTPClient().fetch(url, headers=AUTHORIZED | headers, raise_error=False, request_timeout=20)


def unfinished(running):
    return [path for path in running.cache._root.rglob("unfinished-*") if path.is_file()]


async def quiet(running):
    """Nothing of an answer is left: no encoder, nobody waiting, no task, no half of a file."""
    await until(lambda: not running.deliveries.admission.running and running.deliveries.admission.waiting == 0)
    await until(lambda: children() == [])
    await until(lambda: unfinished(running) == [])
    await until(lambda: not any(task.get_name().startswith(("stream", "encode")) for task in asyncio.all_tasks()))


async def imported(house, path):
    summary = await house.run()
    assert summary.problems == []
    return await house.file(path)


@pytest.mark.parametrize("name", ODD)
async def test_an_odd_sound_is_served_in_every_form(house, tmp_path, name):
    file_name, args, facts = ODD[name]
    path = make(house.music / file_name, args)
    file = await imported(house, path)
    assert (file.sample_rate, file.channels) == facts
    async with stage(tmp_path) as running:
        running.songs["odd"] = file
        original = await ask(running, "/stream/odd?quality=lossless&format=original")
        assert (original.code, original.body) == (200, path.read_bytes())
        for form in ("mp3", "opus"):
            answer = await ask(running, f"/stream/odd?quality=low&format={form}", Range="bytes=50000-50999")
            assert (answer.code, len(answer.body)) == (206, 1000), form
        assert (await ask(running, "/hls/odd/master.m3u8")).code == 200
        assert (await ask(running, "/hls/odd/ts-low/1.ts")).body[:1] == b"G"
        await quiet(running)


@pytest.mark.parametrize("kind", DAMAGED)
async def test_a_hole_in_the_middle_is_played_over(house, tmp_path, kind):
    file_name, args = DAMAGED[kind]
    path = make(house.music / file_name, args)
    whole = bytearray(path.read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 20_000] = random.Random(4).randbytes(20_000)
    path.write_bytes(whole)
    file = await imported(house, path)
    async with stage(tmp_path) as running:
        running.songs["hole"] = file
        original = await ask(running, "/stream/hole?quality=lossless&format=original")
        assert original.body == bytes(whole)
        for target in ("/stream/hole?quality=low&format=mp3", "/stream/hole?quality=low&format=opus"):
            first = await ask(running, target, Range="bytes=0-999")
            assert (first.code, len(first.body)) == (206, 1000)
            size = int(first.headers["Content-Range"].partition("/")[2])
            for at in (size // 2, size - 1000):
                answer = await ask(running, target, Range=f"bytes={at}-{at + 999}")
                assert (answer.code, len(answer.body)) == (206, 1000), (kind, target, at)
        await quiet(running)


async def test_eight_hours_are_sought_into_at_once(house, tmp_path):
    path = make(house.music / "long.flac", [*NOISE, "anullsrc=r=8000:cl=mono:d=28800", "-compression_level", "0"])
    file = await imported(house, path)
    assert file.samples == 28800 * 8000
    async with stage(tmp_path) as running:
        running.songs["long"] = file
        for form in ("mp3", "opus"):
            began = time.perf_counter()
            answer = await ask(running, f"/stream/long?quality=low&format={form}", Range="bytes=-1000")
            assert (answer.code, len(answer.body)) == (206, 1000)
            assert time.perf_counter() - began < 5
        await quiet(running)


async def test_a_damaged_ogg_page_is_said_by_the_import(house):
    path = make(house.music / "b.ogg", [*NOISE, "anoisesrc=r=44100:d=24:a=0.1:seed=3", "-c:a", "libvorbis"])
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2 : len(whole) // 2 + 20_000] = random.Random(4).randbytes(20_000)
    path.write_bytes(whole)
    assert [problem.reason for problem in (await house.run()).problems] == ["an Ogg page is damaged"]


@contextlib.contextmanager
def small_disk(directory):
    """A file system of its own of 64 KiB; only root may have one."""
    directory.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(directory)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("no file system may be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(directory)], check=True)


async def test_a_full_disk_costs_the_cache_and_not_the_listener(house, tmp_path, log_watch):
    log_watch.expect("audio cache cannot be written")
    path = make(house.music / "d.flac", [*NOISE, "anoisesrc=r=44100:d=24:a=0.1:seed=3", "-ac", "2"])
    file = await imported(house, path)
    with small_disk(tmp_path / "full" / "cache"):
        async with stage(tmp_path / "full") as running:
            running.songs["d"] = file
            answer = await ask(running, "/stream/d?quality=low&format=mp3")
            assert (answer.code, len(answer.body)) == (200, int(answer.headers["Content-Length"]))
            assert (await ask(running, "/hls/d/ts-low/1.ts")).code == 200
            await quiet(running)


def _rename(data, old, new):
    assert old in data
    return data.replace(old, new)


@pytest.mark.parametrize("box", [b"enca", b"encv", b"drms", b"drmi"])
async def test_a_protected_sound_is_named(house, box):
    path = make(house.music / "e.m4a", [*NOISE, "sine=300:d=2"])
    path.write_bytes(_rename(path.read_bytes(), b"mp4a", box))
    assert [problem.reason for problem in (await house.run()).problems] == ["the file is protected by DRM"]


@pytest.mark.parametrize("name", ["list.mp3", "list.wav", "list.flac"])
@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n",
        "#EXTM3U\nfile:///etc/passwd\n",
        "[playlist]\nFile1=http://127.0.0.1:9/a.mp3\n",
        "ffconcat version 1.0\nfile 'file:///etc/passwd'\n",
    ],
)
async def test_a_list_dressed_as_a_song_is_refused(house, name, text):
    (house.music / name).write_text(text)
    summary = await house.run()
    assert (summary.files_broken, await house.songs()) == (1, [])


async def test_a_picture_alone_is_no_song(house):
    picture = b"\x00image/png\x00\x03\x00" + bytes(500)
    frame = b"APIC" + len(picture).to_bytes(4, "big") + b"\x00\x00" + picture
    (house.music / "p.mp3").write_bytes(b"ID3\x03\x00\x00\x00\x00" + bytes(divmod(len(frame), 128)) + frame)
    assert [problem.reason for problem in (await house.run()).problems] == ["the file holds tags but no sound"]


@pytest.mark.parametrize(
    "name", ["..%2f..%2fetc%2fpasswd", "%2e%2e", "%2fetc%2fpasswd", "a%00b", "..%5c..%5cx", "%ff%fe", "x" * 3000]
)
async def test_a_path_is_no_song(tmp_path, name):
    async with stage(tmp_path) as running:
        for door in (f"/stream/{name}?quality=low", f"/hls/{name}/master.m3u8", f"/hls/s/{name}"):
            answer = await ask(running, door)
            assert answer.code in (400, 404), door
            assert b"root:" not in answer.body


async def test_a_listener_may_leave_at_any_byte(house, tmp_path):
    path = make(house.music / "c.flac", [*NOISE, "anoisesrc=r=44100:d=24:a=0.1:seed=3", "-ac", "2"])
    file = await imported(house, path)
    targets = [
        ("/stream/c?quality=low&format=mp3", ""),
        ("/stream/c?quality=low&format=opus", "Range: bytes=100-200,150000-160000\r\n"),
        ("/stream/c?quality=lossless&format=original", ""),
        ("/hls/c/ts-low/1.ts", ""),
    ]
    for number, cut in enumerate((0, 1, 300, 2000, 130_000, 200_000)):
        async with stage(tmp_path / str(number)) as running:
            running.songs["c"] = file
            for target, ranges in targets:
                reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
                asked = f"GET {target} HTTP/1.1\r\nHost: tutti\r\nAuthorization: Bearer ada\r\n{ranges}\r\n"
                writer.write(asked.encode())
                taken = 0
                # A body shorter than the cut is left where it ended.
                enough = min(cut, 5000) if ranges or "hls" in target else cut
                while taken < enough:
                    chunk = await reader.read(enough - taken)
                    assert chunk
                    taken += len(chunk)
                writer.transport.abort()
                await quiet(running)


async def test_an_ogg_cut_at_a_page_edge_is_a_shorter_song(house):
    path = make(house.music / "f.ogg", [*NOISE, "anoisesrc=r=44100:d=9:a=0.1:seed=3", "-c:a", "libvorbis"])
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex(b"OggS")])
    file = await imported(house, path)
    assert 7 * 44100 < file.samples < 9 * 44100


async def test_an_mp3_without_its_info_frame_is_a_shorter_song_when_cut(house, tmp_path):
    args = [*NOISE, "sine=300:r=44100:d=20", "-ac", "2", "-b:a", "128k", "-write_xing", "0", "-id3v2_version", "0"]
    path = make(house.music / "g.mp3", args)
    path.write_bytes(path.read_bytes()[:100_000])
    summary = await house.run()
    async with stage(tmp_path) as running:
        assert (summary.files_broken, len(await house.songs())) == (0, 1)
        running.songs["g"] = await house.file(path)
        assert (await ask(running, "/stream/g?quality=low&format=opus")).code == 200
        await quiet(running)


async def test_a_source_replaced_between_two_ranges_is_another_sound(house, tmp_path):
    path = make(house.music / "h.flac", [*NOISE, "anoisesrc=r=44100:d=24:a=0.1:seed=3", "-ac", "2"])
    file = await imported(house, path)
    other = make(tmp_path / "other.flac", [*NOISE, "anoisesrc=r=44100:d=24:a=0.1:seed=5", "-ac", "2"])
    async with stage(tmp_path) as running:
        running.deliveries._files._fresh_s = 0
        running.songs["h"] = file
        target = "/stream/h?quality=low&format=mp3"
        before = await ask(running, target, Range="bytes=0-999")
        os.replace(other, path)
        after = await ask(running, target, **{"Range": "bytes=150000-150999", "If-Range": before.headers["ETag"]})
        assert (before.code, after.code) in ((206, 200), (206, 503))
        assert after.headers.get("ETag") != before.headers["ETag"]
        await quiet(running)
