"""graphql-transport-ws as a state machine: frames and times in, actions out, no socket, no task and no clock inside.

Owns the order of the conversation and each close code. Refuses to know GraphQL, Tornado and who a token belongs to.
`realtime/connection.py` does what the actions say.

        WAITING ──connection_init──▶ ADMITTING ──admitted──▶ READY
           │ 4408 too late               │ 4403 refused          │ 4403 token expired or session ended
           │                             │ 1013 we are too slow
           ▼                             ▼                       ▼
        CLOSED ◀───── 4400, 4401, 4409, 4429, 4500, 1001, 1009 ──┘
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from realtime.messages import (
    CloseCode,
    Complete,
    Init,
    Malformed,
    Ping,
    Subscribe,
    close_reason,
    decode,
    encode,
    subscriber_exists,
)
from services.errors import TooMany, TuttiError, Unavailable


@dataclass(frozen=True, slots=True)
class Limits:
    """What one socket may ask of us. Seconds, bytes and counts; `docs/protocol.md` tells clients the same numbers."""

    init_wait_s: float = 10.0
    admission_s: float = 10.0
    max_message_bytes: int = 256_000
    max_operations: int = 100
    max_running: int = 16
    messages_per_s: float = 100.0
    message_burst: int = 400
    outbox_frames: int = 256
    outbox_bytes: int = 1024 * 1024
    slow_client_s: float = 15.0


class State(StrEnum):
    """Where the conversation stands."""

    WAITING = "waiting"
    ADMITTING = "admitting"
    READY = "ready"
    CLOSED = "closed"


@dataclass(eq=False, slots=True)
class Operation:
    """One subscribe that is not complete yet. Known by identity: an id may be used again after its complete."""

    id: str


@dataclass(frozen=True, slots=True)
class Send:
    """Write this frame. With `operation`, it may be dropped once the client is done with that operation."""

    frame: bytes
    operation: Operation | None = None


@dataclass(frozen=True, slots=True)
class Close:
    """Close the socket; the last action ever."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Admit:
    """Find out who `payload` speaks for, then call `admitted`, `renewed` or `refused`."""

    payload: dict[str, Any] | None
    renewal: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """Run this operation and report with `next`, `error` and `complete`."""

    operation: Operation
    request: Subscribe


@dataclass(frozen=True, slots=True)
class Stop:
    """End this operation without a word more about it."""

    operation: Operation


@dataclass(frozen=True, slots=True)
class Forget:
    """The client is done with this id, which we ended too: what has not left about it would confuse a new use of it."""

    id: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Read nothing more from this client for so many seconds: it talks faster than it may."""

    seconds: float


Action = Send | Close | Admit | Start | Stop | Forget | Pause


@dataclass(slots=True)
class Transport:
    """One client's side of the protocol. `now` is always monotonic seconds, from the same clock."""

    limits: Limits
    opened_at: float
    state: State = State.WAITING
    draining: bool = False
    operations: dict[str, Operation] = field(default_factory=dict)
    _said_init_at: float = 0.0
    _expires_at: float | None = None
    _renewing: bool = False
    _next_renewal: dict[str, Any] | None = None
    _allowance: float = 0.0
    _counted_at: float = 0.0

    def __post_init__(self) -> None:
        self._allowance = float(self.limits.message_burst)
        self._counted_at = self.opened_at

    def receive(self, frame: str | bytes, now: float) -> list[Action]:
        """What to do about a frame from the client."""
        if self.state is State.CLOSED:
            return []
        size = len(frame) if isinstance(frame, bytes) or frame.isascii() else len(frame.encode("utf-8", "replace"))
        if size > self.limits.max_message_bytes:
            return self.close(CloseCode.TOO_BIG, f"A message has at most {self.limits.max_message_bytes} bytes")
        try:
            message = decode(frame)
        except Malformed as wrong:
            return self.close(CloseCode.BAD_REQUEST, str(wrong))
        match message:
            case Init():
                actions = self._init(message, now)
            case Ping():
                actions = self._ping(message)
            case Subscribe():
                actions = self._subscribe(message)
            case Complete():
                operation = self.operations.pop(message.id, None)
                actions = [Forget(message.id)] if operation is None else [Stop(operation)]
            case _:
                actions = []
        return actions + self._count(now)

    def _init(self, message: Init, now: float) -> list[Action]:
        if self.state is not State.WAITING:
            return self.close(CloseCode.TOO_MANY_INITS, "Too many initialisation requests")
        self.state = State.ADMITTING
        self._said_init_at = now
        return [Admit(message.payload)]

    def _ping(self, message: Ping) -> list[Action]:
        if self.state is not State.READY or message.payload is None or "token" not in message.payload:
            return [Send(encode("pong", payload=message.payload))]
        if self._renewing:
            self._next_renewal = message.payload
            return []
        self._renewing = True
        return [Admit(message.payload, renewal=True)]

    def _subscribe(self, message: Subscribe) -> list[Action]:
        if self.state is not State.READY:
            return self.close(CloseCode.UNAUTHORIZED, "Unauthorized: wait for connection_ack")
        if message.id in self.operations:
            return self.close(CloseCode.SUBSCRIBER_EXISTS, subscriber_exists(message.id))
        if self.draining:
            return self._turned_away(message.id, Unavailable("The server is stopping; connect again."))
        if len(self.operations) >= self.limits.max_operations:
            most = self.limits.max_operations
            return self._turned_away(message.id, TooMany(f"At most {most} operations at a time on one socket."))
        operation = self.operations[message.id] = Operation(message.id)
        return [Start(operation, message)]

    def _turned_away(self, id_: str, why: TuttiError) -> list[Action]:
        return [Send(encode("error", id=id_, payload=[{"message": why.message, "extensions": why.extensions}]))]

    def _count(self, now: float) -> list[Action]:
        if self.state is State.CLOSED:
            return []
        filled = self._allowance + (now - self._counted_at) * self.limits.messages_per_s
        self._allowance = min(filled, float(self.limits.message_burst)) - 1
        self._counted_at = now
        return [Pause(-self._allowance / self.limits.messages_per_s)] if self._allowance < 0 else []

    def admitted(self, expires_at: float | None, shown: dict[str, Any] | None = None) -> list[Action]:
        """The client is who they say until `expires_at` (monotonic seconds); `shown` goes out with the ack."""
        if self.state is not State.ADMITTING:
            return []
        self.state = State.READY
        self._expires_at = expires_at
        return [Send(encode("connection_ack", payload=shown))]

    def renewed(self, expires_at: float | None, shown: dict[str, Any] | None = None) -> list[Action]:
        """A fresh token of the same person is good until `expires_at`; `shown` is the pong's payload."""
        if self.state is not State.READY:
            return []
        self._expires_at = expires_at
        answer: list[Action] = [Send(encode("pong", payload=shown))]
        payload, self._next_renewal = self._next_renewal, None
        self._renewing = payload is not None
        return answer if payload is None else [*answer, Admit(payload, renewal=True)]

    def refused(self, reason: str) -> list[Action]:
        """The client is not who they say, or not welcome any more."""
        return self.close(CloseCode.FORBIDDEN, f"Forbidden: {reason}")

    def next(self, operation: Operation, result: Any) -> list[Action]:
        """One result of `operation`, a value or JSON that is written already; nothing when it is over."""
        if not self._lives(operation):
            return []
        return [Send(encode("next", id=operation.id, payload=result), operation)]

    def error(self, operation: Operation, errors: list[dict[str, Any]]) -> list[Action]:
        """`operation` failed as a whole: the last word about it."""
        if not self._lives(operation):
            return []
        frame = encode("error", id=operation.id, payload=errors)
        del self.operations[operation.id]
        return [Send(frame, operation)]

    def complete(self, operation: Operation) -> list[Action]:
        """`operation` has said everything."""
        if not self._lives(operation):
            return []
        del self.operations[operation.id]
        return [Send(encode("complete", id=operation.id), operation)]

    def _lives(self, operation: Operation) -> bool:
        return self.state is State.READY and self.operations.get(operation.id) is operation

    def deadline(self) -> float | None:
        """When `tick` has to be called next; None when nothing is timed."""
        if self.state is State.WAITING:
            return self.opened_at + self.limits.init_wait_s
        if self.state is State.ADMITTING:
            return self._said_init_at + self.limits.admission_s
        return self._expires_at if self.state is State.READY else None

    def tick(self, now: float) -> list[Action]:
        """What the passing of time demands: 4408 without an init, 1013 when we do not answer it, 4403 for an expired
        token."""
        deadline = self.deadline()
        if deadline is None or now < deadline:
            return []
        if self.state is State.WAITING:
            return self.close(CloseCode.INIT_TIMEOUT, "Connection initialisation timeout")
        if self.state is State.ADMITTING:
            return self.close(CloseCode.TRY_AGAIN, "We cannot find out who you are just now: come back later")
        return self.refused("the token has expired")

    def close(self, code: int, reason: str) -> list[Action]:
        """End the conversation from our side; every operation stops."""
        if self.state is State.CLOSED:
            return []
        return [*self.lost(), Close(int(code), close_reason(reason))]

    def lost(self) -> list[Action]:
        """The conversation is over, by whomever: every operation stops and nothing is said any more."""
        stops: list[Action] = [Stop(operation) for operation in self.operations.values()]
        self.operations.clear()
        self.state = State.CLOSED
        return stops
