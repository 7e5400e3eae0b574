"""Invitations into families: by mail with a link, or to an account by its name; each good once and for some days.

Owns their states. A link's token leaves by mail alone and is kept as a digest; unknown, answered and expired ones are
one answer. Refuses to know places and grants.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from services.accounts.accounts import Accounts
from services.accounts.details import read_email
from services.clock import Clock
from services.errors import Conflict, Invalid, NotFound, TuttiError
from services.families.addresses import Address
from services.families.families import Families, SeenFamily
from services.families.letters import invitation as letter
from services.mail.outbox import Outbox
from services.shared_throttle import SharedBuckets
from services.typed_text import is_id
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records.family import Family, FamilyInvitation

TOKEN_BYTES = 32
TOKEN_LIMIT = 100
OPEN_LIMIT = 20
"""Invitations that one family may have under way."""


class FamilyInvitations:
    """Asks people into families and takes their answers. `sends` bounds how many mails one family has sent."""

    def __init__(
        self, store: Store, clock: Clock, accounts: Accounts, families: Families, outbox: Outbox, sends: SharedBuckets,
        *, public_url: str,
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._accounts = accounts
        self._families = families
        self._outbox = outbox
        self._sends = sends
        self._home = f"{public_url.rstrip('/') or 'http://localhost'}/"

    async def invite(
        self, viewer: Viewer, *, email: str | None = None, username: str | None = None
    ) -> FamilyInvitation:
        """Ask one person in: by e-mail (the answer is the same whether there is an account or not) or by username.

        PaymentRequired without a family plan; Conflict: NO_ADDRESS before the owner said where they live, FAMILY_FULL;
        NotFound for nobody of that name; TooMany beyond some mails a day.
        """
        family = await self._families.require_own(viewer)
        if (email is None) == (username is None):
            raise Invalid("Give either an email or a username.", field="email")
        if self._families.rules.same_address and not family.address:
            raise Conflict("Say first where your family lives.", code="NO_ADDRESS")
        await self._require_room(family)
        me = await self._accounts.me(viewer)
        receiver_id, receiver, shown = None, email or "", ""
        if username is not None:
            found = await self._accounts.by_username(viewer, username)
            if found.id == viewer.user_id:
                raise Invalid("This is you.", field="username")
            account = await self._accounts.people.standing(found.id)
            receiver_id, receiver, shown = found.id, "" if account is None else account.email, found.username
        else:
            receiver = read_email(receiver)
            shown = _masked(receiver)
        await self._sends.take(family.id)
        now, token = self._clock.now(), secrets.token_urlsafe(TOKEN_BYTES)
        made = FamilyInvitation(
            id=self._clock.new_id(),
            family_id=family.id,
            token_hash=_digest(token),
            shown=shown,
            created_at=now,
            expires_at=now + self._families.rules.invite_life,
            receiver_id=receiver_id,
        )
        await self._store.family_invitations.insert(made)
        if receiver:
            url = None if receiver_id is not None else f"{self._home}#/family/{token}"
            words = letter("there" if receiver_id is None else shown, me.username, url, self._home, made.expires_at)
            await self._outbox.put(f"family_invitation:{made.id}", receiver, words)
        return made

    async def open_of(self, viewer: Viewer) -> list[FamilyInvitation]:
        """The invitations of the viewer's own family that wait for an answer, the newest first."""
        return await self._open({"family_id": viewer.require(Role.LISTENER)})

    async def waiting(self, viewer: Viewer) -> list[FamilyInvitation]:
        """The invitations that wait for the viewer's answer, the newest first. Those by link are known by it alone."""
        return await self._open({"receiver_id": viewer.require(Role.LISTENER)})

    async def withdraw(self, viewer: Viewer, id: str) -> FamilyInvitation:
        """Take back an invitation of one's own family. NotFound when it waits no more."""
        mine = {"_id": id if is_id(id) else "", "family_id": viewer.require_oneself()}
        return await self._answer(viewer, mine, "withdrawn")

    async def accept(
        self, viewer: Viewer, *, id: str | None = None, token: str | None = None, address: Address | None = None
    ) -> SeenFamily:
        """Come into the family: by the id of an invitation to oneself, or by the token of a link.

        Refuses as `Families.check_address` and `Families.join`; a refused invitation can be answered again.
        """
        mine = self._named(viewer, id, token)
        found = await self._store.family_invitations.first(mine)
        if found is None or found.expires_at <= self._clock.now():
            raise _nothing()
        family = await self._store.families.get(found.family_id)
        if family is None:
            raise _nothing()
        user_id = viewer.require_oneself()
        await self._families.check_address(user_id, family, address)
        # Spent before the place is taken, so that two cannot come in by one link.
        spent = await self._answer(viewer, mine, "accepted")
        try:
            await self._families.join(viewer, family.id)
        except TuttiError:
            again = {"$set": {"state": "open"}, "$unset": {"answered_at": "", "answered_by": ""}}
            await self._store.family_invitations.update({"_id": spent.id, "answered_by": user_id}, again)
            raise
        seen = await self._families.mine(viewer)
        if seen is None:
            raise _nothing()
        return seen

    async def decline(self, viewer: Viewer, *, id: str | None = None, token: str | None = None) -> None:
        """Say no, once and for all. NotFound when it waits no more."""
        await self._answer(viewer, self._named(viewer, id, token), "declined")

    async def sweep(self) -> int:
        """Forget invitations that ended over a month ago; how many. A periodic job's work."""
        old = {"expires_at": {"$lt": self._clock.now() - 4 * self._families.rules.invite_life}}
        return await self._store.family_invitations.delete(old, many=True)

    async def _require_room(self, family: Family) -> None:
        people = await self._store.family_members.count({"family_id": family.id})
        waiting = len(await self._open({"family_id": family.id}))
        if people >= self._families.rules.people - 1:
            raise Conflict("All places of your family are taken.", code="FAMILY_FULL")
        if waiting >= OPEN_LIMIT:
            raise Conflict("Too many of your invitations wait for an answer.", code="TOO_MANY_INVITATIONS")

    async def _open(self, whose: dict[str, Any]) -> list[FamilyInvitation]:
        good = {"state": "open", "expires_at": {"$gt": self._clock.now()}}
        return await self._store.family_invitations.find(whose | good, sort=[("created_at", -1)], limit=OPEN_LIMIT)

    def _named(self, viewer: Viewer, id: str | None, token: str | None) -> dict[str, Any]:
        user_id = viewer.require_oneself()
        if (id is None) == (token is None):
            raise Invalid("Give either an id or a token.", field="id")
        if token is not None:
            if not 0 < len(token) <= TOKEN_LIMIT:
                raise _nothing()
            return {"token_hash": _digest(token), "receiver_id": None, "state": "open"}
        return {"_id": id if is_id(id) else "", "receiver_id": user_id, "state": "open"}

    async def _answer(self, viewer: Viewer, named: dict[str, Any], state: str) -> FamilyInvitation:
        now = self._clock.now()
        answered = {"state": state, "answered_at": now, "answered_by": viewer.require_oneself()}
        good = {**named, "state": "open", "expires_at": {"$gt": now}}
        found = await self._store.family_invitations.update_and_get(good, {"$set": answered})
        if found is None:
            raise _nothing()
        return found


def _nothing() -> NotFound:
    return NotFound("There is no such invitation any more.")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _masked(email: str) -> str:
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain}"
