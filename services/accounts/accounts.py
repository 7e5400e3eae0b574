"""Accounts: registering and finding people.

Owns the rules and their answers; signing in, hashing, tokens, sessions, throttling and who may see whom are its
neighbours' work. No answer tells whether an account exists: registering has one for a taken e-mail and a taken username
(docs/accounts.md says what that can and cannot hide).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

from services.accounts.details import email_key
from services.accounts.drafting import draft_account
from services.accounts.gate import Gate
from services.accounts.logins import Logins
from services.accounts.password_strength import Strength
from services.accounts.passwords import Passwords
from services.accounts.people_access import PeopleAccess, seen_by
from services.accounts.reproof import Reproof
from services.accounts.sessions import Sessions
from services.accounts.signing_in import SignedIn, SigningIn
from services.accounts.tiers import Tiers
from services.accounts.tokens import Tokens, token_invalid
from services.accounts.viewers import Viewers
from services.clock import Clock
from services.entitlements.grants import Grants
from services.errors import Conflict, Denied, Invalid, NotFound
from services.events import Bus
from services.factors.challenges import Challenges
from services.factors.second_factors import SecondFactors
from services.keys.access_keys import AccessKeys
from services.sealing import Seals
from services.sign_ins.known_places import KnownPlaces
from services.sign_ins.my_sessions import MySessions
from services.typed_text import is_id
from services.viewer import SYSTEM, Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records import User, UserPreferences

log = logging.getLogger("tutti.accounts")

SECOND_FACTORS = "second factors"
"""The purpose for which authenticators' secrets are sealed."""
DEMO_DOMAIN = "demo.tutti"
DEMO_PASSWORD = "tutti-demo-2026"


class Accounts:
    """The accounts of this house. `stop` lets go of the hashing threads and the bus."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        passwords: Passwords,
        tokens: Tokens,
        sessions: Sessions,
        *,
        registration_open: bool = True,
        gate: Gate | None = None,
        viewers: Viewers | None = None,
        seals: Seals | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self.passwords = passwords
        self.registration_open = registration_open
        self._gate = gate or Gate(clock)
        self._logins = Logins(store)
        self._viewers = viewers or Viewers(store, clock, bus, tokens, sessions)
        self.grants = Grants(store, clock, bus)
        self._tiers = Tiers(store, clock, self.grants, self._logins.find)
        self.sessions = sessions
        self.second_factors = SecondFactors(store, clock, bus, seals or Seals([], SECOND_FACTORS))
        self.places = KnownPlaces(store)
        self.reproof = Reproof(store, clock, passwords, self._gate)
        self.challenges = Challenges(store, clock, self.second_factors)
        self.signing_in = SigningIn(
            store, clock, bus, passwords, sessions, self._gate, self._logins, self.challenges, self.places
        )
        self.access_keys = AccessKeys(store, clock, bus, self.reproof)
        self.my_sessions = MySessions(store, clock, sessions, self.access_keys, self.places)
        self.people = PeopleAccess(store, sessions.admits)

    def stop(self) -> None:
        """Let go of threads and bus; safe to call twice."""
        self._viewers.stop()
        self.passwords.stop()

    async def register(
        self,
        viewer: Viewer,
        *,
        email: str,
        username: str,
        password: str,
        first_name: str = "",
        last_name: str = "",
        user_agent: str = "",
        address: str = "",
    ) -> SignedIn:
        """A new account, signed in.

        Denied (REGISTRATION_CLOSED) when the house takes nobody; Invalid names the field; Conflict when the e-mail or
        the username is taken, without saying which; TooMany by address.
        """
        if not self.registration_open and not viewer.has(Role.ADMIN):
            raise Denied("Registration is closed.", code="REGISTRATION_CLOSED")
        draft = draft_account(self._clock, self.passwords, email, username, password, first_name, last_name)
        await self._gate.join(address)
        await self.passwords.require_strong(password, draft.email, draft.username, first_name, last_name)
        user = await self._create(draft, password)
        log.info("registered", extra={"user_id": user.id})
        return await self.signing_in.admit(user, user_agent=user_agent, address=address)

    async def viewer_for(self, token: str) -> Viewer:
        """The viewer an access token stands for. Unauthenticated: TOKEN_EXPIRED, or TOKEN_INVALID for all else."""
        return await self._viewers.for_token(token)

    async def viewer_of_session(self, user_id: str, session_id: str) -> Viewer:
        """Who a signed ticket stands for. Unauthenticated when that session has ended or its user may not enter."""
        return await self._viewers.for_session(user_id, session_id)

    async def renewed(self, viewer: Viewer, *, fresh: bool = False) -> Viewer:
        """The same signed-in viewer as they stand now, for somebody who stays: roles, tier and preferences change.

        Unauthenticated when their session has ended. As quick as `viewer_for`; `fresh` asks the store, for whoever
        heard of a change in another process.
        """
        if viewer.user_id is None or viewer.session_id is None:
            return viewer
        standing = await self._viewers.for_session(viewer.user_id, viewer.session_id, fresh=fresh)
        return replace(standing, expires_at=viewer.expires_at)

    def forget(self, user_id: str) -> None:
        """Somebody's account changed in another process: ask the store about them next time."""
        self._viewers.forget(user_id)

    async def me(self, viewer: Viewer) -> User:
        """The viewer's own account."""
        user = await self._store.users.get(viewer.require(Role.LISTENER))
        if user is None or not self.sessions.admits(user):
            raise token_invalid()
        return seen_by(viewer, user)

    async def audio_quality(self, viewer: Viewer) -> str:
        """The stream quality the viewer chose in their preferences; what an account starts with for nobody."""
        user = None if viewer.user_id is None else await self._store.users.get(viewer.user_id)
        return (UserPreferences() if user is None else user.preferences).audio_quality

    async def user(self, viewer: Viewer, id: str) -> User:
        """Somebody's account as this viewer may see it; NotFound when absent or not to be seen."""
        found = await self.users(viewer, [id])
        if id not in found:
            raise NotFound("There is no such user.")
        return found[id]

    async def users(self, viewer: Viewer, ids: Sequence[str]) -> dict[str, User]:
        """Several accounts by id, as this viewer may see them; the others are left out.

        One store command, and one more when profiles for followers alone are among them.
        """
        found = await self._store.users.get_many([id for id in ids if is_id(id)])
        return await self.people.seen(viewer, found.values())

    async def by_username(self, viewer: Viewer, username: str) -> User:
        """The account with that username in any letter case; NotFound when absent or not to be seen."""
        user = await self._logins.by_username(username)
        seen = await self.people.seen(viewer, [user] if user is not None else [])
        if user is None or user.id not in seen:
            raise NotFound("There is no such user.", field="username")
        return seen[user.id]

    async def by_login(self, viewer: Viewer, login: str) -> User:
        """The account that somebody signs in to by this e-mail or username, for the house's owner. NotFound."""
        viewer.require(Role.ADMIN)
        user = await self._logins.find(login)
        if user is None:
            raise NotFound("There is no such user.", field="login")
        return seen_by(viewer, user)

    async def find(self, viewer: Viewer, *, username: str | None = None, id: str | None = None) -> User | None:
        """One person by username or by id, as this viewer may see them; None when absent or not to be seen.

        Invalid unless exactly one of the two is given.
        """
        if (username is None) == (id is None):
            raise Invalid("Give either a username or an id.", field="username")
        try:
            return await (self.by_username(viewer, username) if username is not None else self.user(viewer, id or ""))
        except NotFound:
            return None

    async def create(
        self, viewer: Viewer, *, email: str, username: str, password: str, roles: Iterable[Role], is_demo: bool = False
    ) -> User:
        """An account made by the house or an admin, verified, with any username and the given roles. Conflict if taken.

        Signs nobody in and is not throttled.
        """
        viewer.require(Role.ADMIN)
        draft = draft_account(self._clock, self.passwords, email, username, password, house=True)
        draft.roles = sorted({role.value for role in roles} - {Role.ANYONE, Role.LISTENER})
        draft.is_verified = True
        draft.is_demo = is_demo
        await self.passwords.require_strong(password, draft.email, draft.username)
        user = await self._create(draft, password)
        log.info("account created", extra={"user_id": user.id, "roles": user.roles})
        return seen_by(viewer, user)

    async def create_admin(self, viewer: Viewer = SYSTEM, *, email: str, username: str, password: str) -> User:
        """An admin account, for the maintenance command. Invalid and Conflict as in `register`."""
        return await self.create(viewer, email=email, username=username, password=password, roles=[Role.ADMIN])

    async def set_tier(self, viewer: Viewer, login: str, tier: str, *, days: int | None = None) -> User:
        """Give an account a subscription, or end it; see `Tiers.give`."""
        return await self._tiers.give(viewer, login, tier, days=days)

    async def create_demo_accounts(self) -> list[User]:
        """The three accounts a newcomer signs in with, those that were there already included. Denied in production."""
        if self.sessions.production:
            raise Denied("Demo accounts do not exist in production.")
        accounts = []
        for name, role in (("listener", Role.LISTENER), ("artist", Role.ARTIST), ("admin", Role.ADMIN)):
            email = f"{name}@{DEMO_DOMAIN}"
            found = await self._store.users.by_email_key(email_key(email))
            if found is None:
                found = await self.create(
                    SYSTEM, email=email, username=f"demo-{name}", password=DEMO_PASSWORD, roles=[role], is_demo=True
                )
            accounts.append(seen_by(SYSTEM, found))
        return accounts

    async def new_password_hash(self, user: User, password: str, *, field: str) -> str:
        """The hash of a password that somebody chose anew. Invalid as at registration."""
        self.passwords.check(password, email=user.email, username=user.username, field=field)
        own = (user.email, user.username, user.first_name, user.last_name)
        await self.passwords.require_strong(password, *own, field=field)
        return await self.passwords.hash(password)

    async def password_strength(self, password: str, *own: str, address: str = "") -> Strength:
        """How strong a password would be, for whoever is about to choose one. TooMany by address."""
        self._gate.try_weigh(address)
        return await self.passwords.weigh(password, *own)

    async def _create(self, draft: User, password: str) -> User:
        # Hashed before anybody looks whether the names are free; the unique indexes alone decide that.
        draft.password_hash = await self.passwords.hash(password)
        try:
            await self._store.users.insert(draft)
        except DuplicateKey as error:
            raise Conflict("That e-mail or username cannot be used.") from error
        return draft
