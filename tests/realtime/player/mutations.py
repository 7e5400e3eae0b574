"""Frames that are nearly right: each operation as its page shows it, with something about it spoiled.

Owns what is spoiled and how; `test_mutated_frames.py` sends some of it, `bench/mutated_frames.py` a great deal.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

PAGES = Path(__file__).parents[3] / "docs" / "protocol"
LARGEST = 60_000
NASTY = [
    None, True, False, 0, -1, 1, 0.5, -0.0, 1e308, -1e308, 5e-324, 2**31, 2**53, 2**63 - 1, -(2**63), 2**64 - 1,
    "", " ", "x", "x" * 64, "x" * 65, "x" * 201, "x" * 5000, "\x00", "a\x00b", "é" * 100, "🎵" * 64, "\u202e", "﷽",
    "null", "NaN", "../../etc/passwd", "$where", "a.b", "a:b:c", ":", "queue", "room:", "presence:", "{}", "%00",
    "2026-13-45T99:99:99Z", [], {}, [None], [[]], [{}], [""], ["x"] * 500, [1, 2], ["x", None], {"": ""},
    {"$gt": ""}, {"$ne": None}, {"a": {"b": {"c": []}}}, {"id": 1}, [["x"] * 10] * 10,
]  # fmt: skip


def shown_frames() -> list[dict]:
    """Every frame with an operation that a page shows."""
    decoder, found = json.JSONDecoder(), {}
    for page in sorted(PAGES.glob("*.md")):
        text = page.read_text()
        at = 0
        while (at := text.find('{"op"', at)) >= 0:
            try:
                frame, at = decoder.raw_decode(text, at)
            except json.JSONDecodeError:
                # A sketch with dots in it.
                at += 1
                continue
            found[json.dumps(frame, sort_keys=True)] = frame
    return list(found.values())


class Mutations:
    """An endless supply, the same for the same seed. `names` are put in place of what the pages call things."""

    def __init__(self, seed: int, names: dict[str, str], operations: tuple[str, ...]) -> None:
        self.random = Random(seed)
        text = json.dumps(shown_frames())
        for name, value in names.items():
            text = text.replace(f'"{name}"', f'"{value}"').replace(f":{name}", f":{value}")
        self.frames = json.loads(text)
        self.frames += [{"op": name, "id": "1"} for name in operations]
        self.values = [*NASTY, *names.values()]

    def everywhere(self, frame: dict) -> list[dict]:
        """One frame with each of its members spoiled in a few ways, and without it."""
        spoiled = []
        for name in frame:
            if name in ("op", "id"):
                continue
            spoiled.append({key: value for key, value in frame.items() if key != name})
            spoiled += [frame | {name: value} for value in self.random.sample(NASTY, 6)]
        return spoiled

    def message(self) -> dict:
        """A frame of the protocol, wrong inside."""
        frame = json.loads(json.dumps(self.random.choice(self.frames)))
        for _ in range(self.random.randrange(1, 4)):
            self._spoil(frame)
        return frame if len(json.dumps(frame)) < LARGEST else self.message()

    def text(self) -> str | bytes:
        """A frame that may be none at all."""
        random, text = self.random, json.dumps(self.random.choice(self.frames))
        at = random.randrange(len(text))
        match random.randrange(9):
            case 0:
                return text[:at]
            case 1:
                return text[:at] + random.choice('{}[]",:\\\x00é0-eu') + text[at + 1 :]
            case 2:
                return text + text
            case 3:
                return "[" * random.choice((10, 500, 2000)) + text
            case 4:
                return text[:-1] + ', "op": ' + json.dumps(random.choice(NASTY)) + "}"
            case 5:
                return text[:-1] + ', "id": ' + json.dumps(random.choice(NASTY)) + "}"
            case 6:
                return text.encode()
            case 7:
                return text[:-1] + ', "deep": ' + '{"a":' * 1000 + "1" + "}" * 1001
            case _:
                return text[:-1] + r', "name": "\ud800", "n": 1e999}'

    def _spoil(self, frame: dict) -> None:
        random = self.random
        inside = [frame] + [value for value in frame.values() if isinstance(value, dict)]
        place = random.choice(inside)
        members = [name for name in place if name not in ("op", "id")]
        match random.randrange(5):
            case 0 if members:
                del place[random.choice(members)]
            case 1:
                place["x" * random.choice((1, 100))] = self._value()
            case 2 if members:
                name = random.choice(members)
                place[name] = [place[name]] * random.choice((1, 2, 300))
            case _ if members:
                place[random.choice(members)] = self._value()

    def _value(self):
        # Its own, or what is spoiled later would be spoiled in many frames, or hold itself.
        return json.loads(json.dumps(self.random.choice(self.values)))
