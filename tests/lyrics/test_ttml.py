"""TTML: times, words, voices, background, translations of three kinds, round trips, and documents that mean harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import Invalid
from services.lyrics.model import Lyrics, LyricsKind
from services.lyrics.ttml import parse_ttml, write_ttml
from storage.records import SheetAgent, SheetLine, SheetTranslation, SheetWord
from tests.lyrics.strategies import songs

APPLE = """<?xml version="1.0" encoding="utf-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:itunes="http://music.apple.com/lyric-ttml-internal"
    xmlns:ttm="http://www.w3.org/ns/ttml#metadata" itunes:timing="Word" xml:lang="en">
<head><metadata>
  <ttm:agent type="person" xml:id="v1"><ttm:name type="full">Ann</ttm:name></ttm:agent>
  <ttm:agent type="group" xml:id="v2"/>
  <iTunesMetadata xmlns="http://music.apple.com/lyric-ttml-internal">
    <translations><translation type="subtitle" xml:lang="de"><text for="L1">Hör den Wind</text>
      <text for="L9">nichts</text></translation></translations>
  </iTunesMetadata></metadata></head>
<body dur="1:00.000"><div begin="9.500" end="20.000" itunes:songPart="Verse">
<p begin="9.500" end="12.000" itunes:key="L1" ttm:agent="v1"><span begin="9.500" end="9.900">Hear</span> <span begin="9.900" end="10.100">the</span> <span begin="10.100" end="10.500">wi</span><span begin="10.500" end="11.000">nd</span><span ttm:role="x-bg"><span begin="11.100" end="11.900">(ooh)</span></span></p>
<p begin="1:02.250" end="1:04.000" itunes:key="L2" ttm:agent="v2"><span begin="1:02.250" end="1:03.000">All</span><span ttm:role="x-translation" xml:lang="fr">Tous</span><span ttm:role="x-roman">ol</span></p>
</div></body></tt>"""  # noqa: E501


def document(body: str, more: str = "") -> str:
    return f'<tt xmlns="http://www.w3.org/ns/ttml" {more}><body>{body}</body></tt>'


def lines(text: str) -> list[tuple[int, str, int | None]]:
    return [(line.at_ms, line.text, line.end_ms) for line in parse_ttml(text).lines]


def test_words_voices_background_and_translations_as_apple_writes_them() -> None:
    lyrics = parse_ttml(APPLE)
    assert lyrics.lines == [
        SheetLine(9500, "Hear the wind", 12_000, "v1", False,
                  [SheetWord(9500, "Hear ", 9900), SheetWord(9900, "the ", 10_100), SheetWord(10_100, "wi", 10_500),
                   SheetWord(10_500, "nd", 11_000)],
                  [SheetTranslation("de", "Hör den Wind")]),
        SheetLine(11_100, "(ooh)", 11_900, "v1", True, [SheetWord(11_100, "(ooh)", 11_900)]),
        SheetLine(62_250, "All", 64_000, "v2", False, [SheetWord(62_250, "All", 63_000)],
                  [SheetTranslation("fr", "Tous")]),
    ]  # fmt: skip
    assert (lyrics.kind, lyrics.language, lyrics.plain) == (LyricsKind.WORDS, "en", "Hear the wind\nAll")
    assert lyrics.agents == [SheetAgent("v1", "Ann", "person"), SheetAgent("v2", None, "group")]
    assert [(line.at_ms, line.text) for line in lyrics.line_level()] == [(9500, "Hear the wind"), (62_250, "All")]


def test_times_count_from_what_holds_them_as_the_standard_has_it() -> None:
    text = document(
        '<div begin="10s"><p begin="1s" dur="4s"><span begin="1s">a</span> <span begin="2s">b</span></p></div>'
    )
    (line,) = parse_ttml(text).lines
    assert (line.at_ms, line.end_ms, [word.at_ms for word in line.words]) == (11_000, 15_000, [12_000, 13_000])


def test_times_that_would_begin_when_what_holds_them_is_over_count_from_the_songs_beginning() -> None:
    text = document('<p begin="10s" end="14s"><span begin="10s">a</span> <span begin="13s">b</span></p>')
    (line,) = parse_ttml(text).lines
    assert (line.at_ms, line.end_ms, [word.at_ms for word in line.words]) == (10_000, 14_000, [10_000, 13_000])


@pytest.mark.parametrize(
    ("time", "at_ms"),
    [("00:01:02.345", 62_345), ("00:00:01:15", 1600), ("1:02.5", 62_500), ("7.25", 7250), ("7.25s", 7250),
     ("250ms", 250), ("2m", 120_000), ("1h", 3_600_000), ("50f", 2000), ("30t", 3000), ("0", 0)],
)  # fmt: skip
def test_every_kind_of_time(time: str, at_ms: int) -> None:
    rates = 'ttp:frameRate="25" ttp:tickRate="10" xmlns:ttp="http://www.w3.org/ns/ttml#parameter"'
    assert lines(document(f'<p begin="{time}">a</p>', rates)) == [(at_ms, "a", None)]


@pytest.mark.parametrize(
    "time", ["", "soon", "-1s", "1:2:3:4:5", "wallclock(2026-01-01)", "17h", "9" * 40 + "s", "1e9s", "NaN", "१s"]
)
def test_what_is_no_time_is_refused(time: str) -> None:
    with pytest.raises(Invalid, match="is no time"):
        parse_ttml(document(f'<p begin="{time}">a</p>'))


def test_lines_of_another_language_at_the_same_moment_are_translations() -> None:
    text = document(
        '<div xml:lang="ja"><p begin="1s">かぜ</p><p begin="3s">うみ</p></div>'
        '<div xml:lang="en"><p begin="1.005s">Wind</p><p begin="9s">End</p></div>'
    )
    lyrics = parse_ttml(text)
    assert [(line.text, [(each.language, each.text) for each in line.translations]) for line in lyrics.lines] == [
        ("かぜ", [("en", "Wind")]), ("うみ", []), ("End", []),
    ]  # fmt: skip
    assert lyrics.language == "ja"


def test_paragraphs_without_times_are_plain_lyrics_with_a_gap_between_parts() -> None:
    lyrics = parse_ttml(document("<div><p>One<br/>and a half</p></div><div><p>Two</p></div>"))
    assert (lyrics.lines, lyrics.plain, lyrics.kind) == ([], "One and a half\n\nTwo", LyricsKind.PLAIN)


LAUGHS = '<!DOCTYPE tt [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]><tt><body>&c;</body></tt>'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LAUGHS, "document type"),
        ('<!DOCTYPE tt [<!ENTITY x SYSTEM "file:///etc/passwd">]><tt><body><p>&x;</p></body></tt>', "document type"),
        ('<!DOCTYPE tt SYSTEM "http://127.0.0.1/x.dtd"><tt/>', "document type"),
        ('<?xml version="1.0"?><!DOCTYPE tt [<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x;]><tt/>', "document type"),
        ("<tt><body><p>&unknown;</p></body></tt>", "well-formed XML"),
        ("<tt><body><p></body></tt>", "well-formed XML"),
        ("<tt><body>", "well-formed XML"),
        ("", "well-formed XML"),
        ("<html><body/></html>", "no TTML"),
        ("<tt><head/></tt>", "no TTML"),
        ("<tt><body>" + "<div>" * 40 + "</div>" * 40 + "</body></tt>", "32 elements deep"),
        ("<tt><body>" + "<p/>" * 100_001 + "</body></tt>", "100,000 elements"),
        ("<tt " + " ".join(f'a{n}=""' for n in range(61)) + "><body/></tt>", "60 attributes"),
        (document('<p begin="1s">a</p>' * 5001), "5,000 timed lines"),
        (document(f'<p begin="1s">{"x" * 1001}</p>'), "1,000 characters"),
        (document('<p begin="1s">a</p>', 'frameRate="0"'), "frameRate must be"),
        (document('<p begin="1s">a</p>', 'frameRateMultiplier="1 0"'), "frameRateMultiplier must be"),
        (document('<div timeContainer="seq"><p begin="1s">a</p></div>'), "timeContainer"),
        ("<tt><head><translation>" + '<text for="a">x</text>' * 9 + "</translation></head></tt>", "no TTML"),
        (
            document(
                '<p begin="1s">'
                + "".join(f'<span role="x-translation" lang="a{a}">x</span>' for a in "abcdefghijklmnopqrstuvw")
                + "</p>"
            ),
            "20 lang",
        ),
        ("<tt><body>" + "x" * 1_000_000 + "</body></tt>", "1,000,000 characters"),
    ],
)
def test_what_is_unsafe_broken_or_too_much_is_refused(text: str, told: str) -> None:
    with pytest.raises(Invalid, match=told):
        parse_ttml(text)


@given(st.text(max_size=100) | st.text(st.sampled_from('<>/tpspanbodybegin="1s ') | st.characters(), max_size=200))
def test_nothing_else_than_invalid_comes_of_any_text(text: str) -> None:
    for each in (text, document(text)):
        try:
            parse_ttml(each)
        except Invalid:
            continue


@given(songs(step_ms=1), st.none() | st.sampled_from(["en", "zh-Hant-TW"]))
def test_what_is_written_is_read_back(song: list[SheetLine], language: str | None) -> None:
    agents = [SheetAgent("v1", "Ann & <Bob>", "person"), SheetAgent("v2", None, "group")]
    for line in song:
        if line.is_background:
            line.translations = []
    song = [line for line in song if line.text or not line.is_background]
    read = parse_ttml(write_ttml(Lyrics(song, "", language, agents), {"ti": 'A "title" & more'}))
    assert (read.lines, read.agents, read.language) == (song, agents, language)
