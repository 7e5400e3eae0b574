"""Sounds cut where the file itself cannot tell, and a page that can."""

import random
import subprocess

from tests.sound_tool import QUICK_FFMPEG

NOISE = ["-f", "lavfi", "-i", "anoisesrc=r=44100:d=9:a=0.1:seed=3"]


def make(path, *args):
    subprocess.run([QUICK_FFMPEG, "-v", "error", "-y", *NOISE, *args, str(path)], check=True)
    return path


async def imported(house, path):
    summary = await house.run()
    assert summary.problems == []
    return await house.file(path)


async def test_a_damaged_ogg_page_is_said_by_the_import(house):
    path = make(house.music / "b.ogg", "-c:a", "libvorbis")
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2 : len(whole) // 2 + 20_000] = random.Random(4).randbytes(20_000)
    path.write_bytes(whole)
    assert [problem.reason for problem in (await house.run()).problems] == ["an Ogg page is damaged"]


async def test_an_ogg_cut_at_a_page_edge_is_a_shorter_song(house):
    path = make(house.music / "f.ogg", "-c:a", "libvorbis")
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex(b"OggS")])
    file = await imported(house, path)
    assert 7 * 44100 < file.samples < 9 * 44100


async def test_an_mp3_without_its_info_frame_is_a_shorter_song_when_cut(house):
    path = make(house.music / "g.mp3", "-ac", "2", "-b:a", "128k", "-write_xing", "0", "-id3v2_version", "0")
    path.write_bytes(path.read_bytes()[:100_000])
    summary = await house.run()
    assert (summary.files_broken, len(await house.songs())) == (0, 1)
