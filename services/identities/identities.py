"""From what a provider proves to an account of this house: found, made, or joined to one that is there.

Owns who may be joined to whom. Refuses to know how a provider proves anything (`code_flow.py`), and to begin sessions
(`SigningIn.admit`).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping

from services.accounts.details import email_key, read_email, username_key
from services.accounts.sessions import Sessions
from services.accounts.signing_in import SignedIn, SigningIn
from services.clock import Clock
from services.errors import Conflict, Denied, Invalid, NotFound, Unauthenticated
from services.events import Bus, UserChanged
from services.identities.code_flow import Proven
from services.identities.providers import Provider
from services.identities.usernames import suggested_usernames
from services.reproving import AuditLog, Reproof
from services.viewer import SYSTEM, Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records import User
from storage.records.identity import Identity

log = logging.getLogger("tutti.identities")

MOST = 20
"""Providers by which one account may be known."""


class Identities:
    """The ways in by other providers, of everybody."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        sessions: Sessions,
        signing_in: SigningIn,
        reproof: Reproof,
        audit: AuditLog,
        providers: Mapping[str, Provider],
        *,
        registration_open: bool = True,
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._sessions = sessions
        self._signing_in = signing_in
        self._reproof = reproof
        self._audit = audit
        self._providers = providers
        self._registration_open = registration_open

    async def enter(self, proven: Proven, *, user_agent: str = "", address: str = "") -> SignedIn:
        """A session for whom a provider has just proven, with a new account where there is none.

        Denied (SIGN_IN_FIRST) where an account has that address and not both sides vouch for it, (EMAIL_NEEDED),
        (REGISTRATION_CLOSED); Unauthenticated (WRONG_CREDENTIALS) for somebody who may not enter; else as `admit`.
        """
        identity = await self._store.identities.get(_id_of(proven))
        user = None if identity is None else await self._store.users.get(identity.user_id)
        if identity is None or user is None:
            user = await self._newcomer(proven)
        if not self._sessions.admits(user):
            raise Unauthenticated("These credentials are not right.", code="WRONG_CREDENTIALS")
        user = await self._with_roles(user, proven)
        change = {"$set": {"used_at": self._clock.now(), "email": proven.email}}
        await self._store.identities.update({"_id": _id_of(proven), "user_id": user.id}, change)
        return await self._signing_in.admit(user, user_agent=user_agent, address=address, proof=proven.provider)

    async def link(self, viewer: Viewer, proven: Proven, *, password: str | None = None) -> Identity:
        """Let the viewer also enter by this provider, once they proved themselves again. Conflict when it is taken."""
        await self._reproof.require(viewer, password=password)
        user_id = viewer.require_oneself()
        if len(await self.mine(viewer)) >= MOST:
            raise Conflict(f"An account has at most {MOST} other ways in.")
        identity = await self._keep(user_id, proven)
        if identity.user_id != user_id:
            raise Conflict("That sign-in belongs to another account.", code="IDENTITY_TAKEN")
        await self._audit.note(viewer, "identity.linked", "user", user_id, provider=proven.provider)
        return identity

    async def unlink(self, viewer: Viewer, id: str, *, password: str | None = None) -> None:
        """End one of the viewer's ways in. NotFound; Denied (LAST_WAY_IN) when nothing else would let them in."""
        await self._reproof.require(viewer, password=password)
        user_id = viewer.require_oneself()
        identity = await self._store.identities.first({"_id": id, "user_id": user_id})
        if identity is None:
            raise NotFound("There is no such sign-in.")
        await self._store.identities.delete({"_id": id, "user_id": user_id})
        # Looked at afterwards, so that two who unlink at once cannot each take the other's way in for granted.
        user = await self._store.users.get(user_id)
        if user is not None and not user.password_hash and not await self.mine(viewer):
            await self._store.identities.insert(identity)
            raise Denied("This is the only way into your account. Set a password first.", code="LAST_WAY_IN")
        await self._audit.note(viewer, "identity.unlinked", "user", user_id, provider=identity.provider)

    async def mine(self, viewer: Viewer) -> list[Identity]:
        """The viewer's own ways in, the oldest first."""
        user_id = viewer.require_oneself()
        return await self._store.identities.find({"user_id": user_id}, sort=[("created_at", 1)], limit=MOST)

    async def _newcomer(self, proven: Proven) -> User:
        if not proven.email:
            raise Denied("The provider tells no e-mail address, and an account needs one.", code="EMAIL_NEEDED")
        try:
            email = read_email(proven.email)
        except Invalid:
            raise Denied("The provider's e-mail address cannot be used here.", code="EMAIL_NEEDED") from None
        there = await self._store.users.by_email_key(email_key(email))
        if there is None:
            return await self._made(proven, email)
        # An address counts where both vouch: else whoever registers it first, here or there, would get in.
        if not (proven.email_verified and there.is_verified):
            raise Denied(
                "Sign in with your password first, then connect this provider in the settings.", code="SIGN_IN_FIRST"
            )
        if not self._sessions.admits(there):
            raise Unauthenticated("These credentials are not right.", code="WRONG_CREDENTIALS")
        identity = await self._keep(there.id, proven)
        if identity.user_id != there.id:
            raise Conflict("That sign-in belongs to another account.", code="IDENTITY_TAKEN")
        await self._audit.note(SYSTEM, "identity.joined", "user", there.id, provider=proven.provider)
        return there

    async def _made(self, proven: Proven, email: str) -> User:
        if not self._registration_open:
            raise Denied("Registration is closed.", code="REGISTRATION_CLOSED")
        now = self._clock.now()
        # Without the provider's word the address stays unproven, and nobody is joined to the account by it.
        hints = (proven.name, email) if proven.email_verified else (proven.name,)
        for username in suggested_usernames(*hints):
            user = User(
                id=self._clock.new_id(),
                email=email,
                email_key=email_key(email),
                username=username,
                username_key=username_key(username),
                password_hash="",
                created_at=now,
                updated_at=now,
                is_verified=proven.email_verified,
            )
            try:
                await self._store.users.insert(user)
            except DuplicateKey:
                continue
            identity = await self._keep(user.id, proven)
            if identity.user_id != user.id:
                # Two came back at once as the same person: one account is enough.
                await self._store.users.delete({"_id": user.id})
                return await self._store.users.get(identity.user_id) or user
            log.info("registered by a provider", extra={"user_id": user.id, "provider": proven.provider})
            return user
        raise Conflict("That e-mail or username cannot be used.")

    async def _keep(self, user_id: str, proven: Proven) -> Identity:
        now = self._clock.now()
        made = Identity(_id_of(proven), user_id, proven.provider, proven.subject, now, now, proven.email)
        try:
            await self._store.identities.insert(made)
        except DuplicateKey:
            there = await self._store.identities.get(made.id)
            if there is None or await self._store.users.get(there.user_id) is not None:
                return there or made
            # Its account is gone, and with it the claim.
            mine = {"$set": {"user_id": user_id, "created_at": now}}
            await self._store.identities.update({"_id": made.id, "user_id": there.user_id}, mine)
        return made

    async def _with_roles(self, user: User, proven: Proven) -> User:
        """The roles that the provider has a say in follow it, both ways; all others stay as they are."""
        provider = self._providers.get(proven.provider)
        if provider is None or proven.roles is None:
            return user
        managed = {role.value for role in provider.roles.values()}
        given = {role.value for role in proven.roles} - {Role.ANYONE.value, Role.LISTENER.value}
        roles = sorted((set(user.roles) - managed) | given)
        if roles == sorted(user.roles):
            return user
        change = {"$set": {"roles": roles, "updated_at": self._clock.now()}}
        changed = await self._store.users.update_and_get({"_id": user.id, "updated_at": user.updated_at}, change)
        if changed is None:
            raise Conflict("Your account changed just now. Try again.")
        told = {"provider": proven.provider, "roles": " ".join(roles)}
        await self._audit.note(SYSTEM, "roles.followed", "user", user.id, **told)
        self._bus.publish(UserChanged(user.id))
        return changed


def _id_of(proven: Proven) -> str:
    return hashlib.sha256(f"{proven.provider}\0{proven.subject}".encode()).hexdigest()
