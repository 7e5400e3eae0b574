"""Makes garbage of real things: bits turned, cut, repeated, spliced, numbers at their extremes, nesting without end.

Owns what is spoiled and how, for bytes, texts, JSON and XML. The same seed spoils the same way. Knows no door.
"""

from __future__ import annotations

import json
import random
import re
import struct
from collections.abc import Callable, Sequence
from typing import Any

EXTREMES = [0, 1, -1, 2, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, 2**31 - 1, 2**31, -(2**31), 2**32 - 1,
            2**32, 2**53, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), 2**64 - 1, 2**64, 10**30]  # fmt: skip
WORDS = ["", " ", "\x00", "\r\n", "\n\n", "\t", "%00", "%ff", "%", "..", "../../etc/passwd", "/", "\\", "'", '"', "`",
         "<", ">", "&", ";", ":", ",", "=", "-", "-1", "0", "1e400", "-0.0", "NaN", "Infinity", "null", "true", "[]",
         "{}", "$where", "${7*7}", "{{7*7}}", "\ufeff", "\ufffe", "\u202e", "\u2028", "\u0000", "😀", "é", "é" * 40,
         "ﷺ" * 20, "a\u0315\u0300" * 20, "x" * 300, "9" * 400, "A" * 5000]  # fmt: skip
NASTY: list[Any] = [None, True, False, 0, -1, 0.5, -0.0, 1e308, *EXTREMES, "", "x", "x" * 300, "x" * 5000, "\x00", "😀",
                    "null", "..", "%00", [], {}, [None], [[]], [{}], {"": ""}, {"$gt": ""}, ["x"] * 300]  # fmt: skip
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_NUMBER_BYTES = re.compile(rb"\d+")
_TAG = re.compile(r"<[A-Za-z][^<>]{0,300}>")
_XML = [
    "<![CDATA[", "]]>", "<!--", "-->", "<?pi ?>", "<!DOCTYPE tt>", "&amp;", "&#0;", "&#x110000;", "&#xD800;", "&lol;",
    "</p>", "<p>", "<x:y>", ' xmlns:a="b"', ' begin="', '<?xml version="1.0" encoding="utf-16"?>', "<br/>" * 50,
]  # fmt: skip
HEAD = 600
"""Where headers lie: half of what is done to bytes is done there."""


class Mutator:
    """An endless supply of spoiling, the same for the same seed."""

    def __init__(self, seed: str) -> None:
        self.chance = random.Random(seed)

    def of(self, things: Sequence[Any]) -> Any:
        """One of them."""
        return self.chance.choice(things)

    def data(self, made: bytes, others: Sequence[bytes] = (), most: int = 5) -> bytes:
        """Bytes with one to `most` things done to them; `others` lend pieces."""
        for _ in self.times(most):
            made = self.of(_BYTE_WAYS)(self, made, others)
        return made

    def text(self, made: str, others: Sequence[str] = (), most: int = 4) -> str:
        """A text with one to `most` things done to it."""
        for _ in self.times(most):
            made = self.of(_TEXT_WAYS)(self, made, others)
        return made[:200_000]

    def xml(self, made: str, others: Sequence[str] = ()) -> str:
        """Markup with its tags spoiled, and then perhaps its letters too."""
        for _ in self.times(3):
            made = self.of(_XML_WAYS)(self, made)
        return self.text(made, others, 2) if self.chance.random() < 0.4 else made[:200_000]

    def tree(self, value: Any, most: int = 3) -> Any:
        """A JSON value with members changed, gone, doubled or of another kind. What was given stays as it was."""
        value = json.loads(json.dumps(value))
        for _ in self.times(most):
            value = self._branch(value)
        return value

    def json(self, value: Any) -> str:
        """JSON text of a spoiled tree, its letters spoiled now and then."""
        made = json.dumps(self.tree(value), ensure_ascii=self.chance.random() < 0.5)
        return self.text(made, most=2) if self.chance.random() < 0.3 else made

    def times(self, most: int) -> range:
        """How many things are done: mostly one, so that what is spoiled comes far before it is found out."""
        return range(self.of([1, 1, 1, 1, min(2, most), self.chance.randint(1, most)]))

    def number(self) -> str:
        """A number nobody expects."""
        return self.of(
            [str(self.of(EXTREMES)), "9" * self.of([20, 400]), "1e999", "0x10", "+1", "01", "1_0", "٣", "-0"]
        )

    def _at(self, size: int) -> int:
        limit = min(size, HEAD) if self.chance.random() < 0.5 else size
        return self.chance.randrange(limit + 1)

    def _span(self, size: int) -> tuple[int, int]:
        at = self._at(size)
        return at, min(size, at + self.of([1, 1, 2, 4, 16, 100, 2000]))

    def _branch(self, value: Any) -> Any:
        places: list[tuple[Any, Any]] = []
        waiting = [value]
        while waiting:
            each = waiting.pop()
            if isinstance(each, dict | list):
                for key in each if isinstance(each, dict) else range(len(each)):
                    places.append((each, key))
                    waiting.append(each[key])
        if not places or self.chance.random() < 0.03:
            return self._own(NASTY)
        inside, key = self.of(places)
        match self.chance.randrange(6):
            case 0:
                del inside[key]
            case 1:
                inside[key] = [inside[key]] * self.of([1, 2, 200])
            case 2:
                for _ in range(self.of([1, 20, 400])):
                    inside[key] = {"a": inside[key]} if self.chance.random() < 0.5 else [inside[key]]
            case 3 if isinstance(inside[key], str):
                inside[key] = self.text(inside[key], most=2)
            case 4 if isinstance(inside, dict):
                inside[self.of(["", "x", "__proto__", "$set", "id", "op", "x" * 200])] = self._own(NASTY)
            case _:
                inside[key] = self._own(NASTY)
        return value

    def _own(self, things: list[Any]) -> Any:
        # A copy: what is spoiled later would be spoiled in all places, or hold itself.
        return json.loads(json.dumps(self.of(things)))


def _flip(by: Mutator, made: bytes, _: Sequence[bytes]) -> bytes:
    data = bytearray(made)
    for _ in range(by.of([1, 1, 3, 20]) if data else 0):
        data[min(by._at(len(data)), len(data) - 1)] ^= 1 << by.chance.randrange(8)
    return bytes(data)


def _set(by: Mutator, made: bytes, _: Sequence[bytes]) -> bytes:
    at = by._at(len(made))
    return made[:at] + bytes([by.of([0, 1, 0x7F, 0x80, 0xFE, 0xFF, 10, 13, 32])]) + made[at + 1 :]


def _number(by: Mutator, made: bytes, _: Sequence[bytes]) -> bytes:
    """A field of two, four or eight bytes at its extreme, or digits that stand there."""
    found = list(_NUMBER_BYTES.finditer(made[:4000]))
    if found and by.chance.random() < 0.3:
        each = by.of(found)
        return made[: each.start()] + by.number().encode() + made[each.end() :]
    code = by.of([">H", "<H", ">I", "<I", ">Q", "<Q"])
    size = struct.calcsize(code)
    at = by._at(max(0, len(made) - size))
    return made[:at] + struct.pack(code, by.of(EXTREMES) % (1 << 8 * size)) + made[at + size :]


def _cut(by: Mutator, made: bytes, _: Sequence[bytes]) -> bytes:
    return made[: by._at(len(made))]


def _drop(by: Mutator, made: bytes, _: Sequence[bytes]) -> bytes:
    first, last = by._span(len(made))
    return made[:first] + made[last:]


def _repeat(by: Mutator, made: bytes, _: Sequence[bytes]) -> bytes:
    first, last = by._span(len(made))
    return made[:first] + made[first:last] * by.of([2, 2, 10, 100]) + made[last:]


def _splice(by: Mutator, made: bytes, others: Sequence[bytes]) -> bytes:
    other = by.of(others) if others else made
    return made[: by._at(len(made))] + other[by._at(len(other)) :]


def _noise(by: Mutator, made: bytes, _: Sequence[bytes]) -> bytes:
    first, last = by._span(len(made))
    return made[:first] + by.chance.randbytes(last - first) + made[last:]


def _zero(by: Mutator, made: bytes, _: Sequence[bytes]) -> bytes:
    first, last = by._span(len(made))
    return made[:first] + bytes(last - first) + made[last:]


def _word(by: Mutator, made: bytes, _: Sequence[bytes]) -> bytes:
    at = by._at(len(made))
    return made[:at] + str(by.of(WORDS)).encode() + made[at:]


def _letters(by: Mutator, made: str, _: Sequence[str]) -> str:
    first, last = by._span(len(made))
    return made[:first] + by.of(WORDS) + made[last:]


def _insert(by: Mutator, made: str, _: Sequence[str]) -> str:
    at = by._at(len(made))
    return made[:at] + by.of(WORDS) + made[at:]


def _digits(by: Mutator, made: str, _: Sequence[str]) -> str:
    found = list(_NUMBER.finditer(made[:20_000]))
    if not found:
        return made
    each = by.of(found)
    return made[: each.start()] + by.number() + made[each.end() :]


def _lines(by: Mutator, made: str, _: Sequence[str]) -> str:
    lines = made.split("\n")
    at = by.chance.randrange(len(lines))
    match by.chance.randrange(4):
        case 0:
            del lines[at]
        case 1:
            lines[at:at] = [lines[at]] * by.of([1, 5, 200])
        case 2:
            by.chance.shuffle(lines)
        case _:
            lines[at] = lines[at] * by.of([2, 50])
    return by.of(["\n", "\n", "\r\n", "\r", "\u2028"]).join(lines)


def _nest(by: Mutator, made: str, _: Sequence[str]) -> str:
    at, deep = by._at(len(made)), by.of([5, 50, 1200])
    opened, closed = by.of([("[", "]"), ("{", "}"), ("(", ")"), ("<", ">"), ('{"a":', "}"), ("{ a ", "}")])
    return made[:at] + opened * deep + made[at:] + closed * by.of([0, deep])


def _patchwork(by: Mutator, made: str, others: Sequence[str]) -> str:
    other = by.of(others) if others else made[::-1]
    return made[: by._at(len(made))] + other[by._at(len(other)) :]


def _shorter(by: Mutator, made: str, _: Sequence[str]) -> str:
    return made[: by._at(len(made))]


def _tags_repeated(by: Mutator, made: str) -> str:
    found = list(_TAG.finditer(made[:20_000]))
    if not found:
        return made
    each, deep = by.of(found), by.of([2, 20, 40, 1000])
    name = re.match(r"<([^\s<>/]+)", each[0])
    closing = f"</{name[1]}>" * by.of([0, deep]) if name else ""
    return made[: each.start()] + each[0] * deep + made[each.end() :] + closing


def _tag_gone(by: Mutator, made: str) -> str:
    found = list(re.finditer(r"</?[A-Za-z][^<>]{0,300}>", made[:20_000]))
    if not found:
        return made
    each = by.of(found)
    return made[: each.start()] + made[each.end() :]


def _markup(by: Mutator, made: str) -> str:
    at = by._at(len(made))
    return made[:at] + by.of(_XML) + made[at:]


def _attribute(by: Mutator, made: str) -> str:
    found = list(re.finditer(r'="([^"<>]{0,200})"', made[:20_000]))
    if not found:
        return made
    each = by.of(found)
    told = by.number() if by.chance.random() < 0.5 else by.of(WORDS).replace('"', "")
    return made[: each.start(1)] + told + made[each.end(1) :]


_BYTE_WAYS: list[Callable[[Mutator, bytes, Sequence[bytes]], bytes]] = [
    _flip, _flip, _set, _number, _number, _cut, _drop, _repeat, _splice, _noise, _zero, _word,
]  # fmt: skip
_TEXT_WAYS: list[Callable[[Mutator, str, Sequence[str]], str]] = [
    _letters, _insert, _digits, _digits, _lines, _nest, _patchwork, _shorter,
]  # fmt: skip
_XML_WAYS: list[Callable[[Mutator, str], str]] = [_tags_repeated, _tag_gone, _markup, _attribute, _attribute]
