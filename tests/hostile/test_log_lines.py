"""One line of the log stays one line, whatever people call themselves and their songs."""

from __future__ import annotations

import logging

import orjson
import pytest

from server.observe import JsonFormat, TextFormat
from server.office import ErrorHearing
from server.one_line import harmless_lines, one_line
from server.terminal import say
from tests.server.test_observe import record

FORGED = "Anna\n03:04:05.678 ERROR   tutti.http a line of mine"
HOSTILE = {
    "a line feed": FORGED,
    "a carriage return": "nothing\r03:04:05.678 INFO all is well",
    "a terminal's escape": "\x1b[2J\x1b]0;owned\x07\x9b31m",
    "a separator of lines": "a\u2028b\u2029c\x85d",
    "a turned reading": "evil\u202egnp.exe\u2066",
    "half a character": "music/\udcff\ud800.mp3",
    "nothing at all": "a\0b",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("style", [TextFormat, JsonFormat])
def test_one_line_stays_one_line(style, text):
    line = style().format(record(f"hello {text}", path=text, names=[text, {text: text}], **{text: 1}))
    assert len(line.splitlines()) == 1
    assert line.isprintable() and line.encode()
    if style is JsonFormat:
        assert orjson.loads(line)["path"] == one_line(text)


@pytest.mark.parametrize("style", [TextFormat, JsonFormat])
def test_no_line_is_longer_than_its_bound(style):
    giant = "x" * 5_000_000
    many = {f"key{number}": giant for number in range(100)}
    line = style().format(record(giant, path=giant, number=10**4000, many=many, deep=[[[[[giant] * 9]]]]))
    assert len(line) < 50_000
    assert "(4999000 more)" in line


def test_a_traceback_cannot_pass_for_a_line_of_its_own():
    try:
        raise ValueError(FORGED)
    except ValueError as error:
        told = record("unhandled error", logging.ERROR)
        told.exc_info = (ValueError, error, error.__traceback__)
    first, *others = TextFormat().format(told).split("\n")
    assert first.endswith("unhandled error")
    assert others and all(line.startswith("    | ") for line in others)
    assert others[-1] == "    | 03:04:05.678 ERROR   tutti.http a line of mine"
    assert JsonFormat().format(told).count("\n") == 0


def test_a_value_cannot_pass_for_another():
    line = TextFormat().format(record(title="Dawn status=200", path="/x"))
    assert line.endswith('title="Dawn status=200" path=/x')


def test_what_a_terminal_shows_does_not_paint_it(capsys):
    say("imported \x1b[31mred\x1b[0m and \udcff.mp3\nnext line")
    assert capsys.readouterr().out == "imported \\u001b[31mred\\u001b[0m and \\udcff.mp3\nnext line\n"
    assert harmless_lines("a\tb\n") == "a\tb\n"


async def test_no_line_stops_the_error_log_of_the_back_office(rig):
    hearing = ErrorHearing(rig.house.error_log)
    for number, text in enumerate(HOSTILE.values()):
        told = record(f"{number} {text}", logging.ERROR)
        told.name = "tutti.test"
        hearing.emit(told)
    assert await rig.house.error_log.flush() == len(HOSTILE)
    kept = await rig.store.logged_errors.find({}, limit=50)
    assert sorted(row.message for row in kept) == [one_line(f"{n} {text}") for n, text in enumerate(HOSTILE.values())]
