"""The walk to a provider and back: the question, the answer, and the code by which the page fetches what came of it.

Owns the code: random, kept as a hash, good once and for two minutes, so that no token stands in an address or a log.
Refuses to know cookies (the door's) and accounts (`identities.py`).
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta

from services.accounts.signing_in import SignedIn
from services.clock import Clock
from services.errors import Denied, Invalid, NotFound, Unavailable
from services.identities.code_flow import Begun, CodeFlow, Proven
from services.identities.id_tokens import Untrue
from services.identities.identities import Identities
from services.identities.providers import Provider
from services.outgoing.addresses import Unreachable
from services.outgoing.outgoing import Outgoing
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records.identity import Identity
from storage.records.sign_in_code import SignInCode

log = logging.getLogger("tutti.identities")

CODE_GOOD = timedelta(minutes=2)
_LONGEST = 100


class ProviderWalk:
    """The ways in by the providers of this house."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        outgoing: Outgoing,
        identities: Identities,
        providers: Sequence[Provider],
        *,
        public_url: str = "",
    ) -> None:
        self._store = store
        self._clock = clock
        self._identities = identities
        self._public_url = public_url.rstrip("/")
        self._flows = {each.name: CodeFlow(each, outgoing, clock) for each in providers}

    @property
    def providers(self) -> list[Provider]:
        """Those that are set up, in the order of their buttons."""
        return [flow.provider for flow in self._flows.values()]

    async def begin(self, name: str, base: str) -> Begun:
        """Where the browser goes, and the secret of its cookie. NotFound for no such provider, Unavailable when it
        does not answer. `base` is how the caller reached us, for a house that was told no address of its own."""
        flow = self._flow(name)
        try:
            return await flow.begin(self._back(name, base))
        except (Unreachable, Untrue) as trouble:
            raise self._away(flow, trouble) from trouble

    async def finish(self, name: str, base: str, secret: str, answer: Mapping[str, str]) -> str:
        """The code for the page. Denied (SIGN_IN_FAILED) for an answer that proves nothing; Unavailable."""
        flow = self._flow(name)
        try:
            proven = await flow.finish(secret, self._back(name, base), answer)
        except Untrue as trouble:
            log.info("a provider's answer is not believed", extra={"provider": name, "reason": str(trouble)})
            raise Denied("That sign-in did not work. Please begin again.", code="SIGN_IN_FAILED") from trouble
        except Unreachable as trouble:
            raise self._away(flow, trouble) from trouble
        code = secrets.token_urlsafe(32)
        kept = SignInCode(
            id=_hash(code),
            provider=proven.provider,
            subject=proven.subject,
            expires_at=self._clock.now() + CODE_GOOD,
            email=proven.email,
            email_verified=proven.email_verified,
            name=proven.name,
            has_roles=proven.roles is not None,
            roles=sorted(role.value for role in proven.roles or ()),
        )
        await self._store.sign_in_codes.insert(kept)
        return code

    async def redeem(self, code: str, *, user_agent: str = "", address: str = "") -> SignedIn:
        """The session for a code. Invalid (CODE_NOT_GOOD); else as `Identities.enter`."""
        return await self._identities.enter(await self._spent(code), user_agent=user_agent, address=address)

    async def link(self, viewer: Viewer, code: str, *, password: str | None = None) -> Identity:
        """Let the viewer enter by whom a code proves as well. Invalid (CODE_NOT_GOOD); else as `Identities.link`."""
        viewer.require_oneself()
        return await self._identities.link(viewer, await self._spent(code), password=password)

    async def sweep(self) -> int:
        """Forget codes that nobody fetched; how many. A periodic job."""
        return await self._store.sign_in_codes.delete({"expires_at": {"$lt": self._clock.now()}}, many=True)

    async def _spent(self, code: str) -> Proven:
        bad = Invalid("This sign-in has run out. Please begin again.", field="code", code="CODE_NOT_GOOD")
        kept = await self._store.sign_in_codes.get(_hash(code)) if 0 < len(code) <= _LONGEST else None
        if kept is None or kept.expires_at <= self._clock.now():
            raise bad
        # Whoever deletes it has it.
        if not await self._store.sign_in_codes.delete({"_id": kept.id}):
            raise bad
        roles = frozenset(Role(role) for role in kept.roles) if kept.has_roles else None
        return Proven(kept.provider, kept.subject, kept.email, kept.email_verified, kept.name, roles)

    def _flow(self, name: str) -> CodeFlow:
        flow = self._flows.get(name)
        if flow is None:
            raise NotFound("There is no such way to sign in here.")
        return flow

    def _back(self, name: str, base: str) -> str:
        return f"{self._public_url or base.rstrip('/')}/auth/{name}/callback"

    def _away(self, flow: CodeFlow, trouble: Exception) -> Unavailable:
        log.warning("a provider does not answer", extra={"provider": flow.provider.name, "reason": str(trouble)[:200]})
        return Unavailable(f"{flow.provider.title} does not answer just now. Try again in a while.")


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode(errors="surrogatepass")).hexdigest()
