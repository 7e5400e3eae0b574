"""Giving an artist up, taking one back, and handing one over: what moderators and owners do to claims that stand.

Owns who may and who is told. Refuses to know how an owner changes (`owners.py`).
"""

from __future__ import annotations

from services.audit.audit import Audit
from services.claims import letters
from services.claims.desk import REASON_LIMIT, read_reason
from services.claims.owners import ArtistOwners
from services.claims.telling import ClaimNews
from services.clock import Clock
from services.errors import Conflict, Denied, NotFound
from services.typed_text import is_id, read_prose
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import Artist


class HandingOver:
    """Changes of owner without a claim."""

    def __init__(self, store: Store, clock: Clock, owners: ArtistOwners, news: ClaimNews, audit: Audit) -> None:
        self._store = store
        self._clock = clock
        self._owners = owners
        self._news = news
        self._audit = audit

    async def release(self, viewer: Viewer, artist_id: str, reason: str = "") -> Artist:
        """The artist is nobody's again, and loses the badge: by its owner, or by a moderator, who says why.

        NotFound for somebody else's artist; Conflict (NOT_OWNED) when it is nobody's.
        """
        user_id = viewer.require_oneself()
        artist = await self._artist(artist_id)
        is_own = artist.owner_id == user_id
        if not is_own and not viewer.has(Role.MODERATOR):
            raise NotFound("There is no such artist.", field="artistId")
        if artist.owner_id is None:
            raise Conflict("This artist is nobody's.", code="NOT_OWNED", field="artistId")
        reason = read_prose(reason, "reason", "A reason", REASON_LIMIT) if is_own else read_reason(reason)
        released = await self._owners.take(artist.id, before=artist.owner_id)
        if released is None:
            raise Conflict("The artist has just changed hands; look again.", code="CLAIM_CHANGED")
        await self._close(artist.id, artist.owner_id)
        await self._audit.note(viewer, "artist.release", "artist", artist.id, owner=artist.owner_id, reason=reason)
        if not is_own:
            await self._news.tell(artist.owner_id, letters.taken(released, reason, self._key("taken")))
        return released

    async def transfer(self, viewer: Viewer, artist_id: str, user_id: str, reason: str) -> Artist:
        """The artist is another account's, by a moderator, who says why; both sides are told.

        NotFound without artist or account; Denied (CONCERNS_YOU) for one's own artist and to oneself; Conflict:
        ALREADY_THEIRS, CLAIMANT_AWAY for a suspended account.
        """
        decider = viewer.require(Role.MODERATOR)
        viewer.require_oneself()
        artist = await self._artist(artist_id)
        receiver = await self._store.users.get(user_id) if is_id(user_id) else None
        if receiver is None:
            raise NotFound("There is no such user.", field="userId")
        if decider in (receiver.id, artist.owner_id):
            raise Denied("Somebody else decides: this concerns you.", code="CONCERNS_YOU")
        reason = read_reason(reason)
        if artist.owner_id == receiver.id:
            raise Conflict("The artist is theirs already.", code="ALREADY_THEIRS", field="userId")
        if receiver.is_suspended or receiver.erase_at is not None:
            raise Conflict("The account is suspended or about to go.", code="CLAIMANT_AWAY", field="userId")
        await self._owners.require_room(receiver.id)
        given = await self._owners.give(artist.id, receiver.id, before=artist.owner_id)
        if given is None:
            raise Conflict("The artist has just changed hands; look again.", code="CLAIM_CHANGED")
        details = {"before": artist.owner_id, "after": receiver.id, "reason": reason}
        await self._audit.note(viewer, "artist.transfer", "artist", artist.id, **details)
        await self._news.tell(receiver.id, letters.given(given.artist, reason, self._key("given")))
        if artist.owner_id is not None:
            await self._close(artist.id, artist.owner_id)
            await self._news.tell(artist.owner_id, letters.taken(given.artist, reason, self._key("taken")))
        return given.artist

    async def _close(self, artist_id: str, owner_id: str) -> None:
        """The claims by which it was somebody's are over, and with the last of their artists the role they gave."""
        approved = {"artist_id": artist_id, "user_id": owner_id, "state": "approved", "is_settled": True}
        over = {"$set": {"state": "released", "updated_at": self._clock.now()}, "$inc": {"rev": 1}}
        await self._store.artist_claims.update(approved, over, many=True)
        by_claim = {"user_id": owner_id, "gave_role": True}
        gave_role = await self._store.artist_claims.count(by_claim, limit=1)
        if gave_role and await self._owners.take_role(owner_id):
            await self._store.artist_claims.update(by_claim, {"$set": {"gave_role": False}}, many=True)

    async def _artist(self, artist_id: str) -> Artist:
        artist = await self._store.artists.get(artist_id) if is_id(artist_id) else None
        if artist is None:
            raise NotFound("There is no such artist.", field="artistId")
        return artist

    def _key(self, what: str) -> str:
        return f"artist_{what}:{self._clock.new_id()}"
