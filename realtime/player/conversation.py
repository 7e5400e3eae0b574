"""The conversation of `/ws` as a state machine: frames and times in, actions out; no socket, task or clock inside.

Owns who may speak when and each close code. Refuses to know operations, rights and rooms; `session.py` does what the
actions say.

        WAITING ──hello──▶ GREETING ──greeted──▶ READY
           │ 4408 too late      │ 4403 refused       │ 4403 token expired or session ended
           │                    │ 1013 we are too slow
           ▼                    ▼                    ▼
        CLOSED ◀──────── 4400, 4401, 4429, 4490, 4500, 1001, 1009
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from realtime.messages import CloseCode, close_reason
from realtime.player.frames import Asked, Malformed, read
from realtime.player.limits import PlayerLimits


class State(StrEnum):
    """Where the conversation stands."""

    WAITING = "waiting"
    GREETING = "greeting"
    READY = "ready"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Run:
    """Do this operation after those before it, and answer it."""

    asked: Asked


@dataclass(frozen=True, slots=True)
class Pause:
    """Read nothing more from this player for so many seconds: it talks faster than it may."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Close:
    """Close the socket; the last action ever."""

    code: int
    reason: str


Action = Run | Pause | Close


@dataclass(slots=True)
class Conversation:
    """One player's side. `now` is always monotonic seconds, from the same clock.

    `free` names the operations that may be asked before `hello`.
    """

    limits: PlayerLimits
    opened_at: float
    free: frozenset[str] = frozenset()
    state: State = State.WAITING
    _said_hello_at: float = 0.0
    _expires_at: float | None = None
    _hasty: int = 0
    _allowance: float = field(init=False)
    _counted_at: float = field(init=False)

    def __post_init__(self) -> None:
        self._allowance = float(self.limits.frame_burst)
        self._counted_at = self.opened_at

    def receive(self, frame: str | bytes, now: float) -> list[Action]:
        """What to do about a frame from the player."""
        if self.state is State.CLOSED:
            return []
        most = self.limits.max_frame_bytes
        if not isinstance(frame, bytes) and (len(frame) > most or len(frame.encode("utf-8", "replace")) > most):
            return self.close(CloseCode.TOO_BIG, f"A frame has at most {most} bytes")
        try:
            asked = read(frame, most_bytes=most)
        except Malformed as wrong:
            return self.close(CloseCode.BAD_REQUEST, str(wrong))
        if asked.op == "hello":
            if self.state is not State.WAITING:
                return self.close(CloseCode.TOO_MANY_INITS, "Too many hellos")
            self.state = State.GREETING
            self._said_hello_at = now
        elif self.state is State.WAITING and asked.op not in self.free:
            return self.close(CloseCode.UNAUTHORIZED, "Unauthorized: say hello first")
        return [Run(asked), *self._count(now)]

    def greeted(self, expires_at: float | None) -> None:
        """The player is who they say until `expires_at` (monotonic seconds)."""
        if self.state is State.GREETING:
            self.state = State.READY
            self._expires_at = expires_at

    def renewed(self, expires_at: float | None) -> None:
        """A fresh token of the same person is good until `expires_at`."""
        if self.state is State.READY:
            self._expires_at = expires_at

    def served(self) -> None:
        """An operation was within the rate."""
        self._hasty = 0

    def refused_for_haste(self) -> list[Action]:
        """An operation was refused for its rate; who does not stop asking has to go."""
        self._hasty += 1
        if self._hasty < self.limits.hasty:
            return []
        return self.close(CloseCode.TOO_MANY_INITS, "Too frequent: wait as long as you are told")

    def deadline(self) -> float | None:
        """When `tick` has to be called next; None when nothing is timed."""
        if self.state is State.WAITING:
            return self.opened_at + self.limits.hello_s
        if self.state is State.GREETING:
            return self._said_hello_at + self.limits.greeting_s
        return self._expires_at if self.state is State.READY else None

    def tick(self, now: float) -> list[Action]:
        """What the passing of time demands: 4408 without a hello, 1013 when we do not answer it, 4403 for an expired
        token."""
        deadline = self.deadline()
        if deadline is None or now < deadline:
            return []
        if self.state is State.WAITING:
            return self.close(CloseCode.INIT_TIMEOUT, "No hello in time")
        if self.state is State.GREETING:
            return self.close(CloseCode.TRY_AGAIN, "We cannot find out who you are just now: come back later")
        return self.close(CloseCode.FORBIDDEN, "Forbidden: the token has expired")

    def close(self, code: int, reason: str) -> list[Action]:
        """End the conversation from our side."""
        if self.state is State.CLOSED:
            return []
        self.state = State.CLOSED
        return [Close(int(code), close_reason(reason))]

    def lost(self) -> None:
        """The conversation is over, by whomever."""
        self.state = State.CLOSED

    def _count(self, now: float) -> list[Action]:
        filled = self._allowance + (now - self._counted_at) * self.limits.frames_per_s
        self._allowance = min(filled, float(self.limits.frame_burst)) - 1
        self._counted_at = now
        return [Pause(-self._allowance / self.limits.frames_per_s)] if self._allowance < 0 else []
