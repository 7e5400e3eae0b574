"""Claims as moderators see them: the queue, questions, decisions, and what follows from an approval.

Nobody decides about a claim of their own, nor about one of an artist that is theirs. A claim of an artist that is
somebody else's names both sides here, and is approved only by saying that it is taken over. Refuses to know how an
owner changes (`owners.py`).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.audit.audit import Audit
from services.catalogue.access import Condition
from services.catalogue.listing import Order, page_of
from services.claims import letters
from services.claims.claims import WORDS_LIMIT, done, write
from services.claims.owners import ArtistOwners
from services.claims.telling import ClaimNews
from services.clock import Clock
from services.errors import Conflict, Denied, Invalid, NotFound
from services.paging import Page, Slice
from services.typed_text import is_id, read_prose, says_something
from services.viewer import NOBODY, Role, Viewer
from storage.collections.store import Store
from storage.records import Artist
from storage.records.artist_claim import ArtistClaim, ClaimWord

log = logging.getLogger("tutti.claims")

REASON_LIMIT = 1_000
OLDEST = Order("created_at", 1, datetime)
SETTLES_WITHIN = timedelta(minutes=1)
LEFT_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Looked:
    """Which claims are looked for; None is any."""

    state: str | None = None
    artist_id: str | None = None
    user_id: str | None = None


class ClaimDesk:
    """Where claims are decided."""

    def __init__(self, store: Store, clock: Clock, owners: ArtistOwners, news: ClaimNews, audit: Audit) -> None:
        self._store = store
        self._clock = clock
        self._owners = owners
        self._news = news
        self._audit = audit

    async def queue(self, viewer: Viewer, part: Slice, looked: Looked, *, counted: bool = True) -> Page[ArtistClaim]:
        """Claims, the oldest first, for moderators."""
        viewer.require(Role.MODERATOR)
        named = {"state": looked.state, "artist_id": looked.artist_id, "user_id": looked.user_id}
        conditions: list[Condition] = [{field: value} for field, value in named.items() if value is not None]
        return await page_of(self._store.artist_claims, conditions, OLDEST, part, counted=counted)

    async def get(self, viewer: Viewer, id: str) -> ArtistClaim | None:
        """One claim: for its maker and for moderators; None for everybody else."""
        user_id = viewer.require(Role.LISTENER)
        claim = await self._store.artist_claims.get(id) if is_id(id) else None
        if claim is None or not (claim.user_id == user_id or viewer.has(Role.MODERATOR)):
            return None
        return claim

    async def ask(self, viewer: Viewer, id: str, text: str) -> ArtistClaim:
        """Ask the claimant something; they are told. Conflict: CLAIM_DECIDED, ENOUGH_ASKED after twenty words."""
        claim, artist = await self._undecided(viewer, id)
        question = read_prose(text, "question", "A question", REASON_LIMIT)
        if not says_something(question):
            raise Invalid("Ask something.", field="question")
        if len(claim.words) >= WORDS_LIMIT:
            raise Conflict("Enough was asked: decide.", code="ENOUGH_ASKED")
        word = ClaimWord(self._clock.now(), question, is_question=True)
        asked = await write(self._store, self._clock, claim, {"state": "asked", "words": [*claim.words, word]})
        await self._audit.note(
            viewer, "artist_claim.ask", "artist_claim", id, artist=claim.artist_id, user=claim.user_id
        )
        await self._news.tell(claim.user_id, letters.asked(asked, _name(artist)))
        return asked

    async def reject(self, viewer: Viewer, id: str, reason: str) -> ArtistClaim:
        """Refuse a claim, with a reason that its maker reads."""
        claim, artist = await self._undecided(viewer, id)
        reason = read_reason(reason)
        rejected = await write(self._store, self._clock, claim, self._verdict(viewer, "rejected", reason) | done(claim))
        await self._audit.note(
            viewer, "artist_claim.reject", "artist_claim", id, artist=claim.artist_id, user=claim.user_id
        )
        await self._news.tell(claim.user_id, letters.decided(rejected, _name(artist)))
        return rejected

    async def approve(self, viewer: Viewer, id: str, reason: str = "", *, takes_over: bool = False) -> ArtistClaim:
        """The artist is the claimant's.

        Conflict: ARTIST_OWNED when it is somebody else's and is not to be taken over, ARTIST_GONE, CLAIMANT_AWAY when
        the account is suspended or gone, CLAIM_CHANGED when something changed meanwhile.
        """
        claim, artist = await self._undecided(viewer, id)
        reason = read_prose(reason, "reason", "A reason", REASON_LIMIT)
        if artist is None:
            raise Conflict("The artist is gone: refuse the claim.", code="ARTIST_GONE")
        holder = artist.owner_id if artist.owner_id != claim.user_id else None
        if holder is not None and not takes_over:
            raise Conflict("This artist is somebody else's: take it over or refuse.", code="ARTIST_OWNED")
        claimant = await self._store.users.get(claim.user_id)
        if claimant is None or claimant.is_suspended or claimant.erase_at is not None:
            raise Conflict("The account is suspended or about to go.", code="CLAIMANT_AWAY")
        await self._owners.require_room(claim.user_id)
        verdict = self._verdict(viewer, "approved", reason) | {"is_settled": False}
        if holder is not None:
            verdict["taken_from"] = holder
        approved = await write(self._store, self._clock, claim, verdict)
        settled = await self._settle(approved, viewer)
        if settled is None:
            raise Conflict("The artist has just changed hands; look again.", code="CLAIM_CHANGED")
        return settled

    async def finish(self) -> int:
        """Do what follows from approvals that a process did not live to finish; how many. A periodic job's work."""
        late = {"is_settled": False, "decided_at": {"$lt": self._clock.now() - SETTLES_WITHIN}}
        left = await self._store.artist_claims.find(late, limit=LEFT_AT_ONCE)
        for claim in left:
            await self._settle(claim, Viewer(user_id=claim.decided_by) if claim.decided_by else NOBODY)
        return len(left)

    async def _settle(self, claim: ArtistClaim, viewer: Viewer) -> ArtistClaim | None:
        """Give the artist; None, and the claim waits again, when it is no longer whose it was."""
        given = await self._owners.give(claim.artist_id, claim.user_id, before=claim.taken_from)
        if given is None:
            again = {"state": "open", "is_settled": True, "reason": "", "updated_at": self._clock.now()}
            gone = {"taken_from": "", "decided_at": "", "decided_by": ""}
            written = {"$set": again, "$unset": gone, "$inc": {"rev": 1}}
            await self._store.artist_claims.update({"_id": claim.id, "rev": claim.rev}, written)
            log.info("an artist changed hands during an approval", extra={"claim_id": claim.id})
            return None
        fields = {"is_settled": True, "gave_role": given.gave_role or claim.gave_role, **done(claim)}
        settled = await write(self._store, self._clock, claim, fields)
        details = {"artist": claim.artist_id, "user": claim.user_id, "taken_from": claim.taken_from}
        await self._audit.note(viewer, "artist_claim.approve", "artist_claim", claim.id, **details)
        await self._news.tell(claim.user_id, letters.decided(settled, given.artist.name))
        if claim.taken_from is not None:
            lost = letters.taken(given.artist, "A moderator approved somebody else's claim.", f"taken:{claim.id}")
            await self._news.tell(claim.taken_from, lost)
        return settled

    async def _undecided(self, viewer: Viewer, id: str) -> tuple[ArtistClaim, Artist | None]:
        decider = viewer.require(Role.MODERATOR)
        claim = await self._store.artist_claims.get(id) if is_id(id) else None
        if claim is None:
            raise NotFound("There is no such claim.", field="id")
        artist = await self._store.artists.get(claim.artist_id)
        if claim.user_id == decider or (artist is not None and artist.owner_id == decider):
            raise Denied("Somebody else decides: this concerns you.", code="CONCERNS_YOU")
        if claim.state not in ("open", "asked"):
            raise Conflict("This claim is decided.", code="CLAIM_DECIDED")
        return claim, artist

    def _verdict(self, viewer: Viewer, state: str, reason: str) -> dict[str, Any]:
        return {"state": state, "reason": reason, "decided_at": self._clock.now(), "decided_by": viewer.user_id}


def _name(artist: Artist | None) -> str:
    return "an artist that is gone" if artist is None else artist.name


def read_reason(text: str) -> str:
    """A reason that people read. Invalid for none."""
    reason = read_prose(text, "reason", "A reason", REASON_LIMIT)
    if not says_something(reason):
        raise Invalid("Say why: it is read by whom it concerns.", field="reason")
    return reason
