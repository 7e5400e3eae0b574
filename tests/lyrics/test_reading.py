"""Notations told from the text, and syllables of SYLT put together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import Invalid
from services.lyrics.model import LyricsKind
from services.lyrics.reading import LyricsFormat, read_lyrics, sniff
from services.lyrics.syllables import lyrics_of_syllables

TTML = '<tt xmlns="http://www.w3.org/ns/ttml"><body><p begin="1s">a</p></body></tt>'


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("la\nla", LyricsFormat.PLAIN),
        ("", LyricsFormat.PLAIN),
        ("[Chorus]\nla --> la", LyricsFormat.PLAIN),
        ("[ti:x]\n [00:01.00]la", LyricsFormat.LRC),
        ("1\n00:00:01,000 --> 00:00:02,000\nla", LyricsFormat.SRT),
        (TTML, LyricsFormat.TTML),
        ('\ufeff<?xml version="1.0"?>' + TTML, LyricsFormat.TTML),
        ("<3 you", LyricsFormat.PLAIN),
    ],
)
def test_the_notation_is_told_from_the_text(text: str, form: LyricsFormat) -> None:
    assert sniff(text) is form
    assert (read_lyrics(text).kind is LyricsKind.PLAIN) is (form is LyricsFormat.PLAIN)


@pytest.mark.parametrize("form", [LyricsFormat.LRC, LyricsFormat.SRT, LyricsFormat.TTML])
def test_text_that_is_not_in_its_notation_is_refused_by_name(form: LyricsFormat) -> None:
    with pytest.raises(Invalid, match="This is no") as refused:
        read_lyrics("la la", form, field="text")
    assert refused.value.field == "text"


def test_plain_text_stays_as_it_is_even_where_it_looks_timed() -> None:
    assert read_lyrics("[00:01.00]la\r\n\r\n  lo ", LyricsFormat.PLAIN).plain == "[00:01.00]la\n\nlo"


def test_syllables_that_begin_lines_with_a_newline_are_words() -> None:
    lyrics = lyrics_of_syllables(
        [("Um", 1000), ("brel", 1200), ("la ", 1400), ("mine", 1800), ("\nRain", 3000), ("s", 3300)]
    )
    assert [(line.at_ms, line.text, [word.at_ms for word in line.words]) for line in lyrics.lines] == [
        (1000, "Umbrella mine", [1000, 1200, 1400, 1800]),
        (3000, "Rains", [3000, 3300]),
    ]


@pytest.mark.parametrize("mark", ["", "\n"])
def test_syllables_alike_are_lines(mark: str) -> None:
    lyrics = lyrics_of_syllables([(f"{mark}two", 2000), (f"{mark}one", 1000), (f"{mark}", -5)])
    assert [(line.at_ms, line.text, line.words) for line in lyrics.lines] == [
        (0, "", []), (1000, "one", []), (2000, "two", []),
    ]  # fmt: skip


@given(st.lists(st.tuples(st.text(max_size=20), st.integers(-10, 2**32)), max_size=30))
def test_no_syllables_raise(syllables: list[tuple[str, int]]) -> None:
    lyrics_of_syllables(syllables)


def test_syllables_beyond_the_bounds_are_cut_off() -> None:
    lyrics = lyrics_of_syllables([("x" * 1500, at) for at in range(6000)])
    assert (len(lyrics.lines), len(lyrics.lines[0].text), sum(len(line.text) for line in lyrics.lines)) == (
        5000, 1000, 200_000,
    )  # fmt: skip
