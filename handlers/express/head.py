"""Reading the head of a plain request for sound, the way players repeat it hundreds of times: all but its range.

Owns what counts as plain. Strict on purpose: whatever is not exactly of this form is None here and read by Tornado,
byte for byte, so that there is one parser for everything that could be meant in two ways.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

PREFIX = "/stream/"
MOST_BYTES = 8192

_FIELD = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[ \t]*[ -~]*\r\n"
_HEAD = re.compile(rb"GET (/stream/[!-~]+) HTTP/1\.1\r\n((?:" + _FIELD + rb"){1,64})\r\n")
_RANGE = re.compile(rb"\r\n[Rr]ange: (bytes=[0-9]*-[0-9]*)(?=\r\n)")
_ONE_HOST = re.compile(r"[A-Za-z0-9._~%!$&'()*+;=:\[\]-]+")
_UNUSUAL = ("Origin", "Content-Length", "Transfer-Encoding", "Expect", "Authorization", "Upgrade")
_CONDITIONS = ("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range")


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """A plain request but for its range: `fields` by their usual names, and what the target says.

    `conditional` tells whether anything but the range decides the answer.
    """

    target: str
    song_id: str
    quality: str | None
    wished: str | None
    ticket: str
    fields: dict[str, str]
    conditional: bool

    @property
    def path(self) -> str:
        """The path without its query, which holds the ticket."""
        return self.target.partition("?")[0]


class Heads:
    """Reads heads; the `limit` last ones are not parsed again, for a player repeats itself."""

    def __init__(self, limit: int = 2048) -> None:
        self._limit = limit
        self._read: OrderedDict[bytes, Request | None] = OrderedDict()

    def read(self, data: bytes) -> tuple[Request | None, str | None, int]:
        """The request at the beginning of `data`, its single range if it has one, and how many bytes it took.

        None when it is not plain, or not all there yet.
        """
        end = data.find(b"\r\n\r\n", 0, MOST_BYTES) + 4
        if end < 4:
            return None, None, 0
        head = data if end == len(data) else data[:end]
        found = _RANGE.search(head)
        wanted = None
        if found is not None:
            wanted = found[1].decode("ascii")
            head = head[: found.start()] + head[found.end() :]
        if head in self._read:
            request = self._read[head]
        else:
            request = self._read[head] = _parsed(head)
            if len(self._read) > self._limit:
                self._read.popitem(last=False)
        if request is None:
            return None, None, 0
        if "Range" in request.fields:
            return (request, request.fields["Range"], end) if wanted is None else (None, None, 0)
        return request, wanted, end


def plain_request(target: str, pairs: Iterable[tuple[str, str]]) -> Request | None:
    """The request of these header fields, when it is one for this lane: a ticket, one host, at most one range."""
    fields: dict[str, str] = {}
    for name, value in pairs:
        usual = name.title()
        if usual in fields:
            return None
        fields[usual] = value
    if _ONE_HOST.fullmatch(fields.get("Host", "")) is None or any(name in fields for name in _UNUSUAL):
        return None
    # Several ranges are a body of several parts, which Tornado's way writes.
    if fields.get("Connection", "keep-alive").lower() != "keep-alive" or "," in fields.get("Range", ""):
        return None
    song_id, quality, wished, ticket = _asked(target)
    if not song_id or not ticket:
        return None
    conditional = any(name in fields for name in _CONDITIONS)
    return Request(target, song_id, quality, wished, ticket, fields, conditional)


def _parsed(head: bytes) -> Request | None:
    parts = _HEAD.fullmatch(head)
    if parts is None:
        return None
    lines = parts[2].decode("ascii").split("\r\n")[:-1]
    split = (line.partition(":") for line in lines)
    return plain_request(parts[1].decode("ascii"), ((name, value.strip(" \t")) for name, _, value in split))


def _asked(target: str) -> tuple[str, str | None, str | None, str | None]:
    """Song, quality, format and ticket in a request target."""
    path, _, query = target.partition("?")
    try:
        words = parse_qs(query, errors="strict")
        song_id = unquote(path[len(PREFIX) :], errors="strict")
    except (UnicodeDecodeError, ValueError):
        return "", None, None, None
    if "/" in path[len(PREFIX) :]:
        return "", None, None, None
    quality, wished, ticket = (words.get(name, [None])[-1] for name in ("quality", "format", "ticket"))
    return song_id, quality, wished, ticket
