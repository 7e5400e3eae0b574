"""What lies where in an archive, and what can be wrong with one. A tar file:

- `documents/<collection>.jsonl.gz`: a document a line, as JSON; a time is `{"$time": "2026-01-31T12:00:00.000Z"}`.
  No engine's own form: what was kept in SQLite can be restored into MongoDB and the other way round.
- `files/<key>`: pictures, uploaded songs and archives of accounts, as they are kept.
- `secret.key`: the secret that the house made for itself, where it has one.
- `manifest.json`, last: of each member its bytes and SHA-256, of each collection its documents. A file without it was
  broken off.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from storage.engine import Document, StorageError

FORMAT = 1
MANIFEST = "manifest.json"
SECRET = "secret.key"
DOCUMENTS, DOCUMENTS_END = "documents/", ".jsonl.gz"
FILES = "files/"
KEPT_FOLDERS = ("images", "uploads/songs", "exports")
"""Where files of ours lie; everything else in the data folder is made again when it is missing."""
LINE_BYTES = 64 << 20
"""Longest line of a document: 16 MB, with every sign written out."""
_TIME = "$time"


class BadArchive(StorageError):
    """The archive is broken, cut or no archive of ours; says what is wrong. Nothing was changed."""


@dataclass(slots=True)
class Manifest:
    """What an archive says of itself."""

    version: str
    made_at: str
    engine: str
    migrations: list[str]
    documents: dict[str, int] = field(default_factory=dict)
    members: dict[str, tuple[int, str]] = field(default_factory=dict)

    def as_json(self) -> bytes:
        """As it is written."""
        told = {name: getattr(self, name) for name in self.__slots__}
        return orjson.dumps({"format": FORMAT, **told}, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)

    @classmethod
    def read(cls, data: bytes) -> Manifest:
        """From what was written. BadArchive when it is not that, or a newer program's."""
        try:
            told = orjson.loads(data)
            if told["format"] != FORMAT:
                raise BadArchive(f"the archive has format {told['format']!r}; this program reads format {FORMAT}")
            members = {str(name): (int(size), str(sha256)) for name, (size, sha256) in told["members"].items()}
            documents = {str(name): int(count) for name, count in told["documents"].items()}
            migrations = [str(each) for each in told["migrations"]]
            return cls(str(told["version"]), str(told["made_at"]), str(told["engine"]), migrations, documents, members)
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as fault:
            raise BadArchive("its manifest cannot be read") from fault


def as_line(document: Document) -> bytes:
    """One document as a line."""
    return orjson.dumps(document, default=_told, option=orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_APPEND_NEWLINE)


def from_line(line: bytes) -> Document:
    """The document of a line. BadArchive when there is none in it."""
    try:
        document = _times(orjson.loads(line))
    except (orjson.JSONDecodeError, ValueError, TypeError) as fault:
        raise BadArchive("a document cannot be read") from fault
    if not isinstance(document, dict) or not isinstance(document.get("_id"), str):
        raise BadArchive("a document has no _id")
    return document


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
        return {_TIME: f"{moment}Z"}
    raise TypeError(f"{type(value).__name__} is no value of a document")


def _times(value: Any) -> Any:
    if isinstance(value, dict):
        # No key of a document begins with a dollar sign.
        if len(value) == 1 and _TIME in value:
            return datetime.fromisoformat(value[_TIME])
        return {key: _times(each) for key, each in value.items()}
    return [_times(each) for each in value] if isinstance(value, list) else value
