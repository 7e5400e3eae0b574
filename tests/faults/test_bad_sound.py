"""The bad-input list, row by row, through the real import and every door that plays: clear answers, nothing left."""

from __future__ import annotations

import asyncio
import os
import shutil
import struct
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from storage.records import AudioFile
from tests.library.sounds import Sounds, run_ffmpeg
from tests.stream.stage import children, until
from tests.uploads.place import Place, open_place, tone

STREAMS = ("format=mp3&quality=low", "format=opus&quality=low", "format=flac&quality=lossless", "quality=lossless")
VARIANTS = ("ts-low", "fmp4-low", "opus-low", "flac-lossless")
SHORT_S = 2.0


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Sounds:
    return Sounds(tmp_path_factory.mktemp("sounds"))


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with open_place(tmp_path, ANALYSIS_BACKGROUND="false", AUDIO_IDLE_CACHE_PERCENT="0") as place:
        yield place
        await nothing_is_left(place)


async def nothing_is_left(place: Place) -> None:
    """No encoder, no work in the queue, no task of a listener, no half-written file."""
    deliveries = place.household.house.deliveries
    await until(lambda: not children() and not deliveries.admission.running and not deliveries.admission.waiting)
    await until(lambda: not listening())
    assert list(place.data.rglob("unfinished-*")) == []
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
    folder = place.data.parent / "music"
    folder.mkdir(exist_ok=True)
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
    "m3u8": ("a.mp3", lambda *_: HLS_TRAP.encode(), "the file is a playlist, not sound"),
    "ffconcat": ("a.mp3", lambda *_: CONCAT_TRAP.encode(), "the file is a playlist, not sound"),
}


@contextmanager
def a_listening_port() -> Iterator[tuple[int, list[object]]]:
    """A port, and everybody who called there."""
    import socket

    loop, callers = asyncio.get_running_loop(), []
    door = socket.create_server(("127.0.0.1", 0))
    door.setblocking(False)
    loop.add_reader(door.fileno(), lambda: callers.append(door.accept()[0].close()))
    try:
        yield door.getsockname()[1], callers
    finally:
        loop.remove_reader(door.fileno())
        door.close()


@pytest.mark.parametrize("kind", BAD)
async def test_a_bad_file_is_refused_by_name_and_no_door_breaks_over_it(
    place: Place, sounds: Sounds, tmp_path: Path, kind: str, log_watch: Any
) -> None:
    name, make, reason = BAD[kind]
    data = make(sounds, tmp_path)
    folder = tmp_path / "library"
    folder.mkdir()
    with a_listening_port() as (port, callers):
        own = sounds.take("mp3")
        data = data.replace(b"{own}", str(own).encode()).replace(b"{port}", str(port).encode())
        (folder / name).write_bytes(data)
        summary, [file] = await imported(place, folder)
        assert (file.state, file.song_id, len(summary.problems)) == ("broken", None, 1)
        assert summary.problems[0].reason.startswith(reason), summary.problems[0].reason
        # The worse case: it took the place of a good file since that was imported.
        song_id, path = await put(place, sounds.take("wav"), "good.wav")
        path.write_bytes(data)
        said = await doors(place, song_id)
        assert callers == []
    print(kind, said)
    if any(type(word) is str and word.startswith("SOURCE") for word in said.values()):
        log_watch.expect("tutti.access: request")
    if kind.startswith(("zero", "cover", "m3u8", "ffconcat")):
        lossy = {said[words] for words in STREAMS[:2]} | {said["ts-low part"], said["opus-low part"]}
        assert lossy <= {"SOURCE_BROKEN", 416}, said
