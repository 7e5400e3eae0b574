"""From an access token to the viewer it stands for, fast enough for every 64 KB range of a stream.

Owns two small memories: tokens whose signature was found good (expiry is still checked each time), and sessions seen to
stand, a few seconds old at most and forgotten the moment a SessionEnded or their user's UserChanged is heard.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime

from services.accounts.sessions import Sessions
from services.accounts.tokens import Claims, Tokens, token_invalid
from services.clock import Clock
from services.entitlements.folding import tier_of
from services.events import Bus, Event, SessionEnded, UserChanged
from services.keys.key_ring import ID_START, KEY_START, KeyRing
from services.scopes import Scope
from services.viewer import Viewer
from storage.collections.store import Store

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Standing:
    """A session or a key that stood, and its user as they were, at `seen_at` (monotonic seconds)."""

    user_id: str
    roles: frozenset[str]
    tier: str
    explicit_content: bool
    is_proven: bool
    unseen: frozenset[str]
    muted: frozenset[str]
    ends_at: datetime
    seen_at: float
    scopes: frozenset[str] | None = None


class Viewers:
    """Turns access tokens into viewers; `stop` takes it off the bus.

    Without word of it (another process ended the session, or changed the user) an answer is at most `max_age_seconds`
    old.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        tokens: Tokens,
        sessions: Sessions,
        *,
        max_age_seconds: float = 5.0,
        limit: int = 10_000,
    ) -> None:
        self._store = store
        self._clock = clock
        self._tokens = tokens
        self._sessions = sessions
        self._keys = KeyRing(store, clock)
        self._max_age_seconds = max_age_seconds
        self._limit = limit
        self._seen: OrderedDict[str, _Standing] = OrderedDict()
        # By digest, so that no token lies about in memory longer than its request.
        self._read: OrderedDict[bytes, Claims] = OrderedDict()
        self._keys_read: OrderedDict[bytes, tuple[str, str, datetime | None]] = OrderedDict()
        self._sessions_of: dict[str, set[str]] = {}
        self._changes = 0
        self._undo = (bus.hear(SessionEnded, self._forget), bus.hear(UserChanged, self._forget))

    def stop(self) -> None:
        """Hear the bus no more; safe to call twice."""
        for deaf in self._undo:
            deaf()

    async def for_token(self, token: str) -> Viewer:
        """The viewer an access token or an API key stands for. Unauthenticated: TOKEN_EXPIRED, or TOKEN_INVALID for all
        else."""
        if token.startswith(KEY_START):
            return await self._standing_viewer(*await self._key_of(token))
        claims = self._claims_of(token)
        return await self._standing_viewer(claims.user_id, claims.session_id, claims.expires_at)

    async def for_session(self, user_id: str, session_id: str, *, fresh: bool = False) -> Viewer:
        """The viewer behind a session that something signed by us names; `fresh` reads them anew. Unauthenticated when
        it has ended."""
        if fresh:
            self._drop(session_id)
        return await self._standing_viewer(user_id, session_id, None)

    async def _standing_viewer(self, user_id: str, session_id: str, expires_at: datetime | None) -> Viewer:
        standing = self._remembered(session_id) or await self._look(session_id)
        if standing.user_id != user_id or standing.ends_at <= self._clock.now():
            raise token_invalid()
        return Viewer(
            user_id=standing.user_id,
            roles=standing.roles,
            session_id=session_id,
            tier=standing.tier,
            explicit_content=standing.explicit_content,
            is_proven=standing.is_proven,
            unseen=standing.unseen,
            muted=standing.muted,
            expires_at=expires_at,
            scopes=standing.scopes,
        )

    async def _key_of(self, token: str) -> tuple[str, str, datetime | None]:
        """Whose key it is, its id and its end; asked once, since a secret never becomes another's."""
        digest = hashlib.sha256(token.encode(errors="surrogatepass")).digest()
        known = self._keys_read.get(digest)
        if known is None:
            key = await self._keys.by_token(token)
            if key is None:
                raise token_invalid()
            known = self._keys_read[digest] = (key.user_id, key.id, key.expires_at)
            if len(self._keys_read) > self._limit:
                self._keys_read.popitem(last=False)
        return known

    def _claims_of(self, token: str) -> Claims:
        """What the token says; its signature is computed once, since the same bytes cannot turn bad but by expiring."""
        digest = hashlib.sha256(token.encode(errors="surrogatepass")).digest()
        claims = self._read.get(digest)
        if claims is None or claims.expires_at <= self._clock.now():
            self._read.pop(digest, None)
            claims = self._read[digest] = self._tokens.read_access(token)
            if len(self._read) > self._limit:
                self._read.popitem(last=False)
        return claims

    def _remembered(self, session_id: str) -> _Standing | None:
        standing = self._seen.get(session_id)
        if standing is None or self._clock.monotonic() - standing.seen_at >= self._max_age_seconds:
            return None
        self._seen.move_to_end(session_id)
        return standing

    async def _look(self, session_id: str) -> _Standing:
        changes = self._changes
        seen_at = self._clock.monotonic()
        user_id, scopes, ends_at = await self._entry(session_id)
        user = await self._store.users.get(user_id)
        if user is None or not self._sessions.admits(user):
            raise token_invalid()
        standing = _Standing(
            user_id=user.id,
            # A key acts for its owner; in their roles only if they gave it that.
            roles=frozenset(user.roles if scopes is None or Scope.MANAGE in scopes else ()),
            tier=tier_of(user, self._clock.now()),
            explicit_content=user.preferences.explicit_content,
            is_proven=self._sessions.is_proven(user),
            unseen=frozenset((*user.blocked_ids, *user.blocked_by_ids)),
            muted=frozenset(user.muted_ids),
            ends_at=ends_at,
            seen_at=seen_at,
            scopes=scopes,
        )
        # What was heard while we read may be about this session: then what we read must not be remembered.
        if changes == self._changes:
            self._seen[session_id] = standing
            self._seen.move_to_end(session_id)
            self._sessions_of.setdefault(standing.user_id, set()).add(session_id)
            while len(self._seen) > self._limit:
                self._drop(next(iter(self._seen)))
        return standing

    async def _entry(self, id: str) -> tuple[str, frozenset[str] | None, datetime]:
        """Whose session or key it is, what it may do, and until when. Unauthenticated when it does not stand."""
        if id.startswith(ID_START):
            key = await self._keys.get(id)
            if key is None:
                raise token_invalid()
            return key.user_id, frozenset(key.scopes), key.expires_at or _NEVER
        session = await self._store.sessions.get(id)
        if session is None or session.ended_at is not None:
            raise token_invalid()
        return session.user_id, None if session.scopes is None else frozenset(session.scopes), session.expires_at

    def forget(self, user_id: str) -> None:
        """Ask the store about this user next time."""
        self._changes += 1
        for session_id in list(self._sessions_of.get(user_id, ())):
            self._drop(session_id)

    def _forget(self, event: Event) -> None:
        if isinstance(event, SessionEnded):
            self._changes += 1
            self._drop(event.session_id)
        elif isinstance(event, UserChanged):
            self.forget(event.user_id)

    def _drop(self, session_id: str) -> None:
        standing = self._seen.pop(session_id, None)
        if standing is not None:
            sessions = self._sessions_of[standing.user_id]
            sessions.discard(session_id)
            if not sessions:
                del self._sessions_of[standing.user_id]
