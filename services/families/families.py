"""The families: who is in which, where they live together, and the grants that follow from the owner's plan.

A family is its owner's: what its members have is for as long as the owner's own plan stands. Owns joining's bounds,
leaving and removing. Refuses to know invitations (`invitations.py`) and what a plan costs.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.audit.audit import Audit
from services.clock import Clock
from services.entitlements.folding import in_force, standing_at, timeline
from services.entitlements.grants import Grants
from services.errors import Conflict, Denied, Invalid, NotFound, PaymentRequired
from services.families.addresses import Address, digest, essence, is_same
from services.families.rules import FamilyRules
from services.shared_throttle import SharedBuckets
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records.family import Family, FamilyMember, FamilySwitch

log = logging.getLogger("tutti.families")

FAMILY = "family"
ROUNDS = 5
"""How often a family is looked at again because it changed meanwhile; the daily proof does the rest."""
_AT_ONCE = 200
GONE = "gone"
"""In place of a family whose owner was erased."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Whether somebody owns a family plan now, and until when as things stand."""

    stands: bool
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SeenFamily:
    """A family as its people see it."""

    family: Family
    members: Sequence[FamilyMember]
    plan: Plan
    people: int
    is_owner: bool


class Families:
    """The families of the house. `tries` bounds how often somebody may guess at an address."""

    def __init__(
        self, store: Store, clock: Clock, grants: Grants, audit: Audit, rules: FamilyRules, tries: SharedBuckets
    ) -> None:
        self._store = store
        self._clock = clock
        self._grants = grants
        self._audit = audit
        self._tries = tries
        self.rules = rules
        grants.hear(self.follow)

    async def mine(self, viewer: Viewer) -> SeenFamily | None:
        """The family that the viewer owns or is in; None in neither. Who has the plan has a family from now on."""
        user_id = viewer.require(Role.LISTENER)
        member = await self._store.family_members.get(user_id)
        plan = await self.plan_of(user_id if member is None else member.family_id)
        if member is not None:
            family = await self._store.families.get(member.family_id)
            return None if family is None else await self._seen(family, plan, is_owner=False)
        family = await self._store.families.get(user_id)
        if family is None and not plan.stands:
            return None
        return await self._seen(family or await self._found(user_id), plan, is_owner=True)

    async def plan_of(self, owner_id: str) -> Plan:
        """Whether somebody pays for, or was given, a family plan of their own, and until when."""
        own = [each for each in await self._grants.of_user(owner_id) if each.tier == FAMILY and each.source != FAMILY]
        standing = standing_at(timeline(own), self._clock.now())
        return Plan(standing.tier == FAMILY, standing.end)

    async def require_own(self, viewer: Viewer) -> Family:
        """The viewer's family. PaymentRequired without the plan, Conflict (IN_A_FAMILY) in another's."""
        user_id = viewer.require_oneself()
        if not (await self.plan_of(user_id)).stands:
            raise PaymentRequired("This needs a family plan of your own.")
        if await self._store.family_members.get(user_id) is not None:
            raise Conflict("You are in another family; leave it first.", code="IN_A_FAMILY")
        return await self._store.families.get(user_id) or await self._found(user_id)

    async def declare_address(self, viewer: Viewer, address: Address) -> SeenFamily:
        """Say where one lives: for the owner where the family does, for a member that it is the same place.

        A new address of the owner asks every member again. Invalid (ADDRESS_MISMATCH) for a member who says another,
        TooMany after five tries in some hours.
        """
        user_id = viewer.require_oneself()
        member = await self._store.family_members.get(user_id)
        if member is None:
            family = await self.require_own(viewer)
            await self._move(family, address)
        else:
            there = await self._store.families.get(member.family_id)
            if there is None:
                raise NotFound("There is no such family.")
            family = there
            await self.check_address(user_id, family, address)
            await self._store.family_members.update({"_id": user_id}, {"$unset": {"address_due_at": ""}})
            await self.follow(family.id)
        seen = await self.mine(viewer)
        if seen is None:
            raise NotFound("There is no such family.")
        return seen

    async def check_address(self, user_id: str, family: Family, address: Address | None) -> None:
        """Return if the address is the family's. Conflict (NO_ADDRESS) before its owner said one."""
        if not self.rules.same_address:
            return
        if address is None:
            raise Invalid("Say where you live.", field="address")
        essence(address)
        if not family.address:
            raise Conflict("The owner of the family has not said yet where it lives.", code="NO_ADDRESS")
        await self._tries.take(user_id)
        if not is_same(family.id, address, family.address, self.rules.keys):
            raise Invalid("This is not where the family lives.", code="ADDRESS_MISMATCH", field="address")
        await self._tries.give_back(user_id)

    async def join(self, viewer: Viewer, family_id: str) -> FamilyMember:
        """Take one of the family's places, with what its plan gives.

        Conflict: IN_A_FAMILY, OWNS_A_PLAN, FAMILY_FULL, FAMILY_TOO_SOON after another family; Gone plans are
        NotFound.
        """
        user_id, now = viewer.require_oneself(), self._clock.now()
        if user_id == family_id:
            raise Conflict("This is your own family.", code="IN_A_FAMILY")
        if not (await self.plan_of(family_id)).stands:
            raise NotFound("There is no such invitation any more.")
        if (await self.plan_of(user_id)).stands:
            raise Conflict("You have a family plan of your own; end it first.", code="OWNS_A_PLAN")
        last = await self._store.family_switches.get(user_id)
        free_at = None if last is None else last.joined_at + timedelta(days=self.rules.switch_days)
        if last is not None and last.family_id != family_id and free_at is not None and free_at > now:
            raise Conflict(
                f"You came into another family not long ago; you can change on {free_at:%Y-%m-%d}.",
                code="FAMILY_TOO_SOON",
                retry_after=(free_at - now).total_seconds(),
            )
        member = await self._take_place(user_id, family_id, now)
        switch = self._store.family_switches.codec.encode(FamilySwitch(user_id, family_id, now))
        switch.pop("_id")
        await self._store.family_switches.update({"_id": user_id}, {"$set": switch}, upsert=True)
        await self.follow(family_id)
        log.info("joined a family", extra={"user_id": user_id, "family_id": family_id})
        return member

    async def leave(self, viewer: Viewer) -> None:
        """Leave the family one is in. NotFound in none."""
        user_id = viewer.require_oneself()
        if not await self._let_go(user_id, {"_id": user_id}):
            raise NotFound("You are in no family of somebody else.")

    async def remove(self, viewer: Viewer, user_id: str) -> SeenFamily:
        """Take somebody out of one's own family. NotFound for who is not in it."""
        owner_id = viewer.require_oneself()
        if not await self._let_go(user_id, {"_id": user_id, "family_id": owner_id}):
            raise NotFound("There is no such person in your family.", field="userId")
        await self._audit.note(viewer, "family.remove", "user", user_id)
        seen = await self.mine(viewer)
        if seen is None:
            raise Denied("This needs a family of your own.")
        return seen

    async def forget(self, user_id: str) -> None:
        """An account goes: its place in a family is free, and its own family has no plan any more."""
        await self._let_go(user_id, {"_id": user_id})
        while members := await self._members(user_id):
            for member in members:
                await self._let_go(member.id, {"_id": member.id, "family_id": user_id})
        # When they came is still held against them; into whose family is nobody's business any more.
        await self._store.family_switches.update({"family_id": user_id}, {"$set": {"family_id": GONE}}, many=True)
        await self._store.family_invitations.delete({"family_id": user_id}, many=True)
        await self._store.families.delete({"_id": user_id})
        await self._store.family_switches.delete({"_id": user_id})

    async def follow(self, owner_id: str) -> None:
        """Have the members' grants be what the owner's plan says now. Safe to repeat; nothing for who owns none."""
        members = await self._members(owner_id)
        for _ in range(ROUNDS):
            if not members:
                return
            plan = await self.plan_of(owner_id)
            for member in members:
                await self._give(member, plan)
            # Somebody may have gone, come or paid while this was written: then it is looked at again.
            before, members = members, await self._members(owner_id)
            await self._take_back({each.id for each in before} - {each.id for each in members})
            if members == before and await self.plan_of(owner_id) == plan:
                return

    async def prove(self) -> int:
        """Have every family's grants be as they should, and none without a place; how many families. A job's work."""
        count = 0
        async for families in self._store.families.scan({}, batch=_AT_ONCE):
            for family in families:
                await self.follow(family.id)
                count += 1
        async for members in self._store.family_members.scan({}, batch=_AT_ONCE):
            known = await self._store.families.get_many([member.family_id for member in members])
            for member in members:
                if member.family_id not in known:
                    await self._let_go(member.id, {"_id": member.id, "family_id": member.family_id})
        async for grants in self._store.grants.scan({"source": FAMILY, "withdrawn_at": None}, batch=_AT_ONCE):
            await self._take_back(grant.user_id for grant in grants)
        return count

    async def _give(self, member: FamilyMember, plan: Plan) -> None:
        now, grant_id = self._clock.now(), _grant_id(member.id)
        until = min((end for end in (plan.until, member.address_due_at) if end is not None), default=None)
        if not plan.stands or (until is not None and until <= now):
            await self._grants.withdraw(grant_id)
            return
        there = await self._store.grants.get(grant_id)
        begins = there.starts_at if there is not None and in_force(there, now) else now
        await self._grants.put(grant_id, member.id, source=FAMILY, tier=FAMILY, starts_at=begins, ends_at=until)

    async def _take_back(self, user_ids: Iterable[str]) -> None:
        """Withdraw what those have who have no place in any family."""
        ids = list(user_ids)
        there = await self._store.family_members.get_many(ids) if ids else {}
        for user_id in ids:
            if user_id not in there:
                await self._grants.withdraw(_grant_id(user_id))

    async def _found(self, owner_id: str) -> Family:
        now = self._clock.now()
        family = Family(owner_id, now, now)
        try:
            await self._store.families.insert(family)
        except DuplicateKey:
            return await self._store.families.get(owner_id) or family
        return family

    async def _move(self, family: Family, address: Address) -> None:
        if family.address and is_same(family.id, address, family.address, self.rules.keys):
            return
        now = self._clock.now()
        kept = digest(family.id, address, self.rules.keys[0])
        await self._store.families.update({"_id": family.id}, {"$set": {"address": kept, "updated_at": now}})
        due = now + timedelta(days=self.rules.address_days)
        await self._store.family_members.update({"family_id": family.id}, {"$set": {"address_due_at": due}}, many=True)
        await self.follow(family.id)

    async def _take_place(self, user_id: str, family_id: str, now: datetime) -> FamilyMember:
        taken = {member.place for member in await self._members(family_id)}
        for number in range(1, self.rules.people):
            place = f"{family_id}:{number}"
            if place in taken:
                continue
            member = FamilyMember(user_id, family_id, place, now)
            try:
                await self._store.family_members.insert(member)
            except DuplicateKey as error:
                if error.index == "_id":
                    raise Conflict("You are in a family; leave it first.", code="IN_A_FAMILY") from error
                continue
            return member
        raise Conflict("All places of this family are taken.", code="FAMILY_FULL")

    async def _let_go(self, user_id: str, filter: dict[str, str]) -> bool:
        gone = await self._store.family_members.delete(filter)
        if gone:
            await self._grants.withdraw(_grant_id(user_id))
            log.info("left a family", extra={"user_id": user_id})
        return bool(gone)

    async def _members(self, family_id: str) -> list[FamilyMember]:
        return await self._store.family_members.find({"family_id": family_id}, sort=[("joined_at", 1)], limit=100)

    async def _seen(self, family: Family, plan: Plan, *, is_owner: bool) -> SeenFamily:
        return SeenFamily(family, await self._members(family.id), plan, self.rules.people, is_owner)


def _grant_id(user_id: str) -> str:
    return f"family:{user_id}"
