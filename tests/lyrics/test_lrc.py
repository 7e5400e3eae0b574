"""LRC: stamps, offsets, headers, words, what is written is read back, and bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import Invalid
from services.lyrics.lrc import parse_lrc, write_lrc
from services.lyrics.model import LyricsKind, Piece, put_together, sung_line
from storage.records import SheetLine, SheetWord
from tests.lyrics.strategies import songs


def lines(text: str) -> list[tuple[int, str]]:
    return [(line.at_ms, line.text) for line in parse_lrc(text).lines]


def words(text: str) -> list[list[tuple[int, str, int | None]]]:
    return [[(word.at_ms, word.text, word.end_ms) for word in line.words] for line in parse_lrc(text).lines]


def test_stamps_with_any_fraction() -> None:
    assert lines("[00:01]a\n[00:02.5]b\n[00:03.25]c\n[00:04.125]d\n[100:05:50]e") == [
        (1000, "a"), (2500, "b"), (3250, "c"), (4125, "d"), (6_005_500, "e"),
    ]  # fmt: skip


def test_a_line_sung_several_times_comes_several_times_in_order() -> None:
    assert lines("[00:10.00][00:30.00] Chorus\n[00:20.00]Verse") == [
        (10_000, "Chorus"), (20_000, "Verse"), (30_000, "Chorus"),
    ]  # fmt: skip
    assert parse_lrc("[00:10.00][00:30.00] Chorus\n[00:20.00]Verse").plain == "Chorus\nVerse"


def test_a_positive_offset_makes_lines_and_words_come_earlier_but_never_before_the_song() -> None:
    assert lines("[offset:+500]\n[00:00.20]a\n[00:02.00]b") == [(0, "a"), (1500, "b")]
    assert lines("[00:02.00]b\n[offset: -250 ]") == [(2250, "b")]
    assert words("[offset:500]\n[00:00.20]<00:00.20>a <00:00.40>b <00:01.00>c") == [
        [(0, "a ", None), (0, "b ", None), (500, "c", None)]
    ]


def test_words_keep_their_times_their_spaces_and_their_ends() -> None:
    text = "[00:01.00]<00:01.00> Hear <00:01.40>the <00:01.70><00:01.90> wind<00:02.50>"
    assert words(text) == [[(1000, "Hear ", None), (1400, "the ", 1700), (1900, "wind", 2500)]]
    (line,) = parse_lrc(text).lines
    assert (line.text, line.end_ms) == ("Hear the wind", 2500)
    assert words("[00:01.00]Hear <00:01.40>the [00:01.90]wind") == [
        [(1000, "Hear ", None), (1400, "the ", None), (1900, "wind", None)]
    ]


def test_syllables_are_joined_without_a_space() -> None:
    (line,) = parse_lrc("[00:01.00]<00:01.00>Um<00:01.30>brel<00:01.60>la").lines
    assert (line.text, [word.text for word in line.words]) == ("Umbrella", ["Um", "brel", "la"])


def test_the_words_of_a_line_sung_twice_move_along() -> None:
    assert words("[00:10.00][00:30.00]<00:10.00>a <00:10.50>b") == [
        [(10_000, "a ", None), (10_500, "b", None)],
        [(30_000, "a ", None), (30_500, "b", None)],
    ]


def test_word_times_never_run_back() -> None:
    assert words("[00:05.00]<00:04.00>a <00:07.00>b <00:06.00>c") == [
        [(5000, "a ", None), (7000, "b ", None), (7000, "c", None)]
    ]


def test_headers_are_not_sung_and_one_names_the_language() -> None:
    parsed = parse_lrc("\ufeff[ar:Ann]\r\n[ti:Song]\r\n[length: 03:10]\r\n[la: pt-BR]\r\n[00:01.00]Vento\r\n")
    assert (lines("[ar:Ann]\n[00:01.00]Vento"), parsed.plain, parsed.language) == ([(1000, "Vento")], "Vento", "pt-BR")
    assert parse_lrc("[la:englisch, glaube ich]\n[00:01.00]a").language is None


def test_plain_text_has_no_times() -> None:
    parsed = parse_lrc("One\n[Chorus]\nTwo")
    assert (parsed.is_synced, parsed.plain, parsed.kind) == (False, "One\n[Chorus]\nTwo", LyricsKind.PLAIN)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[00:01.00]a\n" * 5001, "5,000 timed lines"),
        ("[00:01.00]" * 5001 + "a", "5,000 timed lines"),
        ("[00:01.00]" + "x" * 1001, "1,000 characters"),
        ("[00:01.00]" * 300 + "x" * 900, "200,000 characters together"),
        ("[00:01.00]" + "<00:01.00>a" * 500 + "\n" + ("[00:02.00]" * 41 + "<00:02.00>b" * 500), "20,000 timed words"),
        ("[00:01.00]" * 4000 + "<00:01.00>a" * 900, "20,000 timed words"),
        ("[00:01.00]" + "<0:0>abc" * 100_000, "20,000 timed words"),
        ("[00:01.00]" + "<0:0>abc" * 10_000, "1,000 characters"),
        ("x" * 1_000_001, "1,000,000 characters"),
    ],
)
def test_more_than_the_bounds_is_refused(text: str, told: str) -> None:
    with pytest.raises(Invalid, match=told):
        parse_lrc(text)


@given(st.text(st.sampled_from("[]<>0123456789:. ab\n\t\ufeff\ud800\x00"), max_size=200) | st.text(max_size=200))
def test_nothing_raises_and_times_never_run_back(text: str) -> None:
    parsed = parse_lrc(text)
    times = [line.at_ms for line in parsed.lines]
    assert times == sorted(times)
    assert all(at >= 0 for at in times)
    for line in parsed.lines:
        assert "".join(word.text for word in line.words) in (line.text, "")
        assert [word.at_ms for word in line.words] == sorted(word.at_ms for word in line.words)
        assert line.text == line.text.strip()
        line.text.encode()


@given(songs(step_ms=10))
def test_what_is_written_is_read_back(song: list[SheetLine]) -> None:
    for line in song:
        line.agent, line.is_background, line.translations = None, False, []
        line.end_ms = line.words[-1].end_ms if line.words else None
        for word, following in zip(line.words, line.words[1:], strict=False):
            word.end_ms = word.end_ms if word.end_ms is not None and word.end_ms < following.at_ms else None
    assert parse_lrc(write_lrc(song, {"ti": "[x:y]", "la": "en"})).lines == song


def test_text_that_looks_like_a_stamp_is_written_so_that_it_is_not_read_as_one() -> None:
    line = sung_line(1000, [Piece("see [00:01.00] and <00:02.00>")])
    assert write_lrc([line]) == "[00:01.00]see (00:01.00] and (00:02.00>"


def test_a_song_is_at_most_a_thousand_minutes_long() -> None:
    assert lines("[999:99.99]x") == [(59_999_999, "x")]
    assert put_together([sung_line(-5, [Piece("a", -7)])], "").lines == [SheetLine(0, "a", words=[SheetWord(0, "a")])]
