"""Everybody with an account, for admins: finding them, what they have, which roles they act in.

Owns the list, the sheet and the change of roles. Refuses to know what roles allow; who gives tiers.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.accounts.accounts import Accounts
from services.accounts.details import email_key, username_key
from services.audit.audit import Audit
from services.catalogue.access import Condition
from services.catalogue.listing import Order, page_of
from services.clock import Clock
from services.errors import Conflict, Invalid, NotFound
from services.events import Bus, UserChanged
from services.paging import Page, Slice
from services.security_events import SecurityMattered, SecurityStep
from services.typed_text import is_printable
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.language import prefix
from storage.records import User
from storage.records.grant import Grant

log = logging.getLogger("tutti.office")

SEARCH_CHARACTERS = 120
RECENT = timedelta(days=30)
COUNTED = 10_000
UPLOADS_SUMMED = 1000
GIVEN_ROLES = (Role.ARTIST, Role.MODERATOR, Role.ADMIN)
STATES: dict[str, Condition] = {
    "active": {"is_suspended": False},
    "suspended": {"is_suspended": True, "banned_at": None},
    "banned": {"banned_at": {"$exists": True}},
}
ORDERS = {
    "newest": Order("created_at", -1, datetime),
    "oldest": Order("created_at", 1, datetime),
    "name": Order("username_key", 1, str),
    "changed": Order("updated_at", -1, datetime),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which accounts are wanted; None is any. `search` is the beginning of a name or an address, or an id."""

    search: str | None = None
    role: str | None = None
    tier: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What there is to know of one account. Counts end at 10,000; `upload_bytes` adds the last 1,000 uploads."""

    user: User
    session_count: int
    last_seen_at: datetime | None
    has_second_factor: bool
    grants: list[Grant]
    upload_count: int
    upload_bytes: int
    playlist_count: int
    plays_lately: int
    last_play_at: datetime | None
    report_count: int


class OfficePeople:
    """The accounts as admins see them."""

    def __init__(self, store: Store, clock: Clock, bus: Bus, accounts: Accounts, audit: Audit) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._accounts = accounts
        self._audit = audit

    async def listing(
        self, viewer: Viewer, part: Slice, wanted: Wanted, *, order: str = "newest", counted: bool = True
    ) -> Page[User]:
        """One page of the accounts that are wanted. Invalid for a search that no name could begin with."""
        viewer.require(Role.ADMIN)
        conditions: list[Condition] = []
        search = (wanted.search or "").strip()
        if search:
            if len(search) > SEARCH_CHARACTERS or not is_printable(search):
                raise Invalid(f"A search has at most {SEARCH_CHARACTERS} characters in one line.", field="search")
            begun = [{"username_key": prefix(username_key(search))}, {"email_key": prefix(email_key(search))}]
            conditions.append({"$or": [*begun, {"_id": search}]})
        if wanted.role is not None:
            conditions.append({"roles": wanted.role})
        if wanted.tier is not None:
            conditions.append({"subscription_type": wanted.tier})
        if wanted.state is not None:
            conditions.append(STATES[wanted.state])
        return await page_of(self._store.users, conditions, ORDERS[order], part, counted=counted)

    async def sheet(self, viewer: Viewer, user_id: str) -> Sheet | None:
        """One account's sheet; None when there is no such account."""
        viewer.require(Role.ADMIN)
        user = await self._store.users.get(user_id)
        if user is None:
            return None
        store, now = self._store, self._clock.now()
        alive = {"user_id": user_id, "ended_at": None, "expires_at": {"$gt": now}}
        sessions = await store.sessions.find(alive, sort=[("created_at", -1)], limit=COUNTED)
        factor = await store.second_factors.get(user_id)
        uploads = await store.uploads.find({"user_id": user_id}, limit=UPLOADS_SUMMED)
        plays = await store.plays.find({"user_id": user_id}, sort=[("started_at", -1)], limit=1)
        lately = {"user_id": user_id, "started_at": {"$gt": now - RECENT}}
        return Sheet(
            user=user,
            session_count=len(sessions),
            last_seen_at=max((session.refreshed_at for session in sessions), default=None),
            has_second_factor=factor is not None and factor.confirmed_at is not None,
            grants=await store.grants.find({"user_id": user_id}, sort=[("starts_at", -1)], limit=20),
            upload_count=await store.uploads.count({"user_id": user_id}, limit=COUNTED),
            upload_bytes=sum(upload.size for upload in uploads),
            playlist_count=await store.playlists.count({"user_id": user_id}, limit=COUNTED),
            plays_lately=await store.plays.count(lately, limit=COUNTED),
            last_play_at=plays[0].started_at if plays else None,
            report_count=await store.reports.count({"reporter_id": user_id}, limit=COUNTED),
        )

    async def set_roles(self, viewer: Viewer, user_id: str, roles: Sequence[str]) -> User:
        """Have somebody act in exactly these roles, beside that of a listener. They are told, and it is audited.

        NotFound without the account; Conflict (LAST_ADMIN) when no admin who can sign in would be left.
        """
        viewer.require(Role.ADMIN)
        viewer.require_oneself()
        given = [role.value for role in GIVEN_ROLES if role.value in set(roles)]
        if set(roles) - {role.value for role in GIVEN_ROLES}:
            raise Invalid("The roles to give are artist, moderator and admin.", field="roles")
        before = await self._store.users.get(user_id)
        if before is None:
            raise NotFound("There is no such user.", field="userId")
        kept = [role for role in before.roles if role not in set(GIVEN_ROLES)]
        if {*before.roles} == {*kept, *given}:
            return before
        now = self._clock.now()
        after = await self._write(user_id, [*kept, *given], now)
        if Role.ADMIN in before.roles and Role.ADMIN not in given and not await self._has_admin():
            # Counted after the write, so that two admins who take the role from each other cannot both go through.
            await self._write(user_id, before.roles, now)
            raise Conflict("This is the last admin: make somebody else one first.", code="LAST_ADMIN", field="roles")
        self._accounts.forget(user_id)
        self._bus.publish(UserChanged(user_id))
        self._bus.publish(SecurityMattered(user_id, SecurityStep.ROLES_CHANGED, now))
        await self._audit.note(viewer, "user.roles", "user", user_id, before=sorted(before.roles), after=sorted(given))
        log.info("roles changed", extra={"user_id": user_id, "roles": given})
        return after or before

    async def set_tier(self, viewer: Viewer, user_id: str, tier: str, *, days: int | None = None) -> User:
        """Give an account a tier, or take the house's gift back with `free`; see `Accounts.set_tier`. Audited."""
        user = await self._known(viewer, user_id)
        await self._accounts.set_tier(viewer, user.username, tier, days=days)
        await self._audit.note(viewer, "user.tier", "user", user_id, tier=tier, days=days)
        return await self._store.users.get(user_id) or user

    async def end_sessions(self, viewer: Viewer, user_id: str) -> int:
        """Sign somebody out everywhere; how many sessions ended. Audited."""
        await self._known(viewer, user_id)
        ended = await self._accounts.sessions.end_all(user_id)
        await self._audit.note(viewer, "user.sessions_end", "user", user_id, ended=ended)
        return ended

    async def _known(self, viewer: Viewer, user_id: str) -> User:
        viewer.require(Role.ADMIN)
        user = await self._store.users.get(user_id)
        if user is None:
            raise NotFound("There is no such user.", field="userId")
        return user

    async def _write(self, user_id: str, roles: list[str], now: datetime) -> User | None:
        change: dict[str, Any] = {"$set": {"roles": roles, "updated_at": now}}
        return await self._store.users.update_and_get({"_id": user_id}, change)

    async def _has_admin(self) -> bool:
        return await self._store.users.count({"roles": "admin", "is_suspended": False}, limit=1) > 0
