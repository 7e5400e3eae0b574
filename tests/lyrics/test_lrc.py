from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.audio.lrc import parse_lrc, write_lrc
from storage.records import LyricLine


def lines(text: str) -> list[tuple[int, str]]:
    return [(line.at_ms, line.text) for line in parse_lrc(text).lines]


def test_stamps_with_any_fraction() -> None:
    assert lines("[00:01]a\n[00:02.5]b\n[00:03.25]c\n[00:04.125]d\n[100:05:50]e") == [
        (1000, "a"), (2500, "b"), (3250, "c"), (4125, "d"), (6_005_500, "e"),
    ]  # fmt: skip


def test_a_line_sung_several_times_comes_several_times_in_order() -> None:
    assert lines("[00:10.00][00:30.00] Chorus\n[00:20.00]Verse") == [
        (10_000, "Chorus"), (20_000, "Verse"), (30_000, "Chorus"),
    ]  # fmt: skip


def test_a_positive_offset_makes_lines_come_earlier_but_never_before_the_song() -> None:
    assert lines("[offset:+500]\n[00:00.20]a\n[00:02.00]b") == [(0, "a"), (1500, "b")]
    assert lines("[00:02.00]b\n[offset: -250 ]") == [(2250, "b")]


def test_word_stamps_and_headers_are_not_sung() -> None:
    text = (
        "\ufeff[ar:Ann]\r\n[ti:Song]\r\n[length: 03:10]\r\n[00:01.00]<00:01.00> Hear <00:01.40>the <00:01.90> wind\r\n"
    )
    parsed = parse_lrc(text)
    assert [(line.at_ms, line.text) for line in parsed.lines] == [(1000, "Hear the wind")]
    assert parsed.plain == "Hear the wind"


def test_plain_text_has_no_times() -> None:
    parsed = parse_lrc("One\n[Chorus]\nTwo")
    assert (parsed.is_synced, parsed.plain) == (False, "One\n[Chorus]\nTwo")


@given(st.text(max_size=400))
def test_nothing_raises_and_times_never_run_back(text: str) -> None:
    times = [line.at_ms for line in parse_lrc(text).lines]
    assert times == sorted(times)
    assert all(at >= 0 for at in times)


words = st.text(
    st.characters(codec="utf-8", exclude_characters="[]<>\r\n\ufeff", exclude_categories=["C", "Z"]), max_size=20
)


@given(st.lists(st.tuples(st.integers(0, 5_999_999).map(lambda at: at * 10), words), max_size=30))
def test_what_is_written_is_read_back(pairs: list[tuple[int, str]]) -> None:
    written = [LyricLine(at, text) for at, text in sorted(pairs, key=lambda pair: pair[0])]
    assert list(parse_lrc(write_lrc(written)).lines) == written
