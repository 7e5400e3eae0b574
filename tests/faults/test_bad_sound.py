"""The bad-input list, row by row, through the real import and every door that plays: clear answers, nothing left."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import socket
import struct
import subprocess
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import orjson
import pytest

from services.audio.ffmpeg import Ffmpeg, find_ffmpeg
from storage.records import AudioFile
from tests.library.sounds import Sounds, run_ffmpeg
from tests.sound_tool import shared_folder
from tests.stream.stage import children, until
from tests.uploads.place import SONG, Place, form, open_place, text_of, tone

STREAMS = ("format=mp3&quality=low", "format=opus&quality=low", "format=flac&quality=lossless", "quality=lossless")
VARIANTS = ("ts-low", "opus-low", "flac-lossless")
SHORT_S = 2.0


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Sounds:
    return Sounds(shared_folder(tmp_path_factory, "sounds"))


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with open_place(tmp_path, AUDIO_FFMPEG="") as place:
        yield place
        await nothing_is_left(place)


async def nothing_is_left(place: Place) -> None:
    """No encoder, no work in the queue, no task of a listener, no half-written file."""
    admission = place.household.house.deliveries.admission
    await until(lambda: not children() and not admission.running and not admission.waiting)
    await until(lambda: not listening())
    await until(lambda: not list(place.data.rglob("unfinished-*")))
    assert place.left() == []


def listening() -> list[str]:
    names = [task.get_name() for task in asyncio.all_tasks() if not task.done()]
    return [name for name in names if name.startswith(("stream-", "hls-", "read-ahead-", "ffmpeg-"))]


async def imported(place: Place, folder: Path) -> tuple[Any, list[AudioFile]]:
    """What an import of the folder says, and the files it found."""
    summary = await place.household.importer.run([folder])
    return summary, await place.store.audio_files.find({}, sort=[("path", 1)], limit=100)


async def put(place: Place, source: Path, name: str = "") -> tuple[str, Path]:
    """The id of a song made of a copy of this file, and where the copy lies."""
    folder = place.data.parent / "music" / place.household.house.clock.new_id()
    folder.mkdir(parents=True)
    path = folder / (name or source.name)
    shutil.copyfile(source, path)
    summary, files = await imported(place, folder)
    assert summary.problems == []
    [file] = [file for file in files if file.path == str(path)]
    assert file.song_id is not None
    return file.song_id, path


def code_of(answer: Any) -> str:
    """The code of a refusal, which must be JSON."""
    assert answer.headers["Content-Type"].startswith("application/json"), answer.headers
    error = orjson.loads(answer.body)["error"]
    assert error["message"]
    return str(error["code"])


async def doors(place: Place, song_id: str, last: int = 0) -> dict[str, int | str]:
    """What each way of playing a song answers: the status where there is sound, the code of the refusal elsewhere."""
    said: dict[str, int | str] = {}
    asked = [(words, f"/stream/{song_id}?{words}", {"Range": "bytes=2000-2999"}) for words in STREAMS]
    for name in VARIANTS:
        extension = "ts" if name.startswith("ts") else "m4s"
        asked.append((f"{name} list", f"/hls/{song_id}/{name}/playlist.m3u8", {}))
        asked.append((f"{name} part", f"/hls/{song_id}/{name}/{last}.{extension}", {}))
    asked.append(("master", f"/hls/{song_id}/master.m3u8", {}))
    for name, path, headers in asked:
        answer = await place.fetch(path, "lis", headers=headers)
        assert answer.code not in (500, 599), (name, answer.code, answer.body)
        said[name] = answer.code if answer.code < 400 or answer.code == 416 else code_of(answer)
    return said


def plays(said: dict[str, int | str]) -> bool:
    return all(code in (200, 206, "VARIANT_NOT_FOUND") for code in said.values())


def box_renamed(path: Path, name: bytes, new: bytes) -> bytes:
    """An MP4 whose sample entry has another name."""
    data = path.read_bytes()
    assert data.count(name) == 1
    return data.replace(name, new)


def video(path: Path) -> Path:
    run_ffmpeg("-f", "lavfi", "-i", "color=red:s=32x32:d=0.5", "-f", "lavfi", "-i", "sine=d=0.5", "-c:v", "mpeg4",
               "-c:a", "aac", str(path))  # fmt: skip
    return path


def cover_only(sounds: Sounds) -> bytes:
    """An ID3 tag with a picture and nothing behind it."""
    picture = b"\x03image/jpeg\0\x03\0" + b"\xff\xd8\xff\xe0" + bytes(2000)
    frame = b"APIC" + struct.pack(">I", len(picture)) + b"\0\0" + picture
    size = bytes(len(frame) >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + frame


def picture_in_mp4(folder: Path) -> bytes:
    """An MP4 whose only track is a still picture."""
    path = folder / "cover.mov"
    run_ffmpeg("-f", "lavfi", "-i", "color=red:s=32x32:d=0.04", "-frames:v", "1", "-c:v", "png", str(path))
    return path.read_bytes()


def damaged(path: Path) -> bytes:
    """A file whose middle fifth is noise of no format."""
    data = bytearray(path.read_bytes())
    low, high = len(data) * 2 // 5, len(data) * 3 // 5
    data[low:high] = bytes((index * 197 + 31) % 251 for index in range(high - low))
    return bytes(data)


def cut(path: Path) -> bytes:
    data = path.read_bytes()
    return data[: len(data) * 6 // 10]


HLS_TRAP = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{own}\n#EXTINF:9,\nhttp://127.0.0.1:{port}/x.ts\n"
CONCAT_TRAP = "ffconcat version 1.0\nfile 'file://{own}'\nfile 'http://127.0.0.1:{port}/x.mp3'\n"
Make = Callable[[Sounds, Path], bytes]
BAD: dict[str, tuple[str, Make, str]] = {
    "truncated mp3": ("a.mp3", lambda s, _: cut(s.take("mp3", 440, SHORT_S)), "the file is cut off"),
    "truncated flac": ("a.flac", lambda s, _: cut(s.take("flac", 440, SHORT_S)), "the file is cut off"),
    "truncated m4a": ("a.m4a", lambda s, _: cut(s.take("m4a", 440, SHORT_S)), "the file is cut off"),
    "truncated ogg": ("a.ogg", lambda s, _: cut(s.take("ogg", 440, SHORT_S)), "the file is cut off"),
    "zero-length": ("a.mp3", lambda s, _: b"", "the file is empty"),
    "drm drms": ("a.m4p", lambda s, _: box_renamed(s.take("m4a"), b"mp4a", b"drms"), "the file is protected by DRM"),
    "drm enca": ("a.m4a", lambda s, _: box_renamed(s.take("m4a"), b"mp4a", b"enca"), "the file is protected by DRM"),
    "drm encv": (
        "a.mp4",
        lambda _, folder: box_renamed(video(folder / "v.mp4"), b"mp4v", b"encv"),
        "the file is protected by DRM",
    ),
    "video": ("a.mp4", lambda _, folder: video(folder / "v.mp4").read_bytes(), "this is a video; only sound"),
    "cover only": ("a.mp3", lambda s, _: cover_only(s), "the file holds tags but no sound"),
    "cover only mp4": ("a.m4a", lambda _, folder: picture_in_mp4(folder), "the MP4 file holds no audio track"),
    "list m3u8": ("a.mp3", lambda *_: HLS_TRAP.encode(), "the file is a playlist, not sound"),
    "list ffconcat": ("a.mp3", lambda *_: CONCAT_TRAP.encode(), "the file is a playlist, not sound"),
}

STILL_SOUND = ("truncated mp3", "truncated flac", "drm drms", "drm enca", "drm encv", "video")
"""What a decoder hears something in all the same (here only a name in the container was changed)."""


@contextmanager
def a_listening_port() -> Iterator[tuple[int, list[object]]]:
    """A port, and everybody who called there."""
    loop, callers = asyncio.get_running_loop(), []
    door = socket.create_server(("127.0.0.1", 0))
    door.setblocking(False)
    loop.add_reader(door.fileno(), lambda: callers.append(door.accept()[0].close()))
    try:
        yield door.getsockname()[1], callers
    finally:
        loop.remove_reader(door.fileno())
        door.close()


GROUPS = ["truncated", "zero-length", "drm", "video", "cover", "list"]
LONG = {"drm", "video", "list", "flac", "ogg", "m4a", "wav", "6 channels aac", "8 kHz mono"}
"""What is left to the long run: each is like another that is not."""


def shared_out(kinds: Iterable[str]) -> list[Any]:
    """Parameters, those that are left to the long run marked so."""
    return [pytest.param(kind, marks=[pytest.mark.long] if kind in LONG else []) for kind in kinds]


@pytest.mark.parametrize("group", shared_out(GROUPS))
async def test_a_bad_file_is_refused_by_name_and_no_door_breaks_over_it(
    place: Place, sounds: Sounds, tmp_path: Path, group: str, log_watch: Any
) -> None:
    kinds = [kind for kind in BAD if kind.startswith(group)]
    assert kinds
    for hertz, kind in enumerate(kinds, start=300):
        await one_bad_file(place, sounds, tmp_path, kind, hertz, log_watch)


async def one_bad_file(place: Place, sounds: Sounds, tmp_path: Path, kind: str, tone: int, log_watch: Any) -> None:
    """Imported, it is refused by name; in the place of a song that was imported, it breaks no door."""
    name, make, reason = BAD[kind]
    data = make(sounds, tmp_path)
    folder = tmp_path / "library" / kind
    folder.mkdir(parents=True)
    with a_listening_port() as (port, callers):
        own = sounds.take("mp3")
        data = data.replace(b"{own}", str(own).encode()).replace(b"{port}", str(port).encode())
        (folder / name).write_bytes(data)
        summary, files = await imported(place, folder)
        [file] = [file for file in files if file.path == str(folder / name)]
        assert (file.state, file.song_id, len(summary.problems)) == ("broken", None, 1)
        assert summary.problems[0].reason.startswith(reason), summary.problems[0].reason
        # The worse case: it took the place of a good file since that was imported.
        song_id, path = await put(place, sounds.take("wav", tone), "good.wav")
        path.write_bytes(data)
        said = await doors(place, song_id)
        assert callers == []
    refused = {name: code for name, code in said.items() if name != "quality=lossless" and not name.startswith("flac-")}
    if kind in STILL_SOUND:
        assert plays(said), said
    else:
        log_watch.expect("tutti.access: request")
        assert set(refused.values()) == {"SOURCE_BROKEN"}, said
    # As a file the bytes go out as they lie there, whatever they are by now.
    assert said["quality=lossless"] in (206, 416)


def seconds_of(data: bytes, folder: Path) -> float:
    """How long these bytes play in a decoder that knows nothing of how they were made."""
    path = folder / "heard"
    path.write_bytes(data)
    return len(run_ffmpeg("-i", str(path), "-ac", "1", "-ar", "8000", "-f", "s16le", "pipe:1")) / 16_000


ODD: dict[str, tuple[str, list[str]]] = {
    "8 kHz mono": ("wav", ["-ar", "8000", "-ac", "1"]),
    "192 kHz 24-bit": ("flac", ["-ar", "192000", "-sample_fmt", "s32", "-bits_per_raw_sample", "24"]),
    "6 channels": ("flac", ["-ar", "48000", "-ac", "6"]),
    "6 channels aac": ("m4a", ["-ar", "48000", "-ac", "6", "-b:a", "192k"]),
}


@pytest.mark.faults
@pytest.mark.parametrize("kind", shared_out(ODD))
async def test_an_odd_sound_plays_its_whole_length_in_every_form(place: Place, tmp_path: Path, kind: str) -> None:
    extension, arguments = ODD[kind]
    path = tmp_path / f"odd.{extension}"
    run_ffmpeg("-f", "lavfi", "-i", "sine=330:d=3", *arguments, str(path))
    song_id, _ = await put(place, path)
    said = await doors(place, song_id)
    assert plays(said), said
    for words in STREAMS[:3]:
        answer = await place.fetch(f"/stream/{song_id}?{words}", "lis")
        assert answer.code == 200
        assert abs(seconds_of(answer.body, tmp_path) - 3) < 0.06, words


SEEN_BY_IMPORT = dict.fromkeys(("ogg", "opus"), "an Ogg page is damaged")


@pytest.mark.faults
@pytest.mark.parametrize("kind", shared_out(["mp3", "flac", "ogg", "m4a", "opus", "wav"]))
async def test_a_sound_damaged_in_the_middle_plays_before_and_after_the_damage(
    place: Place, sounds: Sounds, tmp_path: Path, kind: str, log_watch: Any
) -> None:
    whole = sounds.take(kind, 440, 24.0)
    path = tmp_path / f"damaged.{kind}"
    path.write_bytes(damaged(whole))
    if kind in SEEN_BY_IMPORT:
        (tmp_path / "library").mkdir()
        shutil.copyfile(path, tmp_path / "library" / path.name)
        summary, [file] = await imported(place, tmp_path / "library")
        assert (file.state, summary.problems[0].reason) == ("broken", SEEN_BY_IMPORT[kind])
        return
    song_id, _ = await put(place, path)
    assert plays(await doors(place, song_id, last=2))
    answer = await place.fetch(f"/stream/{song_id}?format=mp3&quality=low", "lis")
    assert answer.code == 200
    (tmp_path / "heard.mp3").write_bytes(answer.body)
    heard, good = pcm(tmp_path / "heard.mp3"), pcm(whole)
    assert [snr_db(good[at:][:24_000], heard[at:][:24_000]) > 15 for at in (0, 24_000, 48_000)] == [True] * 3
    if kind in ("flac", "wav"):
        assert len(heard) == len(good)
        assert snr_db(good[-24_000:], heard[-24_000:]) > 15


def pcm(path: Path) -> Any:
    """What a decoder hears, at 8 kHz."""
    sound = run_ffmpeg("-i", str(path), "-ac", "1", "-ar", "8000", "-f", "s16le", "pipe:1")
    return np.frombuffer(sound, "<i2").astype(float)


def snr_db(good: Any, heard: Any) -> float:
    return float(10 * np.log10(np.square(good).sum() / max(1e-9, np.square(good - heard).sum())))


@pytest.mark.long
async def test_eight_hours_are_entered_near_their_end_at_once(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    silence = ["-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "28800"]
    # The newer ffmpeg takes three times as long for this one.
    Ffmpeg(find_ffmpeg(None)).run(
        [*silence, "-frame_size", "16384", "-compression_level", "0", str(path)], timeout_s=300
    )
    song_id, _ = await put(place, path)
    deliveries = place.household.house.deliveries
    for words in STREAMS[:3]:
        head = await place.fetch(f"/stream/{song_id}?{words}", "lis", method="HEAD")
        assert head.code == 200
        length, before = int(head.headers["Content-Length"]), deliveries.encoder.encoded
        answer = await place.fetch(f"/stream/{song_id}?{words}", "lis", headers={"Range": "bytes=-3000"})
        assert (answer.code, len(answer.body)) == (206, 3000)
        assert answer.headers["Content-Range"] == f"bytes {length - 3000}-{length - 1}/{length}"
        assert deliveries.encoder.encoded - before <= 2
    playlist = (await place.fetch(f"/hls/{song_id}/fmp4-low/playlist.m3u8", "lis")).body.decode()
    last = [line for line in playlist.splitlines() if line and not line.startswith("#")][-1]
    before = deliveries.encoder.encoded
    assert (await place.fetch(f"/hls/{song_id}/fmp4-low/{last}", "lis")).code == 200
    assert deliveries.encoder.encoded - before <= 2
    assert deliveries.encoder.decoded == 0
    assert sum(float(line[8:-1]) for line in playlist.splitlines() if line.startswith("#EXTINF:")) == pytest.approx(
        28800, abs=0.1
    )


OUTSIDE = [
    "../../../../etc/passwd",
    "..",
    ".",
    "../secret.key",
    "/etc/passwd",
    "a\0b",
    "..\\..\\secret.key",
    "%2e%2e%2f",
    "~root",
]
NAMED_DOORS = ["/stream/{}", "/hls/{}/master.m3u8", "/hls/{}/ts-low/playlist.m3u8", "/hls/song/{}/playlist.m3u8",
               "/hls/song/ts-low/{}", "/waveform/{}", "/download/{}/manifest.json", "/download/{}/song",
               "/download/id/{}", "/lyrics/{}.lrc", "/covers/{}", "/upload/{}", "/playlists/{}.m3u8", "/share/{}",
               "/web/{}"]  # fmt: skip


@pytest.mark.faults
async def test_no_name_at_any_door_leads_out_of_the_house(place: Place, sounds: Sounds, log_watch: Any) -> None:
    song_id, _ = await put(place, sounds.take("wav"))
    secret = (place.data / "secret.key").read_bytes()
    for pattern in NAMED_DOORS:
        for name in OUTSIDE:
            for written in {quote(name, safe=""), quote(name, safe="/.")}:
                path = pattern.format(written).replace("/song/", f"/{song_id}/")
                for method in ("GET", "HEAD"):
                    answer = await place.fetch(path, "lis", method=method)
                    assert answer.code in (400, 403, 404, 405), (path, answer.code)
                    assert b"root:" not in answer.body
                    assert secret.strip() not in answer.body
                    if method == "GET" and not pattern.startswith(("/share/", "/web/")):
                        assert code_of(answer)
    for name in OUTSIDE:
        answer = await place.fetch(f"/upload/{quote(name, safe='')}", "ann", method="PUT", body=b"x",
                                   headers={"Content-Range": "bytes 0-0/1"})  # fmt: skip
        assert answer.code in (400, 404), name


async def test_a_link_out_of_the_library_is_not_imported(place: Place, sounds: Sounds, tmp_path: Path) -> None:
    folder = tmp_path / "library"
    folder.mkdir()
    (tmp_path / "private.mp3").write_bytes(sounds.take("mp3").read_bytes())
    (folder / "out.mp3").symlink_to(tmp_path / "private.mp3")
    (folder / "up").symlink_to(tmp_path)
    summary, files = await imported(place, folder)
    assert {Path(problem.path).name: problem.reason for problem in summary.problems}["out.mp3"] == (
        "a link leads out of the library"
    )
    assert [file for file in files if file.song_id] == []


@pytest.mark.faults
@pytest.mark.parametrize("what", ["changed", "deleted"])
async def test_a_source_that_goes_while_it_streams_is_never_mixed_with_another(
    place: Place, sounds: Sounds, what: str, log_watch: Any
) -> None:
    song_id, path = await put(place, sounds.take("wav", 440, 24.0))
    original = path.read_bytes()
    playlist = (await place.fetch(f"/hls/{song_id}/ts-low/playlist.m3u8", "lis")).body.decode()
    parts = [line for line in playlist.splitlines() if line and not line.startswith("#")]
    assert (await place.fetch(f"/hls/{song_id}/ts-low/{parts[0]}", "lis")).code == 200
    async with asking(place, f"/stream/{song_id}?quality=lossless") as (reader, head):
        assert b" 200 " in head
        if what == "changed":
            path.write_bytes(sounds.take("wav", 550, 24.0).read_bytes())
            log_watch.expect("a file changed while it was sent")
        else:
            path.unlink()
        body = await reader.read(-1)
    # A deleted file is still held open: it is sent to its end. A changed one is cut off.
    assert original.startswith(body) if what == "deleted" else len(body) < len(original)
    if what == "deleted":
        assert body == original
        log_watch.expect("tutti.access: request")
    answer = await place.fetch(f"/hls/{song_id}/ts-low/{parts[-1]}", "lis")
    assert (answer.code, code_of(answer)) == {"changed": (410, "SOURCE_CHANGED"), "deleted": (503, "SOURCE_MISSING")}[
        what
    ]
    for words in STREAMS[:2]:
        answer = await place.fetch(f"/stream/{song_id}?{words}", "lis")
        assert answer.code == 200 if what == "changed" else code_of(answer) == "SOURCE_MISSING"


@pytest.mark.faults
@pytest.mark.parametrize("form", ["mp3", "opus"])
async def test_a_rendition_whose_source_changes_in_the_middle_is_cut_off(
    place: Place, sounds: Sounds, form: str, log_watch: Any
) -> None:
    log_watch.expect("a stream was cut short")
    song_id, path = await put(place, sounds.take("wav", 440, 24.0))
    deliveries = place.household.house.deliveries
    encode, begun = deliveries.encoder.encode, []

    async def changing(source: Any, geometry: Any, index: int, *more: Any, **named: Any) -> bytes:
        if index == 1 and not begun:
            begun.append(index)
            path.write_bytes(sounds.take("wav", 550, 24.0).read_bytes())
        return await encode(source, geometry, index, *more, **named)

    deliveries.encoder.encode = changing
    async with asking(place, f"/stream/{song_id}?format={form}&quality=low") as (reader, head):
        body = await reader.read(-1)
    announced = int(re.search(rb"Content-Length: (\d+)", head)[1])
    assert b" 200 " in head
    assert 0 < len(body) < announced / 2


@asynccontextmanager
async def asking(place: Place, path: str) -> AsyncIterator[tuple[asyncio.StreamReader, bytes]]:
    """The connection of one listener who has read the head and, with small buffers, little more."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", port_of(place)))
    reader, writer = await asyncio.open_connection(sock=raw, limit=4096)
    writer.write(request_for(place, path) + b"Connection: close\r\n\r\n")
    try:
        yield reader, await reader.readuntil(b"\r\n\r\n")
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def port_of(place: Place) -> int:
    return int(place.base.rpartition(":")[2])


def request_for(place: Place, path: str, method: str = "GET", who: str = "lis") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: tutti\r\nAuthorization: Bearer {place.tokens[who]}\r\n".encode()


CUTS = [0, 1, 200, 700, 1500, 40_000, 120_450, 121_000, 300_000]


@pytest.mark.long
async def test_a_listener_may_leave_at_any_byte(place: Place, sounds: Sounds, tmp_path: Path) -> None:
    song_id, _ = await put(place, sounds.take("flac", 440, 24.0))
    vorbis, _ = await put(place, sounds.take("ogg", 550, 24.0))
    paths = [f"/stream/{song_id}?{words}" for words in STREAMS]
    paths += [
        f"/stream/{vorbis}?format=mp3&quality=low",
        f"/hls/{song_id}/ts-low/1.ts",
        f"/hls/{vorbis}/fmp4-low/1.m4s",
    ]
    held = open_sounds(tmp_path)

    async def leave(path: str, after: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(place))
        request = request_for(place, path) + b"Connection: close\r\n\r\n"
        writer.write(request if after else request[:60])
        await writer.drain()
        if after:
            with contextlib.suppress(asyncio.IncompleteReadError):
                await reader.readexactly(after)
        writer.transport.abort()

    for after in CUTS:
        await asyncio.gather(*(leave(path, after) for path in paths if after < 30_000 or "/stream" in path))
    await nothing_is_left(place)
    await until(lambda: len(place.app.visits) == 0)
    place.household.house.deliveries._files.close()
    await until(lambda: open_sounds(tmp_path) == [])
    assert held == []


def open_sounds(folder: Path) -> list[str]:
    """Files of sound under this folder that this process holds open."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            found.append(os.readlink(f"/proc/self/fd/{name}"))
    within = [path for path in found if path.startswith(str(folder)) and ("/music/" in path or "/segments/" in path)]
    # The mark of whose folder it is stays open as long as the house does.
    return [path for path in within if not path.endswith("/.in-use")]


async def test_a_sender_may_leave_at_any_byte(place: Place, sounds: Sounds) -> None:
    sound = sounds.take("wav", 440, 24.0).read_bytes()
    words = {"query": SONG, "variables": {"title": "Song", "artist": "ann", "file": None}}
    whole = form(
        [("operations", orjson.dumps(words), None), ("map", b'{"0": ["variables.file"]}', None), ("0", sound, "a")]
    )
    head = (
        request_for(place, "/graphql", "POST", "ann")
        + (
            f"Content-Type: multipart/form-data; boundary=XbX\r\nContent-Length: {len(whole)}\r\n"
            "Apollo-Require-Preflight: true\r\n\r\n"
        ).encode()
    )
    for share in (0.001, 0.1, 0.5, 0.9, 0.999):
        _, writer = await asyncio.open_connection("127.0.0.1", port_of(place))
        writer.write(head + whole[: int(len(whole) * share)])
        await writer.drain()
        await until(lambda: len(place.app.visits) > 0 or place.left())
        writer.transport.abort()
        await until(lambda: not place.left() and len(place.app.visits) == 0)
        assert place.kept() == []


@contextmanager
def small_disk(folder: Path, kib: int) -> Iterator[None]:
    """A real file system of so many KiB at that place; skips where this process may not mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root may mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.long
async def test_a_disk_that_is_full_costs_speed_and_no_sound(tmp_path: Path, sounds: Sounds, log_watch: Any) -> None:
    log_watch.expect("audio cache cannot be written")
    log_watch.expect("tutti.access: request")
    with small_disk(tmp_path / "data" / "segments", 64):
        async with open_place(tmp_path, AUDIO_FFMPEG="") as place:
            song_id, _ = await put(place, sounds.take("flac", 440, 24.0))
            for words in STREAMS[:2]:
                answer = await place.fetch(f"/stream/{song_id}?{words}", "lis")
                assert (answer.code, len(answer.body)) == (200, int(answer.headers["Content-Length"]))
            assert plays(await doors(place, song_id, last=1))
            # Vorbis is decoded to a copy first, for which there is no room.
            vorbis, _ = await put(place, sounds.take("ogg", 550, 24.0))
            said = await doors(place, vorbis, last=1)
            assert {said[name] for name in (*STREAMS[:2], "ts-low part", "opus-low part")} == {"CACHE_FULL"}
            await nothing_is_left(place)


async def test_an_upload_to_a_full_disk_is_refused_and_leaves_nothing(
    tmp_path: Path, sounds: Sounds, log_watch: Any
) -> None:
    log_watch.expect("tutti.access: request")
    sound = sounds.take("wav", 440, 24.0).read_bytes()
    with small_disk(tmp_path / "data" / "uploads", 1500):
        async with open_place(tmp_path, AUDIO_FFMPEG="") as place:
            answer = await place.send_file(sound)
            error = orjson.loads(answer.body)["errors"][0]["extensions"]
            assert (answer.code, error["code"], place.left(), place.kept()) == (503, "STORAGE_FULL", [], [])
            upload = await place.announce(sound)
            answer = await place.put(upload["url"], sound, 0, len(sound) - 1)
            assert (answer.code, code_of(answer)) == (503, "STORAGE_FULL")
            small = tone(tmp_path / "small.wav", 0.5)
            for name in place.left():
                (place.data / "uploads" / "staging" / name).unlink()
            assert (await place.song(text=text_of(small)))["durationMs"] == 500
