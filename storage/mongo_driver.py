"""The two MongoDB drivers behind one face, and their errors as ours.

PyMongo's own async client is the default. Motor, whose life MongoDB has ended, stays selectable for a while
(docs/decisions/0003); the two differ in what must be awaited, and that is all this file knows about them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    InvalidURI,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WTimeoutError,
)

from storage.engine import DuplicateKey, EngineAway, StorageError, Unsupported

DriverName = Literal["pymongo", "motor"]
INDEX_PREFIX = "tutti_"
# BadValue, FailedToParse, TypeMismatch, PathNotViable, ConflictingUpdateOperators, NotImplemented: the server will
# not do this to these documents.
_REFUSALS = frozenset({2, 9, 14, 28, 40, 238})


class Driver:
    """A client of either driver."""

    def __init__(self, name: DriverName, uri: str, options: dict[str, Any]) -> None:
        self.name = name
        self.client: Any
        try:
            self._connect(name, uri, options)
        except (ValueError, ConfigurationError) as error:
            raise EngineAway(f"storage.mongodb.uri cannot be used: {error}") from error

    def _connect(self, name: DriverName, uri: str, options: dict[str, Any]) -> None:
        if name == "motor":
            from motor.motor_asyncio import AsyncIOMotorClient

            self.client = AsyncIOMotorClient(uri, **options)
        else:
            from pymongo import AsyncMongoClient

            self.client = AsyncMongoClient(uri, **options)

    async def aggregate(self, collection: Any, pipeline: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Every row of an aggregation."""
        cursor = collection.aggregate(pipeline)
        rows: list[dict[str, Any]] = await (cursor if self.name == "motor" else await cursor).to_list(None)
        return rows

    async def list_indexes(self, collection: Any) -> list[dict[str, Any]]:
        """Every index of a collection."""
        cursor = collection.list_indexes()
        rows: list[dict[str, Any]] = await (cursor if self.name == "motor" else await cursor).to_list(None)
        return rows

    async def close(self) -> None:
        """Let the connections go."""
        closing = self.client.close()
        if self.name != "motor":
            await closing


def duplicate(collection: str, details: Any) -> DuplicateKey:
    """The declared index a refusal by the server is about; `_id` when it names none."""
    message = str(details.get("errmsg", "")) if isinstance(details, dict) else str(details)
    name = message.partition("index: ")[2].split(" ", 1)[0]
    return DuplicateKey(collection, name.removeprefix(INDEX_PREFIX) if name.startswith(INDEX_PREFIX) else "_id")


@contextmanager
def translated(collection: str) -> Iterator[None]:
    """The driver's errors inside come out as the engine's."""
    try:
        yield
    except DuplicateKeyError as error:
        raise duplicate(collection, error.details or str(error)) from error
    except (ConnectionFailure, ServerSelectionTimeoutError, WTimeoutError, ExecutionTimeout, InvalidURI) as error:
        raise EngineAway(f"MongoDB does not answer: {error}") from error
    except OperationFailure as error:
        if "UNIQUE constraint failed" in str(error):
            # FerretDB over SQLite, where an update or a new index collides.
            name = str(error).partition(INDEX_PREFIX)[2].partition("'")[0]
            raise DuplicateKey(collection, name or "_id") from error
        if error.code in _REFUSALS:
            raise Unsupported(f"MongoDB refused: {error}") from error
        raise StorageError(f"MongoDB failed: {error}") from error
    except PyMongoError as error:
        raise StorageError(f"MongoDB failed: {error}") from error
