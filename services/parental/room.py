"""The room of parental locks."""

from __future__ import annotations

from dataclasses import dataclass

from services.ground import Ground
from services.parental.locks import ParentalLocks
from services.shared_throttle import SharedCounts


@dataclass
class ParentalRoom:
    """What stands in `services/parental`."""

    parental_locks: ParentalLocks


def build_parental(ground: Ground) -> ParentalRoom:
    """The room, ready."""
    store, accounts = ground.store, ground.accounts

    async def is_guardian(owner_id: str, member_id: str) -> bool:
        # A member's row has their own id, and names the family by its owner's.
        member = await store.family_members.get(member_id)
        return member is not None and member.family_id == owner_id

    locks = ParentalLocks(
        store,
        ground.clock,
        ground.bus,
        accounts.passwords,
        accounts.reproof,
        SharedCounts(ground.clock, ground.live),
        is_guardian,
        ground.audit,
    )
    return ParentalRoom(locks)
