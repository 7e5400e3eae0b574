"""SRT in, WebVTT out: cues, ends, marks, word times; ffmpeg reads what is written."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import Invalid
from services.lyrics.lrc import parse_lrc
from services.lyrics.model import Lyrics, Piece, put_together, sung_line
from services.lyrics.srt import parse_srt
from services.lyrics.vtt import write_vtt
from storage.records import SheetAgent, SheetLine
from tests.lyrics.strategies import songs
from tests.sound_tool import QUICK_FFMPEG


def cues(text: str) -> list[tuple[int, str, int | None]]:
    return [(line.at_ms, line.text, line.end_ms) for line in parse_srt(text).lines]


def test_cues_of_srt_are_lines_with_ends() -> None:
    text = (
        "\ufeff1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Hear</i> the\r\n{\\an8}wind\r\n\r\n"
        "2\r\n01:00:03.5 --> 01:00:04,250 X1:40\r\nTwo\r\n3\r\n01:00:05,000 --> 01:00:06,000\r\n7\r\n\r\n"
    )
    assert cues(text) == [
        (1000, "Hear the wind", 2500), (3_603_500, "Two", 3_604_250), (3_605_000, "7", 3_606_000),
    ]  # fmt: skip


def test_cues_are_put_in_order_and_an_end_before_the_beginning_is_none() -> None:
    assert cues("1\n00:00:05,000 --> 00:00:04,000\nb\n\n2\n00:00:01,000 --> 00:00:01,000\na") == [
        (1000, "a", None), (5000, "b", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no SRT"),
        ("1\n00:00:01 --> 00:00:02\na", "no SRT"),
        ("00:00:01,000 --> 00:00:02,000\na\n\n" * 5001, "5,000 timed lines"),
        ("00:00:01,000 --> 00:00:02,000\n" + "x" * 1001, "1,000 characters"),
        ("x" * 1_000_001, "1,000,000 characters"),
    ],
)
def test_srt_without_cues_or_with_too_much_is_refused(text: str, told: str) -> None:
    with pytest.raises(Invalid, match=told):
        parse_srt(text)


def srt(lines: list[SheetLine]) -> str:
    def time(at_ms: int) -> str:
        return f"{at_ms // 3_600_000:02}:{at_ms // 60_000 % 60:02}:{at_ms // 1000 % 60:02},{at_ms % 1000:03}"

    return "\n\n".join(
        f"{number}\n{time(line.at_ms)} --> {time(line.end_ms or 0)}\n{line.text}"
        for number, line in enumerate(lines, 1)
    )


@given(songs(step_ms=1))
def test_srt_that_an_editor_would_write_is_read_back(song: list[SheetLine]) -> None:
    song = [line for line in song if line.text and "{" not in line.text]
    read = parse_srt(srt(song)).lines if song else []
    assert [(line.at_ms, line.text, line.end_ms) for line in read] == [
        (line.at_ms, line.text, line.end_ms) for line in song
    ]


@given(st.text(st.sampled_from("0123456789:,.->\n{}<>\\a ") | st.characters(), max_size=200))
def test_nothing_else_than_invalid_comes_of_any_text(text: str) -> None:
    for each in (text, "00:00:01,000 --> 00:00:02,000\n" + text):
        try:
            parse_srt(each)
        except Invalid:
            continue


def test_a_cue_ends_at_its_own_end_or_the_next_line_and_escapes_what_is_markup() -> None:
    lyrics = parse_lrc(
        "[00:01.00]a < b && c --> d\n[00:02.00]\n[00:03.00]<00:03.00>Hear <00:03.40>it<00:04.00>\n[01:00.00]z"
    )
    assert write_vtt(lyrics, duration_ms=62_000) == (
        "WEBVTT\n\n"
        "00:00:01.000 --> 00:00:02.000\na &lt; b &amp;&amp; c --&gt; d\n\n"
        "00:00:03.000 --> 00:00:04.000\nHear <00:00:03.400>it\n\n"
        "00:01:00.000 --> 00:01:02.000\nz\n"
    )
    assert write_vtt(Lyrics()) == "WEBVTT\n"


def test_voices_are_named_and_the_background_does_not_end_a_line() -> None:
    lines = [
        sung_line(1000, [Piece("lead")], agent="v1"),
        sung_line(2000, [Piece("ooh")], agent="v2", is_background=True),
        sung_line(4_000_000, [Piece("end")]),
        sung_line(4_000_000, [Piece("fin")]),
    ]
    lyrics = put_together(lines, "", agents=[SheetAgent("v1", "Ann <3"), SheetAgent("v2")])
    assert write_vtt(lyrics) == (
        "WEBVTT\n\n"
        "00:00:01.000 --> 01:06:40.000\n<v Ann &lt;3>lead\n\n"
        "00:00:02.000 --> 00:00:07.000\nooh\n\n"
        "01:06:40.000 --> 01:06:45.000\nend\n\n"
        "01:06:40.000 --> 01:06:45.000\nfin\n"
    )


@given(songs(step_ms=1))
def test_every_cue_ends_after_it_begins_and_its_word_times_rise_inside_it(song: list[SheetLine]) -> None:
    for cue in write_vtt(Lyrics(song)).split("\n\n")[1:]:
        times = [
            ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(fraction)
            for hours, minutes, seconds, fraction in re.findall(r"(\d{2,}):(\d\d):(\d\d)\.(\d{3})(?=[> \n])", cue)
        ]
        begin, end, *words = times
        assert begin < end
        assert [begin, *words, end] == sorted({begin, *words, end})


def test_ffmpeg_reads_what_is_written(tmp_path: Path) -> None:
    lyrics = parse_lrc("[00:01.00]<00:01.00>Hear <00:01.40>the wind<00:02.50>\n[00:03.00]R&B <3\n[00:05.00]")
    (tmp_path / "x.vtt").write_text(write_vtt(lyrics), "utf-8")
    command = [QUICK_FFMPEG, "-v", "error", "-i", str(tmp_path / "x.vtt"), str(tmp_path / "x.srt")]
    subprocess.run(command, check=True)
    read = parse_srt((tmp_path / "x.srt").read_text("utf-8"))
    assert [(line.at_ms, line.text, line.end_ms) for line in read.lines] == [
        (1000, "Hear the wind", 2500), (3000, "R&B <3", 5000),
    ]  # fmt: skip
