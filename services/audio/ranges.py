"""Which bytes answer a request: RFC 9110 preconditions (§13) and ranges (§14), as pure arithmetic.

Owns: parsing of `Range` and of the `If-*` fields, their order of precedence, joining of overlapping ranges, and the
exact length of a multipart body before a byte of it is read. Refuses to know sockets, files and clocks: the present
moment comes in as a number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache

MAX_RANGES = 32
"""More ranges than this in one request and the `Range` field is ignored (§14.2 allows it): the whole answers."""

_ENTITY_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_UNIT = re.compile(r"bytes=(.*)", re.IGNORECASE | re.ASCII | re.DOTALL)
_SPEC = re.compile(r"([0-9]*)-([0-9]*)", re.ASCII)
_USUAL = re.compile(r"bytes=([0-9]{1,15})-([0-9]{0,15})", re.ASCII)
# No file has a length of nineteen digits; longer numbers mean "past the end", without making big integers of them.
_HUGE = 10**18


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `start` up to and without `end`."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked for, as it is now: length in bytes, strong entity tag with its quotes, times in epoch seconds."""

    length: int
    etag: str
    modified_s: int
    content_type: str


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of the body: `preamble` is written before the bytes of `span` (empty outside multipart)."""

    preamble: bytes
    span: Span


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole answer but for the bytes. `content_length` counts preambles and `closing` too.

    `headers` are those that follow from the range alone: Content-Range, and Content-Type of a multipart.
    """

    status: int
    content_length: int
    parts: tuple[Part, ...] = ()
    closing: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def plan(method: str, fields: Mapping[str, str], target: Target, *, now_s: int, boundary: str) -> Plan:
    """What to answer `method` with its header `fields` (looked up by their usual names) about `target`.

    Precedence of §13.2.2: If-Match, else If-Unmodified-Since; then If-None-Match, else If-Modified-Since; then
    Range under If-Range, for GET only. A malformed Range is ignored. `boundary` must not occur in the bytes.
    """
    refused = _precondition(method, fields, target)
    if refused is not None:
        return Plan(status=refused, content_length=0)
    whole = Plan(200, target.length, (Part(b"", Span(0, target.length)),))
    wanted = fields.get("Range")
    if wanted is None or method != "GET":
        return whole
    condition = fields.get("If-Range")
    if condition is not None and not _same_version(condition.strip(), target, now_s):
        return whole
    spans = parse_range(wanted, target.length)
    if spans is None:
        return whole
    if not spans:
        return Plan(416, 0, headers=(("Content-Range", f"bytes */{target.length}"),))
    if len(spans) == 1:
        return Plan(206, spans[0].length, (Part(b"", spans[0]),), headers=(_content_range(spans[0], target),))
    return _multipart(spans, target, boundary)


def parse_range(field: str, length: int) -> list[Span] | None:
    """The satisfiable spans of a `Range` field; [] when none is, None when the field is to be ignored.

    Overlapping and touching ranges are joined, which puts them in ascending order; otherwise the client's order
    stays. The spans never cover a byte twice.
    """
    usual = _USUAL.fullmatch(field)
    if usual is not None:
        # What players send nearly always: one range from a beginning, shorter than would need a closer look.
        start = int(usual[1])
        end = int(usual[2]) + 1 if usual[2] else length
        if start < end <= length:
            return [Span(start, end)]
    unit = _UNIT.fullmatch(field.strip(" \t"))
    if unit is None:
        return None
    specs = [spec for raw in unit[1].split(",", MAX_RANGES * 4) if (spec := raw.strip(" \t"))]
    if not specs or len(specs) > MAX_RANGES:
        return None
    spans = []
    for spec in specs:
        match = _SPEC.fullmatch(spec)
        if match is None or match[0] == "-":
            return None
        first, last = _position(match[1]), _position(match[2])
        if first is None:
            suffix = min(last or 0, length)
            if suffix:
                spans.append(Span(length - suffix, length))
            continue
        if last is not None and last < first:
            return None
        if first < length:
            spans.append(Span(first, length if last is None else min(last + 1, length)))
    return _joined(spans)


@lru_cache(maxsize=1024)
def http_date(epoch_s: int) -> str:
    """An IMF-fixdate such as `Sun, 06 Nov 1994 08:49:37 GMT`."""
    return formatdate(epoch_s, usegmt=True)


def parse_http_date(text: str) -> int | None:
    """Epoch seconds of an HTTP date in any of its three forms, None for anything else."""
    if not text or text[0] not in "MTWFS":
        return None
    try:
        moment = parsedate_to_datetime(text)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, TypeError, IndexError, OverflowError):
        return _asctime(text)


def _asctime(text: str) -> int | None:
    try:
        return int(datetime.strptime(text, "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC).timestamp())
    except (ValueError, OverflowError):
        return None


def _position(digits: str) -> int | None:
    if not digits:
        return None
    significant = digits.lstrip("0")
    return _HUGE if len(significant) > 18 else int(significant or "0")


def _joined(spans: list[Span]) -> list[Span]:
    ordered = sorted(spans, key=lambda span: (span.start, span.end))
    joined: list[Span] = []
    for span in ordered:
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return spans if len(joined) == len(spans) else joined


def _precondition(method: str, fields: Mapping[str, str], target: Target) -> int | None:
    match = fields.get("If-Match")
    if match is not None:
        if not _lists_tag(match, target.etag, weakly=False):
            return 412
    elif (since := fields.get("If-Unmodified-Since")) is not None:
        limit = parse_http_date(since)
        if limit is not None and target.modified_s > limit:
            return 412
    none_match = fields.get("If-None-Match")
    if none_match is not None:
        if _lists_tag(none_match, target.etag, weakly=True):
            return 304 if method in ("GET", "HEAD") else 412
    elif (since := fields.get("If-Modified-Since")) is not None and method in ("GET", "HEAD"):
        seen = parse_http_date(since)
        if seen is not None and target.modified_s <= seen:
            return 304
    return None


def _lists_tag(field: str, etag: str, *, weakly: bool) -> bool:
    if field.strip() == "*":
        return True
    return any(tag == etag and (weakly or not weak) for weak, tag in _ENTITY_TAG.findall(field))


def _same_version(condition: str, target: Target, now_s: int) -> bool:
    if condition.startswith(('"', "W/")):
        return condition == target.etag
    # A date is a strong validator only once the second it names is over (§8.8.2.2).
    return parse_http_date(condition) == target.modified_s and target.modified_s < now_s


def _content_range(span: Span, target: Target) -> tuple[str, str]:
    return "Content-Range", f"bytes {span.start}-{span.end - 1}/{target.length}"


def _multipart(spans: list[Span], target: Target, boundary: str) -> Plan:
    parts = []
    for position, span in enumerate(spans):
        name, value = _content_range(span, target)
        opening = "" if position == 0 else "\r\n"
        head = f"{opening}--{boundary}\r\nContent-Type: {target.content_type}\r\n{name}: {value}\r\n\r\n"
        parts.append(Part(head.encode("ascii"), span))
    closing = f"\r\n--{boundary}--\r\n".encode("ascii")
    length = sum(len(part.preamble) + part.span.length for part in parts) + len(closing)
    headers = (("Content-Type", f"multipart/byteranges; boundary={boundary}"),)
    return Plan(206, length, tuple(parts), closing, headers)
