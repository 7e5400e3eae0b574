"""How fast a folder becomes a catalogue: first import, unchanged second one, memory.

Usage: python -m bench.imports [--files 5000] [--workers N] [--seconds 1] [--beets]. Makes its library of short MP3s
with different tags (12 to an album, every fourth album with an embedded cover) in a temporary folder and removes it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import shutil
import subprocess
import tempfile
import time
from io import BytesIO
from pathlib import Path

from mutagen.id3 import APIC, ID3, TALB, TCON, TDRC, TIT2, TPE1, TRCK
from PIL import Image

from bench.beets import Beets
from bench.figures import tell
from services.audio.ffmpeg import find_ffmpeg
from services.clock import Clock
from services.events import Bus
from services.library.importer import Importer
from storage.collections.store import Store
from storage.files import Folder, LocalFiles
from storage.indexes import ensure_indexes
from storage.sqlite import SqliteEngine

TRACKS = 12


def fill(music: Path, files: int, seconds: float) -> int:
    """Write the library; its bytes. Sounds differ in their last frame's padding, so that each has its own hash."""
    sound = music.parent / "sound.mp3"
    noise = f"anoisesrc=d={seconds}:c=pink:a=0.2"
    subprocess.run(
        [str(find_ffmpeg(None)), "-loglevel", "error", "-y", "-f", "lavfi", "-i", noise, "-b:a", "128k",
         "-map_metadata", "-1", "-id3v2_version", "0", str(sound)],
        check=True,
    )  # fmt: skip
    data = sound.read_bytes()
    total = 0
    for number in range(files):
        album, track = divmod(number, TRACKS)
        path = music / f"Artist {album // 3}" / f"Album {album}" / f"{track + 1:02} Song {number}.mp3"
        path.parent.mkdir(parents=True, exist_ok=True)
        middle = len(data) // 2
        path.write_bytes(data[:middle] + number.to_bytes(4, "big") + data[middle + 4 :])
        tags = ID3()
        tags.add(TIT2(encoding=3, text=[f"Song {number}"]))
        tags.add(TPE1(encoding=3, text=[f"Artist {album // 3}" + (" feat. Guest" if track == 5 else "")]))
        tags.add(TALB(encoding=3, text=[f"Album {album}"]))
        tags.add(TRCK(encoding=3, text=[f"{track + 1}/{TRACKS}"]))
        tags.add(TDRC(encoding=3, text=[str(1960 + album % 60)]))
        tags.add(TCON(encoding=3, text=[("Rock", "Jazz", "Folk", "Pop")[album % 4]]))
        if album % 4 == 0:
            tags.add(APIC(encoding=3, mime="image/jpeg", type=3, desc="", data=cover(album)))
        tags.save(path)
        total += path.stat().st_size
    return total


_covers: dict[int, bytes] = {}


def cover(album: int) -> bytes:
    """A 600 pixel JPEG of its own for each album."""
    if album not in _covers:
        _covers.clear()
        written = BytesIO()
        Image.new("RGB", (600, 600), (album % 256, album // 256 % 256, 90)).save(written, "JPEG")
        _covers[album] = written.getvalue()
    return _covers[album]


async def measure(music: Path, data: Path, workers: int, files: int, size: int) -> list[float]:
    """Import twice and print what it took; the seconds of both."""
    engine = SqliteEngine(data / "tutti.db")
    await engine.start()
    try:
        await ensure_indexes(engine)
        importer = Importer(Store(engine), LocalFiles(data), Folder(data), None, Clock(), Bus(), workers=workers)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        seconds: list[float] = []
        for name in ("first import", "second, unchanged"):
            began = time.perf_counter()
            summary = await importer.run([music])
            seconds.append(time.perf_counter() - began)
            print(f"{name:18} {seconds[-1]:8.2f} s {files / seconds[-1]:10.0f} files/s   {summary.files_read} read")
            assert not summary.problems
            assert summary.songs_added == (files if name == "first import" else 0)
        print(f"{'ratio':18} {seconds[0] / seconds[1]:8.0f} ×")
        print(f"{'read':18} {size / seconds[0] / 1e6:8.0f} MB/s")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"{'peak memory':18} {peak / 1024:8.0f} MB   ({(peak - before) / 1024:.0f} MB by the import)")
        return seconds
    finally:
        await engine.stop()


def beside_beets(folder: Path, files: int) -> list[float]:
    """The seconds of both imports by beets; nothing where it cannot be had."""
    beets = Beets.fetched()
    if beets is None:
        print("beets is left out: it could not be fetched")
        return []
    seconds = [beets.bring_in(folder / "music", folder / "beets") for _ in range(2)]
    for name, took in zip(("beets, first", "beets, second"), seconds, strict=True):
        print(f"{name:18} {took:8.2f} s {files / took:10.0f} files/s")
    return seconds


def main() -> None:
    """Parse, fill, measure, clean up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument(
        "--beets", action="store_true", help="compare with beets, which is fetched into .services/bench"
    )
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="tutti-bench-"))
    try:
        (folder / "music").mkdir()
        size = fill(folder / "music", asked.files, asked.seconds)
        print(f"{asked.files} files, {size / 1e6:.0f} MB, {asked.workers} workers")
        ours = asyncio.run(measure(folder / "music", folder / "data", asked.workers, asked.files, size))
        theirs = beside_beets(folder, asked.files) if asked.beets else []
        for place, name in enumerate(("first import", "second import, unchanged")):
            rivals = {"ours": asked.files / ours[place]}
            if theirs:
                rivals["beets"] = asked.files / theirs[place]
                print(f"ours / beets, {name}: {rivals['ours'] / rivals['beets']:.1f} ×")
            tell(name, "files/s", rivals, more=True)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
