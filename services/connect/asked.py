"""What may be asked of a queue and what is answered: guards, bounds of numbers, changes since a revision.

Pure but for seeds. Refuses to know operations and whose queue it is.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass

from services.connect.faces import Face, from_text
from services.connect.sources import Skipped
from services.errors import Invalid
from storage.records.play_queue import PlayQueue

POSITION_LIMIT_MS = 7 * 24 * 3600 * 1000
SEED_LIMIT = 2**31 - 1
OP_ID_LIMIT = 64


@dataclass(frozen=True, slots=True)
class Guard:
    """`base_rev`: what the client saw when it asked. `op_id`: its own name for the operation, 1 to 64 characters."""

    base_rev: int | None = None
    op_id: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """An operation's answer: the queue as it is now, the revision that the operation led to, what was left out.

    `repeated`: it was done before, and only once.
    """

    queue: PlayQueue
    rev: int
    repeated: bool = False
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class Since:
    """What changed since a revision, oldest first; `changes` is None when a snapshot has to be sent instead."""

    queue: PlayQueue
    changes: list[Face] | None


NO_GUARD = Guard()


def check_guard(guard: Guard) -> None:
    """Invalid for a name of an operation or a revision that cannot be."""
    if guard.op_id is not None and not 1 <= len(guard.op_id) <= OP_ID_LIMIT:
        raise Invalid(f"clientOpId is a text of 1 to {OP_ID_LIMIT} characters.", field="clientOpId")
    if guard.base_rev is not None and guard.base_rev < 0:
        raise Invalid("baseRev is a revision that the house told.", field="baseRev")


def since(queue: PlayQueue, rev: int) -> Since:
    """The changes that lead from `rev` to the queue as it is, if all of them are kept."""
    if rev == queue.rev:
        return Since(queue, [])
    kept = [change for change in queue.changes if change.rev > rev]
    if not 0 < rev < queue.rev or len(kept) != queue.rev - rev:
        return Since(queue, None)
    return Since(queue, [from_text(change.rev, change.patch) for change in kept])


def any_seed() -> int:
    """A seed of ours."""
    return secrets.randbelow(SEED_LIMIT)


def seed_asked(seed: int) -> int:
    """Invalid for a seed that is none."""
    if not 0 <= seed <= SEED_LIMIT:
        raise Invalid(f"A seed is from 0 to {SEED_LIMIT}.", field="seed")
    return seed


def position_asked(position_ms: float) -> float:
    """Invalid for a position that no song has."""
    if not math.isfinite(position_ms) or not 0 <= position_ms <= POSITION_LIMIT_MS:
        raise Invalid(f"A position is from 0 to {POSITION_LIMIT_MS} milliseconds.", field="positionMs")
    return float(position_ms)


def volume_asked(volume: int) -> int:
    """Invalid for what is no volume."""
    if not 0 <= volume <= 100:
        raise Invalid("A volume is from 0 to 100.", field="volume")
    return volume
