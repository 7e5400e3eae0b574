"""The words of graphql-transport-ws: frames to messages and back, and errors as the wire shows them.

Owns the shapes and their limits, and is one of the three doors where `TuttiError` is translated. Refuses to know
states, timers and who is allowed what.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import orjson

from services.errors import TuttiError
from services.trace import current_trace

log = logging.getLogger("tutti.realtime")

SUBPROTOCOL = "graphql-transport-ws"
MAX_ID_CHARACTERS = 128
MAX_REASON_BYTES = 123
"""What fits in a close frame beside the code (RFC 6455, section 5.5)."""


class CloseCode(IntEnum):
    """Every code with which we close a socket; `docs/protocol.md` says what a client does about each."""

    GOING_AWAY = 1001
    TOO_BIG = 1009
    TRY_AGAIN = 1013
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL = 4406
    INIT_TIMEOUT = 4408
    SUBSCRIBER_EXISTS = 4409
    TOO_MANY_INITS = 4429
    TOO_SLOW = 4490
    INTERNAL = 4500


class Malformed(Exception):
    """A frame that is no message of the protocol; its text becomes the reason of the 4400."""


@dataclass(frozen=True, slots=True)
class Init:
    """`connection_init`: who is there, if they say."""

    payload: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Ping:
    """`ping`, from either side."""

    payload: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Pong:
    """`pong`, asked for or not."""

    payload: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Subscribe:
    """`subscribe`: one operation of any kind, under an id that the client chose."""

    id: str
    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Complete:
    """`complete` from the client: it wants no more under this id."""

    id: str


Message = Init | Ping | Pong | Subscribe | Complete


def decode(frame: str | bytes) -> Message:
    """The message in a text frame. Malformed, with a sentence for the client's author, for anything else."""
    if isinstance(frame, bytes):
        raise Malformed("Binary frames are not part of this protocol; send JSON text")
    try:
        found = orjson.loads(frame)
    except (orjson.JSONDecodeError, UnicodeError):
        raise Malformed("The message is not JSON") from None
    if not isinstance(found, dict):
        raise Malformed("The message is not a JSON object")
    kind = found.get("type")
    match kind:
        case "connection_init":
            return Init(_map(found, "payload"))
        case "ping":
            return Ping(_map(found, "payload"))
        case "pong":
            return Pong(_map(found, "payload"))
        case "subscribe":
            return _subscribe(found)
        case "complete":
            return Complete(_id(found))
        case "connection_ack" | "next" | "error":
            raise Malformed(f"Only the server sends {kind}")
        case str():
            raise Malformed(f"Unknown message type {kind[:40]!r}")
        case _:
            raise Malformed("The message has no type")


def _subscribe(found: dict[str, Any]) -> Subscribe:
    id_ = _id(found)
    payload = found.get("payload")
    if not isinstance(payload, dict):
        raise Malformed("subscribe needs a payload object")
    extensions = _map(payload, "extensions", "payload.")
    query = payload.get("query")
    if query is None and extensions is not None and isinstance(extensions.get("persistedQuery"), dict):
        query = ""
    if not isinstance(query, str):
        raise Malformed("payload.query must be a string")
    name = payload.get("operationName")
    if name is not None and not isinstance(name, str):
        raise Malformed("payload.operationName must be a string or null")
    return Subscribe(id_, query, _map(payload, "variables", "payload."), name, extensions)


def _id(found: dict[str, Any]) -> str:
    id_ = found.get("id")
    if not isinstance(id_, str) or not id_:
        raise Malformed(f"{found['type']} needs an id, a string that is not empty")
    if len(id_) > MAX_ID_CHARACTERS:
        raise Malformed(f"An id has at most {MAX_ID_CHARACTERS} characters")
    return id_


def _map(found: dict[str, Any], key: str, where: str = "") -> dict[str, Any] | None:
    value = found.get(key)
    if value is not None and not isinstance(value, dict):
        raise Malformed(f"{where}{key} must be an object or null")
    return value


def encode(kind: str, *, id: str | None = None, payload: Any = None) -> bytes:
    """One frame's UTF-8 text. A part that is None is left out."""
    message: dict[str, Any] = {"type": kind}
    if id is not None:
        message["id"] = id
    if payload is not None:
        message["payload"] = payload
    return orjson.dumps(message)


def close_reason(text: str) -> str:
    """`text` cut to what a close frame holds, never inside a character."""
    raw = text.encode("utf-8", "replace")
    return raw[:MAX_REASON_BYTES].decode("utf-8", "ignore")


def subscriber_exists(id_: str) -> str:
    """The reason of a 4409; a long id is cut so that the sentence keeps its end."""
    room = MAX_REASON_BYTES - len("Subscriber for  already exists")
    shown = id_.encode("utf-8", "replace")[:room].decode("utf-8", "ignore")
    return f"Subscriber for {shown} already exists"


def shown_errors(error: BaseException) -> list[dict[str, Any]]:
    """An escaped exception as GraphQL errors: a refusal in its own words, a bug as a trace id (logged here, once)."""
    if isinstance(error, TuttiError):
        return [{"message": error.message, "extensions": error.extensions}]
    log.error("socket operation failed", exc_info=error)
    return [
        {
            "message": "Something went wrong.",
            "extensions": {"code": "INTERNAL", "requestId": current_trace.get()},
        }
    ]
