"""Lyrics that an import finds: which source wins, sheets kept once, changes followed, people's edits left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from mutagen.id3 import ID3, SYLT, USLT

from services.catalogue.genre_names import GenreNames
from services.catalogue.genres import Genres
from services.catalogue.song_edits import SongEdits
from services.catalogue.workbench import Workbench
from services.lyrics.lyric_edits import LyricEdits
from services.lyrics.model import Lyrics
from services.lyrics.sheets import LyricSheets
from services.viewer import SYSTEM
from storage.records import LyricLine
from tests.library.house import House
from tests.library.sounds import Sounds

WORDS = "[00:01.00]<00:01.00>by <00:01.50>word"
TTML = '<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="en"><body><p begin="1s" end="2s"><span begin="0s">in</span> ttml</p></body></tt>'  # noqa: E501
SRT = "1\n00:00:01,000 --> 00:00:02,000\nof srt"


def sheets(house: House) -> LyricSheets:
    return LyricSheets(house.store, house.importer.clock)


async def lyrics(house: House, title: str = "T") -> Lyrics | None:
    return await sheets(house).of_song(await house.song(title))


def put(house: House, sounds: Sounds, name: str = "a", **tags: str) -> Path:
    return sounds.put(house.music / f"{name}.mp3", 300, title=tags.pop("title", "T"), artist="A", **tags)


def tag(path: Path, *frames: object) -> None:
    tags = ID3(path)
    for frame in frames:
        tags.add(frame)
    tags.save(path)


@pytest.mark.parametrize(
    ("beside", "tagged", "sung"),
    [
        ({"lrc": "[00:01.00]line"}, "plain", "line"),
        ({"lrc": "beside"}, "inside", "beside"),
        ({"lrc": "plain"}, "[00:01.00]line in tag", "line in tag"),
        ({"lrc": "[00:01.00]line"}, WORDS, "by word"),
        ({"lrc": "[00:01.00]line", "elrc": WORDS}, "plain", "by word"),
        ({"lrc": WORDS, "elrc": "[00:01.00]line"}, "plain", "by word"),
        ({"lrc": WORDS, "ttml": TTML, "srt": SRT}, WORDS, "in ttml"),
        ({"lrc": "[00:01.00]line", "srt": SRT}, "", "line"),
        ({"srt": SRT}, "plain", "of srt"),
        ({}, TTML, "in ttml"),
        ({}, SRT, "of srt"),
        ({"ttml": "<tt>"}, "plain", "plain"),
    ],
)
async def test_the_most_precise_source_wins_and_what_lies_beside_among_equals(
    house: House, sounds: Sounds, beside: dict[str, str], tagged: str, sung: str
) -> None:
    path = put(house, sounds)
    if tagged:
        tag(path, USLT(encoding=3, lang="eng", desc="", text=tagged))
    for suffix, text in beside.items():
        (house.music / f"A.{suffix.upper()}").write_text(text, "utf-8")
    summary = await house.run()
    found = await lyrics(house)
    assert found is not None
    assert found.plain == sung
    assert (await house.song("T")).lyrics == sung
    assert [problem.reason for problem in summary.problems] == (
        ["its lyrics A.TTML were left out: This is no well-formed XML: line 1."] if "<tt>" in beside.values() else []
    )


async def test_words_ends_and_language_are_kept_on_a_sheet_that_two_songs_share(house: House, sounds: Sounds) -> None:
    for name in "ab":
        sounds.put(house.music / f"{name}.mp3", 300 + ord(name), title=name, artist="A")
        (house.music / f"{name}.ttml").write_text(TTML, "utf-8")
    await house.run()
    (sheet,) = await house.store.lyric_sheets.find({}, limit=10)
    assert {song.lyrics_id for song in await house.songs()} == {sheet.id}
    assert {tuple((line.at_ms, line.text) for line in song.synced_lyrics) for song in await house.songs()} == {
        ((1000, "in ttml"),)
    }
    found = await lyrics(house, "a")
    assert found is not None
    assert (found.language, found.lines[0].end_ms, [word.text for word in found.lines[0].words]) == (
        "en", 2000, ["in ttml"],
    )  # fmt: skip


async def test_lyrics_of_lines_alone_need_no_sheet(house: House, sounds: Sounds) -> None:
    put(house, sounds)
    (house.music / "a.lrc").write_text("[00:01.00]line", "utf-8")
    await house.run()
    assert await house.store.lyric_sheets.find({}, limit=10) == []
    assert (await house.song("T")).lyrics_id is None


async def test_syllables_of_a_frame_become_words(house: House, sounds: Sounds) -> None:
    path = put(house, sounds)
    text = [("Um", 1000), ("brel", 1200), ("la", 1400), ("\nRain", 3000), ("s", 3300)]
    tag(path, SYLT(encoding=3, lang="eng", format=2, type=1, desc="", text=text))
    await house.run()
    found = await lyrics(house)
    assert found is not None
    assert [(line.text, len(line.words)) for line in found.lines] == [("Umbrella", 3), ("Rains", 2)]
    assert (await house.song("T")).synced_lyrics == [LyricLine(1000, "Umbrella"), LyricLine(3000, "Rains")]


async def test_lyrics_that_come_change_and_go_are_noticed(house: House, sounds: Sounds, opened: list[str]) -> None:
    put(house, sounds)
    await house.run()
    assert await lyrics(house) is None
    for suffix, text, sung in (("srt", SRT, "of srt"), ("ttml", TTML, "in ttml"), ("elrc", WORDS, "in ttml")):
        (house.music / f"a.{suffix}").write_text(text, "utf-8")
        assert (await house.run()).files_read == 1
        assert (await house.song("T")).lyrics == sung
    (house.music / "a.ttml").unlink()
    await house.run()
    assert (await house.song("T")).lyrics == "by word"
    opened.clear()
    assert (await house.run()).files_read == 0
    assert [path for path in opened if path.startswith(str(house.music))] == []
    for suffix in ("srt", "elrc"):
        (house.music / f"a.{suffix}").unlink()
    await house.run()
    song = await house.song("T")
    assert (song.lyrics, song.synced_lyrics, song.lyrics_id) == (None, [], None)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"[00:01.00]x\n" * 90_000, "they are larger than 1 MB."),
        (b"[00:01.00]x\n" * 5001, "Lyrics can have at most 5,000 timed lines."),
    ],
)
async def test_too_much_beside_a_song_is_reported_and_its_tags_are_taken(
    house: House, sounds: Sounds, data: bytes, reason: str
) -> None:
    path = put(house, sounds)
    tag(path, USLT(encoding=3, lang="eng", desc="", text="inside"))
    (house.music / "a.lrc").write_bytes(data)
    summary = await house.run()
    assert [problem.reason for problem in summary.problems] == [f"its lyrics a.lrc were left out: {reason}"]
    assert (await house.song("T")).lyrics == "inside"


async def test_a_document_type_beside_a_song_reads_nothing_else(
    house: House, sounds: Sounds, opened: list[str]
) -> None:
    put(house, sounds)
    (house.data / "secret").write_text("secret", "utf-8")
    (house.music / "a.ttml").write_text(
        f'<!DOCTYPE tt [<!ENTITY x SYSTEM "file://{house.data}/secret">]><tt><body><p begin="1s">&x;</p></body></tt>'
    )
    opened.clear()
    summary = await house.run()
    assert [problem.reason for problem in summary.problems] == [
        "its lyrics a.ttml were left out: An XML document with a document type (<!DOCTYPE …>) is not read."
    ]
    assert not [path for path in opened if path.endswith("secret")]


async def test_what_a_person_set_stays_when_files_say_more(house: House, sounds: Sounds) -> None:
    bench = Workbench(house.store, house.importer.clock)
    edits = LyricEdits(bench, house.importer.bus, sheets(house))
    names = GenreNames(house.store, house.importer.clock, Genres(house.store))
    words = SongEdits(bench, house.importer.bus, names)
    for name in "abc":
        sounds.put(house.music / f"{name}.mp3", 300 + ord(name), title=name, artist="A")
        (house.music / f"{name}.lrc").write_text(WORDS, "utf-8")
    await house.run()
    await edits.set(SYSTEM, (await house.song("a")).id, "mine")
    await edits.set(SYSTEM, (await house.song("b")).id, None)
    await words.update(SYSTEM, (await house.song("c")).id, synced_lyrics="[00:09.00]<00:09.00>my <00:09.50>own")
    for name in "abc":
        (house.music / f"{name}.ttml").write_text(TTML, "utf-8")
    assert (await house.run()).files_read == 3
    a, b, c = [await lyrics(house, name) for name in "abc"]
    assert a is not None
    assert (a.plain, a.lines) == ("mine", [])
    assert b is None
    assert c is not None
    assert [word.text for word in c.lines[0].words] == ["my ", "own"]
    assert (await house.song("a")).as_tagged("lyrics") == "in ttml"


async def test_lines_that_a_person_set_before_there_were_sheets_get_none_from_a_file(
    house: House, sounds: Sounds
) -> None:
    put(house, sounds)
    await house.run()
    mine = {"synced_lyrics": [{"at_ms": 5, "text": "mine"}], "edited_fields": ["synced_lyrics"]}
    await house.store.songs.update({}, {"$set": mine})
    (house.music / "a.elrc").write_text(WORDS, "utf-8")
    await house.run()
    found = await lyrics(house)
    assert found is not None
    assert [(line.at_ms, line.text, line.words) for line in found.lines] == [(5, "mine", [])]
