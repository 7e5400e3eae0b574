"""Covers and lyrics: inside the file, beside it, broken, too large, changed on their own."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, ID3
from PIL import Image as Pillow

from services.pictures.rendering import COVER_SIZES, BrokenPicture, cover_key, render_cover
from storage.records import LyricLine
from tests.library.house import House
from tests.library.sounds import Sounds


def picture(colour: str = "red", size: tuple[int, int] = (40, 30), kind: str = "PNG", mode: str = "RGB") -> bytes:
    data = BytesIO()
    Pillow.new(mode, size, colour).save(data, kind)
    return data.getvalue()


def bomb() -> bytes:
    """A PNG of a few bytes that claims 60,000 × 60,000 pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def embed(path: Path, data: bytes, kind: int = 3) -> None:
    if path.suffix == ".flac":
        song = FLAC(path)
        block = Picture()
        block.type, block.mime, block.data = kind, "image/png", data
        song.add_picture(block)
        song.save()
    else:
        frames = ID3(path)
        frames.add(APIC(encoding=3, mime="image/png", type=kind, desc=str(kind), data=data))
        frames.save(path)


async def test_one_cover_in_many_files_is_kept_once_in_every_size(house: House, sounds: Sounds) -> None:
    for number in range(3):
        kind = "flac" if number else "mp3"
        path = sounds.put(
            house.music / "X" / f"0{number}.{kind}", 300 + number, title=f"T{number}", artist="A", album="X"
        )
        embed(path, picture("red", (2000, 1000)))
    summary = await house.run()
    (image,) = await house.store.images.find({}, limit=10)
    assert (image.width, image.height, image.content_type, summary.covers_added) == (1200, 600, "image/jpeg", 1)
    assert {song.cover_id for song in await house.songs()} == {(await house.album("X")).cover_id} == {image.id}
    for size in COVER_SIZES:
        with Pillow.open(house.data / cover_key(image.id, size)) as shown:
            assert (shown.format, shown.size) == ("JPEG", (size, size // 2))
    assert image.size == (house.data / cover_key(image.id, 1200)).stat().st_size


async def test_a_folders_cover_dresses_songs_without_one_and_its_change_is_noticed(
    house: House, sounds: Sounds, opened: list[str]
) -> None:
    own = sounds.put(house.music / "X" / "01.mp3", 300, title="Own", artist="A", album="X")
    embed(own, picture("blue"))
    sounds.put(house.music / "X" / "02.mp3", 301, title="Bare", artist="A", album="X")
    (house.music / "X" / "back.jpg").write_bytes(picture("black", kind="JPEG"))
    (house.music / "X" / "Folder.jpg").write_bytes(picture("green", kind="JPEG"))
    (house.music / "X" / "COVER.PNG").write_bytes(picture("white"))
    await house.run()
    own_id, beside = (await house.song("Own")).cover_id, (await house.song("Bare")).cover_id
    assert own_id is not None
    assert beside is not None
    assert own_id != beside
    with Pillow.open(house.data / cover_key(beside, 96)) as shown:
        assert shown.getpixel((5, 5)) == (255, 255, 255)
    (house.music / "X" / "COVER.PNG").write_bytes(picture("yellow", (64, 64)))
    summary = await house.run()
    after = (await house.song("Bare")).cover_id
    assert (after not in (None, beside), (await house.song("Own")).cover_id) == (True, own_id)
    assert summary.files_found == 2
    opened.clear()
    await house.run()
    assert [path for path in opened if path.startswith(str(house.music))] == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"no picture at all", "this is no picture of a known kind"),
        (picture()[:60], "the picture is damaged"),
        (picture("red", (300, 300), "JPEG")[:400], "the picture is damaged"),
        (bomb(), "the picture has too many pixels to open"),
    ],
)
async def test_a_broken_embedded_cover_is_reported_and_the_folders_taken(
    house: House, sounds: Sounds, data: bytes, reason: str
) -> None:
    path = sounds.put(house.music / "X" / "01.flac", 300, title="T", artist="A", album="X")
    embed(path, data)
    (house.music / "X" / "cover.png").write_bytes(picture("green"))
    summary = await house.run()
    assert [(problem.path, problem.reason) for problem in summary.problems] == [
        (str(path), f"its cover was left out: {reason}")
    ]
    assert (await house.song("T")).cover_id is not None


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1", "L", "CMYK", "I;16"])
def test_pictures_of_every_mode_become_jpegs(mode: str) -> None:
    data = BytesIO()
    Pillow.new(mode, (20, 10)).save(data, "TIFF")
    drawn = render_cover(data.getvalue())
    assert (drawn.width, drawn.height, sorted(drawn.sizes)) == (20, 10, sorted(COVER_SIZES))


def test_a_picture_larger_than_the_bound_is_not_looked_at() -> None:
    with pytest.raises(BrokenPicture, match="larger than 32 MB"):
        render_cover(bytes(33 << 20))


async def test_lyrics_beside_the_song_are_read_and_followed(house: House, sounds: Sounds) -> None:
    sounds.put(house.music / "a.mp3", 300, title="T", artist="A")
    (house.music / "A.LRC").write_text("[offset:100]\n[00:01.10][00:03.10]La <00:01.50>la\n[00:02.00]Ö", "utf-8")
    await house.run()
    song = await house.song("T")
    assert song.synced_lyrics == [LyricLine(1000, "La la"), LyricLine(1900, "Ö"), LyricLine(3000, "La la")]
    assert song.lyrics == "La la\nÖ"
    (house.music / "A.LRC").write_bytes("[00:01.00]Später".encode("cp1252"))
    summary = await house.run()
    assert ((await house.song("T")).synced_lyrics, summary.files_read) == ([LyricLine(1000, "Später")], 1)
    (house.music / "A.LRC").unlink()
    await house.run()
    assert ((await house.song("T")).synced_lyrics, (await house.song("T")).lyrics) == ([], None)
