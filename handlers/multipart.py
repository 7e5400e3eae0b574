"""multipart/form-data taken apart as it arrives (RFC 7578, RFC 2046), wherever the pieces of a body are cut.

Pure: bytes in, events out; holds no more than one delimiter and one part's headers. Refuses to know what the parts
mean and where their bytes go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from services.errors import Invalid

HEADERS_LIMIT_BYTES = 8_192
BOUNDARY_LIMIT = 200
NAME_LIMIT = 255
_PARAMETER = re.compile(r';\s*([\w!#$%&\'*+.^`|~-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;"\s]*)\s*', re.ASCII)
_BLANK = b" \t"


@dataclass(frozen=True, slots=True)
class PartBegins:
    """A part's headers: its field name, and for a file the name and type that the sender gives it."""

    name: str
    file_name: str | None
    content_type: str


@dataclass(frozen=True, slots=True)
class PartBytes:
    """Some of the current part's content, at least one byte."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PartEnds:
    """The current part is whole."""


Event = PartBegins | PartBytes | PartEnds


def boundary_of(content_type: str) -> bytes:
    """The boundary that a `multipart/form-data` header names. Invalid without a good one."""
    kind, _, rest = content_type.partition(";")
    values = _parameters(f";{rest}")
    boundary = values.get("boundary", "")
    if kind.strip().lower() != "multipart/form-data" or not 1 <= len(boundary) <= BOUNDARY_LIMIT:
        raise Invalid("A multipart body needs a boundary.")
    try:
        return boundary.encode("latin-1")
    except UnicodeEncodeError as error:
        raise Invalid("A multipart body needs a boundary.") from error


class MultipartParser:
    """Feed it a body's pieces in order, then `finish`. Invalid, in words, for a body that is none."""

    def __init__(self, boundary: bytes) -> None:
        # The first delimiter may open the body; the line end before it is put there for it.
        self._delimiter = b"\r\n--" + boundary
        self._buffer = bytearray(b"\r\n")
        self._state = "preamble"

    @property
    def is_finished(self) -> bool:
        """Whether the closing delimiter has come; what follows it is passed over."""
        return self._state == "epilogue"

    def feed(self, data: bytes) -> Iterator[Event]:
        """What these bytes complete. Exhaust it before feeding more."""
        if self._state == "epilogue":
            return
        self._buffer += data
        while True:
            before = self._state
            if before in ("preamble", "content"):
                yield from self._content()
            elif before == "delimiter":
                self._delimited()
            elif before == "headers":
                yield from self._headers()
            if self._state == before or self._state == "epilogue":
                return

    def finish(self) -> None:
        """The body is over. Invalid when it was cut off."""
        if self._state != "epilogue":
            raise Invalid("The multipart body is cut off.", code="MULTIPART_INVALID")

    def _content(self) -> Iterator[Event]:
        """Everything up to the next delimiter, or to where one might begin."""
        buffer, wanted = self._buffer, self._delimiter
        at = buffer.find(wanted)
        sure = at if at >= 0 else _safe_length(buffer, wanted)
        if self._state == "content" and sure:
            yield PartBytes(bytes(buffer[:sure]))
        del buffer[:sure]
        if at >= 0:
            if self._state == "content":
                yield PartEnds()
            del buffer[: len(wanted)]
            self._state = "delimiter"

    def _delimited(self) -> None:
        """What follows a delimiter: two dashes end the body, a line end begins a part."""
        buffer = self._buffer
        if len(buffer) < 2:
            return
        if buffer.startswith(b"--"):
            buffer.clear()
            self._state = "epilogue"
            return
        blanks = len(buffer) - len(buffer.lstrip(_BLANK))
        if blanks > BOUNDARY_LIMIT or (len(buffer) >= blanks + 2 and buffer[blanks : blanks + 2] != b"\r\n"):
            raise Invalid("A delimiter of the multipart body is followed by something else.", code="MULTIPART_INVALID")
        if len(buffer) >= blanks + 2:
            del buffer[:blanks]
            self._state = "headers"

    def _headers(self) -> Iterator[Event]:
        """A part's headers. The line end before them is still there, so that no headers at all look like any others."""
        buffer = self._buffer
        end = buffer.find(b"\r\n\r\n")
        if end > HEADERS_LIMIT_BYTES or (end < 0 and len(buffer) > HEADERS_LIMIT_BYTES + 4):
            raise Invalid("A part's headers are too long.", code="MULTIPART_INVALID")
        if end < 0:
            return
        lines = bytes(buffer[2:end])
        del buffer[: end + 4]
        self._state = "content"
        yield _part(lines)


def _safe_length(buffer: bytearray, wanted: bytes) -> int:
    """How many bytes cannot belong to a delimiter that is only partly here."""
    at = buffer.find(b"\r", max(0, len(buffer) - len(wanted) + 1))
    while at >= 0:
        if wanted.startswith(bytes(buffer[at:])):
            return at
        at = buffer.find(b"\r", at + 1)
    return len(buffer)


def _part(lines: bytes) -> PartBegins:
    try:
        text = lines.decode("utf-8")
    except UnicodeDecodeError:
        text = lines.decode("latin-1")
    headers: dict[str, str] = {}
    for line in text.split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), value.strip())
    kind, _, rest = headers.get("content-disposition", "").partition(";")
    values = _parameters(f";{rest}")
    if kind.strip().lower() != "form-data" or "name" not in values:
        raise Invalid("A part of the multipart body has no name.", code="MULTIPART_INVALID")
    file_name = values.get("filename")
    if "filename*" in values:
        file_name = _extended(values["filename*"]) or file_name
    if file_name is not None:
        file_name = file_name.replace("\\", "/").rpartition("/")[2][:NAME_LIMIT]
    return PartBegins(values["name"][:NAME_LIMIT], file_name, headers.get("content-type", "")[:NAME_LIMIT])


def _parameters(text: str) -> dict[str, str]:
    """`; name="value"` pairs. Quotes inside are written `%22` by browsers and with a backslash by others."""
    values: dict[str, str] = {}
    at = 0
    while (found := _PARAMETER.match(text, at)) is not None:
        name, value = found[1].lower(), found[2]
        if value.startswith('"'):
            value = value[1:-1].replace('\\"', '"')
            for escaped, meant in (("%22", '"'), ("%0D", "\r"), ("%0A", "\n")):
                value = value.replace(escaped, meant)
        values.setdefault(name, value)
        at = found.end()
    return values


def _extended(value: str) -> str | None:
    """RFC 5987's `UTF-8''na%C3%AFve`; None when it is something else."""
    charset, _, rest = value.partition("'")
    if charset.lower() not in ("utf-8", "iso-8859-1"):
        return None
    try:
        return unquote_to_bytes(rest.partition("'")[2]).decode(charset)
    except UnicodeDecodeError:
        return None
