"""Parental locks."""

from __future__ import annotations

from dataclasses import dataclass

from graph.bind import resolves
from graph.context import Info
from services.parental.locks import LockState


@dataclass(slots=True)
class LockGiven:
    """What changing a lock gives."""

    lock: LockState


RECORDS = {
    "ParentalLock": LockState,
    "SetParentalLock": LockGiven,
    "OpenParentalLock": LockGiven,
    "RemoveParentalLock": LockGiven,
}


@resolves("Query.parentalLock")
async def parental_lock(_: None, info: Info, user_id: str | None = None) -> LockState:
    """The lock."""
    return await info.context.house.parental_locks.state(info.context.viewer, user_id)


@resolves("Mutation.setParentalLock")
async def set_parental_lock(_: None, info: Info, pin: str, user_id: str | None = None) -> LockGiven:
    """The lock, set."""
    return LockGiven(await info.context.house.parental_locks.set(info.context.viewer, pin, user_id))


@resolves("Mutation.openParentalLock")
async def open_parental_lock(_: None, info: Info, pin: str) -> LockGiven:
    """The lock, open."""
    return LockGiven(await info.context.house.parental_locks.open(info.context.viewer, pin))


@resolves("Mutation.removeParentalLock")
async def remove_parental_lock(
    _: None, info: Info, pin: str | None = None, password: str | None = None, user_id: str | None = None
) -> LockGiven:
    """No lock."""
    remove = info.context.house.parental_locks.remove
    return LockGiven(await remove(info.context.viewer, pin=pin, password=password, user_id=user_id))
