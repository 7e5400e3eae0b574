"""How a GraphQL request's body becomes one JSON value: JSON text, or a multipart request with its files put in place.

Owns the GraphQL multipart request specification and the bounds on both. Files go to disk as they arrive. A foreign
page can send multipart without the browser asking us first, so it needs a header that such a page cannot set.
Refuses to know what is asked.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

import orjson
from tornado.web import HTTPError

from handlers.multipart import MultipartParser, PartBegins, PartBytes, PartEnds, boundary_of
from services.errors import Invalid, TooLarge, TuttiError
from services.uploads.lifted import lift
from services.uploads.staging import StagedFile, StagedWriter
from services.uploads.uploads import Uploads
from services.viewer import Role, Viewer

JSON = "application/json"
MULTIPART = "multipart/form-data"
PREFLIGHT_HEADERS = (
    "Authorization",
    "Apollo-Require-Preflight",
    "X-Apollo-Operation-Name",
    "GraphQL-Preflight",
    "X-Requested-With",
)
"""Any one of them shows that the browser asked before another origin's page could send this."""

FILES_LIMIT = 50
MAP_LIMIT_BYTES = 65_536
PATHS_LIMIT = 200


def open_intake(headers: Mapping[str, str], viewer: Viewer, uploads: Uploads, max_json_bytes: int) -> Intake:
    """What takes in the body that these headers announce. 415 for another kind, Denied who may not send files."""
    kind, _, parameters = headers.get("Content-Type", "").partition(";")
    kind = kind.strip().lower()
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if kind == JSON and charset in ("", "utf-8", "utf8"):
        largest = max_json_bytes
        if viewer.has(Role.ARTIST):
            largest = max(largest, uploads.limits.max_base64_bytes)
        return JsonIntake(uploads, max_json_bytes, largest)
    if kind == MULTIPART and any(headers.get(name) for name in PREFLIGHT_HEADERS):
        uploads.require_sender(viewer)
        return MultipartIntake(uploads, boundary_of(headers.get("Content-Type", "")), max_json_bytes)
    raise HTTPError(415)


class Intake:
    """One body coming in. `take` never raises: what is wrong is kept for `finish`, and the rest is passed over."""

    limit_bytes: int

    def __init__(self, uploads: Uploads) -> None:
        self.uploads = uploads
        self.refusal: TuttiError | None = None
        self._closed = False

    async def take(self, chunk: bytes) -> None:
        """The next bytes; after `close` they are passed over, for a connection that broke may still hold some."""
        if self.refusal is None and not self._closed:
            try:
                await self._take(chunk)
            except TuttiError as refusal:
                self.refusal = refusal
                await self.close()

    async def finish(self) -> Any:
        """The JSON value, files in place. Raises what was wrong with the body."""
        if self.refusal is None:
            return await self._finish()
        raise self.refusal

    async def close(self) -> None:
        """Give back what the body occupies; safe to say twice."""

    async def _take(self, chunk: bytes) -> None:
        raise NotImplementedError

    async def _finish(self) -> Any:
        raise NotImplementedError


class JsonIntake(Intake):
    """JSON text, held in memory: `usual_bytes` of it for everybody, up to `limit_bytes` for a few at a time."""

    def __init__(self, uploads: Uploads, usual_bytes: int, limit_bytes: int) -> None:
        super().__init__(uploads)
        self.limit_bytes = limit_bytes
        self._usual_bytes = usual_bytes
        self._text = bytearray()
        self._room = contextlib.ExitStack()
        self._is_large = False

    async def _take(self, chunk: bytes) -> None:
        length = len(self._text) + len(chunk)
        if length > self.limit_bytes:
            raise TooLarge(f"A request may have {self.limit_bytes} bytes.")
        if length > self._usual_bytes and not self._is_large:
            self._room.enter_context(self.uploads.large_body())
            self._is_large = True
        self._text += chunk

    async def _finish(self) -> Any:
        text = self._text
        # In a thread it does not keep others waiting for their turn of the loop; a small one is read at once.
        return lift(await asyncio.to_thread(read_json, text) if self._is_large else read_json(text))

    async def close(self) -> None:
        """Forget the text and make room for others."""
        self._closed = True
        self._text = bytearray()
        self._room.close()


class MultipartIntake(Intake):
    """`operations`, then `map`, then the files it names, each written to disk as it arrives."""

    def __init__(self, uploads: Uploads, boundary: bytes, max_json_bytes: int) -> None:
        super().__init__(uploads)
        self.limit_bytes = uploads.limits.max_bytes + max_json_bytes + MAP_LIMIT_BYTES + FILES_LIMIT * 8_192
        self._parser = MultipartParser(boundary)
        self._max_json_bytes = max_json_bytes
        self._operations: Any = None
        self._paths: dict[str, list[str]] | None = None
        self._seen: set[str] = set()
        self._part: PartBegins | None = None
        self._text = bytearray()
        self._text_limit = 0
        self._writer: StagedWriter | None = None
        self._files: dict[str, StagedFile] = {}

    async def _take(self, chunk: bytes) -> None:
        for event in self._parser.feed(chunk):
            if self._closed:
                return
            if isinstance(event, PartBytes):
                await self._content(event.data)
            elif isinstance(event, PartBegins):
                await self._begin(event)
            else:
                await self._end(event)

    async def _begin(self, part: PartBegins) -> None:
        if part.name in self._seen:
            raise _broken(f"Two parts are called {part.name[:50]}.")
        if len(self._seen) >= FILES_LIMIT + 2:
            raise _broken(f"A request may have {FILES_LIMIT} files.")
        self._seen.add(part.name)
        self._part = part
        if part.name in ("operations", "map"):
            if part.name == "map" and "operations" not in self._seen:
                raise _broken("The part operations must come before map.")
            self._text, self._text_limit = bytearray(), self._max_json_bytes
            if part.name == "map":
                self._text_limit = min(self._max_json_bytes, MAP_LIMIT_BYTES)
        elif self._paths is None:
            raise _broken("The parts operations and map must come before files.")
        elif part.name in self._paths:
            room = self.uploads.limits.max_bytes - sum(file.size for file in self._files.values())
            field = self._paths[part.name][0] if self._paths[part.name] else part.name
            writer = await self.uploads.staging.begin(room, field=field)
            if self._closed:
                await writer.abandon()
                return
            self._writer = writer

    async def _content(self, data: bytes) -> None:
        if self._writer is not None:
            await self._writer.write(data)
        elif self._part is not None and self._part.name in ("operations", "map"):
            if len(self._text) + len(data) > self._text_limit:
                raise TooLarge(f"The part {self._part.name} may have {self._text_limit} bytes.")
            self._text += data

    async def _end(self, _: PartEnds) -> None:
        part, self._part = self._part, None
        if part is None:
            return
        if self._writer is not None:
            writer, file_name = self._writer, part.file_name or ""
            self._files[part.name] = await writer.finish(file_name, part.content_type)
            self._writer = None
        elif part.name == "operations":
            self._operations = read_json(self._text)
            if not isinstance(self._operations, dict | list):
                raise _broken("operations must be a JSON object or a list of them.")
        elif part.name == "map":
            self._paths = _read_map(read_json(self._text))
            for paths in self._paths.values():
                for path in paths:
                    _place(self._operations, path)

    async def _finish(self) -> Any:
        self._parser.finish()
        if "operations" not in self._seen or self._paths is None:
            raise _broken("A multipart request has the parts operations and map.")
        missing = [name for name in self._paths if name not in self._files]
        if missing:
            raise _broken(f"map names a file that was not sent: {missing[0][:50]}.")
        for name, paths in self._paths.items():
            for path in paths:
                holder, key = _place(self._operations, path)
                holder[key] = self._files[name]
        return self._operations

    async def close(self) -> None:
        """Delete what was staged: a song made of it has its own name for the file by now."""
        self._closed = True
        writer, self._writer = self._writer, None
        files, self._files = self._files, {}
        if writer is not None:
            await writer.abandon()
        for file in files.values():
            await self.uploads.staging.discard(file.id)


def read_json(text: bytes | bytearray) -> Any:
    """The JSON value. Invalid when it is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Invalid("The body is not JSON.") from error


def _read_map(found: Any) -> dict[str, list[str]]:
    """Which places each file belongs to. Invalid unless it is an object of lists of texts."""
    if not isinstance(found, dict):
        raise _broken("map must be a JSON object.")
    paths = [path for places in found.values() if isinstance(places, list) for path in places]
    if not all(isinstance(places, list) for places in found.values()) or not all(isinstance(p, str) for p in paths):
        raise _broken("map must give a list of paths for each file.")
    if len(found) > FILES_LIMIT or len(paths) > PATHS_LIMIT or len(set(paths)) < len(paths):
        raise _broken(f"map may name {FILES_LIMIT} files and {PATHS_LIMIT} different places.")
    return found


def _place(operations: Any, path: str) -> tuple[Any, Any]:
    """What holds the variable at `variables.files.0` (in a batch: `1.variables.file`), and its key there.

    Invalid unless there is a null waiting for a file.
    """
    holder: Any = None
    key: Any = None
    found = operations
    pieces = path.split(".") if len(path) <= 500 else []
    for piece in pieces:
        holder = found
        if isinstance(holder, list):
            key = int(piece) if piece.isascii() and piece.isdecimal() and len(piece) < 6 else -1
            known = 0 <= key < len(holder)
        else:
            key = piece
            known = isinstance(holder, dict) and piece in holder
        if not known:
            raise _broken(f"map names a place that is not there: {path[:100]}.")
        found = holder[key]
    first = pieces[1:] if isinstance(operations, list) else pieces
    if len(first) < 2 or first[0] != "variables" or found is not None:
        raise _broken(f"map may only name variables that are null: {path[:100]}.")
    return holder, key


def _broken(sentence: str) -> Invalid:
    return Invalid(sentence, code="MULTIPART_INVALID")
