"""The words of `/ws`: text frames to asked operations and back, and errors as the socket shows them.

    client  {"op": "queue.add", "id": "7", "songIds": ["…"]}
    server  {"re": "7", "ok": true, …}            the one answer to that id
    server  {"re": "7", "error": {"code": …, "message": …}}
    server  {"ev": "queue", "rev": 12, …}         something that is followed changed

Owns shapes and limits, and translates `TuttiError` for this door. Refuses to know what operations do.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from services.errors import Invalid, TuttiError
from services.trace import current_trace

log = logging.getLogger("tutti.realtime")

MAX_ID_CHARACTERS = 64
MAX_OP_CHARACTERS = 64


class Malformed(Exception):
    """A frame that is no frame of the protocol; its text becomes the reason of the close."""


class Body:
    """The members of an operation's frame, taken out one by one with their types checked. Unknown ones are ignored."""

    def __init__(self, members: Mapping[str, Any]) -> None:
        self._members = members

    def has(self, name: str) -> bool:
        """Whether the member is there and not null."""
        return self._members.get(name) is not None

    def text(self, name: str, *, most: int = 200, default: str | None = None) -> str:
        """A string of 1 to `most` characters. Invalid otherwise, or when absent without a default."""
        value = self._members.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not 1 <= len(value) <= most:
            raise Invalid(f"{name} is a text of 1 to {most} characters.", field=name)
        return value

    def maybe_text(self, name: str, *, most: int = 200) -> str | None:
        """A string as `text` takes it, None when absent or null."""
        return None if self._members.get(name) is None else self.text(name, most=most)

    def number(self, name: str, least: float, most: float, *, default: float | None = None) -> float:
        """A finite number within bounds."""
        value = self._members.get(name)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise Invalid(f"{name} is a number from {least:g} to {most:g}.", field=name)
        return value

    def integer(self, name: str, least: int, most: int, *, default: int | None = None) -> int:
        """A whole number within bounds."""
        value = self._members.get(name)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Invalid(f"{name} is a whole number from {least} to {most}.", field=name)
        return value

    def maybe_integer(self, name: str, least: int, most: int) -> int | None:
        """A whole number as `integer` takes it, None when absent or null."""
        return None if self._members.get(name) is None else self.integer(name, least, most)

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false."""
        value = self._members.get(name, default)
        if not isinstance(value, bool):
            raise Invalid(f"{name} is true or false.", field=name)
        return value

    def choice(self, name: str, among: tuple[str, ...], default: str | None = None) -> str:
        """One of a few words."""
        value = self._members.get(name, default)
        if value not in among:
            raise Invalid(f"{name} is one of {', '.join(among)}.", field=name)
        return str(value)

    def ids(self, name: str, *, most: int) -> list[str]:
        """A list of 1 to `most` ids, each 1 to 64 characters."""
        value = self._members.get(name)
        fits = isinstance(value, list) and 1 <= len(value) <= most
        if not fits or not all(isinstance(id, str) and 1 <= len(id) <= 64 for id in value or ()):
            raise Invalid(f"{name} is a list of 1 to {most} ids.", field=name)
        return list(value or ())

    def texts(self, name: str, *, most: int, each: int) -> list[str]:
        """A list of at most `most` texts of 1 to `each` characters."""
        value = self._members.get(name)
        fits = isinstance(value, list) and len(value) <= most
        if not fits or not all(isinstance(text, str) and 1 <= len(text) <= each for text in value or ()):
            raise Invalid(f"{name} is a list of at most {most} texts of 1 to {each} characters.", field=name)
        return list(value or ())

    def inner(self, name: str) -> Body:
        """An object inside; an empty one when absent."""
        value = self._members.get(name, {})
        if not isinstance(value, dict):
            raise Invalid(f"{name} is an object.", field=name)
        return Body(value)


@dataclass(frozen=True, slots=True)
class Asked:
    """One operation as a client asked for it; `id` names its answer and makes a repetition recognisable."""

    op: str
    id: str
    body: Body


def read(frame: str | bytes, *, most_bytes: int) -> Asked:
    """The operation in a frame. Malformed says what is wrong."""
    if isinstance(frame, bytes):
        raise Malformed("Frames are text")
    if len(frame) > most_bytes or len(frame.encode("utf-8")) > most_bytes:
        raise Malformed(f"A frame has at most {most_bytes} bytes")
    try:
        members = orjson.loads(frame)
    except orjson.JSONDecodeError:
        raise Malformed("A frame is one JSON object") from None
    if not isinstance(members, dict):
        raise Malformed("A frame is one JSON object")
    op, id = members.get("op"), members.get("id")
    if not isinstance(op, str) or not 1 <= len(op) <= MAX_OP_CHARACTERS:
        raise Malformed("A frame has an op")
    if not isinstance(id, str) or not 1 <= len(id) <= MAX_ID_CHARACTERS:
        raise Malformed(f"A frame has an id of 1 to {MAX_ID_CHARACTERS} characters")
    return Asked(op, id, Body(members))


def answer(id: str, content: Mapping[str, Any] | None = None) -> bytes:
    """The good answer to an operation."""
    return orjson.dumps({"re": id, "ok": True, **(content or {})})


def refusal(id: str, error: Exception) -> bytes:
    """The bad one. What is no TuttiError is a bug: logged once with its trace, shown by its number alone."""
    if isinstance(error, TuttiError):
        # What was refused because its state has changed brings that state along.
        state: Mapping[str, Any] = getattr(error, "state", {})
        return orjson.dumps({"re": id, "error": {**error.extensions, "message": error.message, **state}})
    log.error("player operation failed", exc_info=error)
    trace = current_trace.get()
    return orjson.dumps(
        {"re": id, "error": {"code": "INTERNAL", "message": "Something went wrong", "requestId": trace}}
    )


def event(kind: str, content: Mapping[str, Any]) -> bytes:
    """Something that is followed changed."""
    return orjson.dumps({"ev": kind, **content})
