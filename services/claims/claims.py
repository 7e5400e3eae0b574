"""Claims as those see them who make them: making, answering, withdrawing.

Owns what a claim needs and how many somebody may have. Refuses to know who decides (`desk.py`) and what follows
(`owners.py`). That a claim is disputed is told to the owner, and never by whom.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from services.audit.audit import Audit
from services.catalogue.artists import Artists
from services.catalogue.listing import Order, page_of
from services.catalogue.wording import read_link
from services.claims import letters
from services.claims.owners import ArtistOwners
from services.claims.telling import ClaimNews
from services.clock import Clock
from services.errors import Conflict, Invalid, NotFound, TooMany
from services.paging import Page, Slice
from services.shared_throttle import SharedBuckets
from services.typed_text import is_id, read_prose, says_something
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records.artist_claim import ArtistClaim, ClaimWord

OPEN_LIMIT = 3
"""So many claims of one person wait at most."""
EVIDENCE_LIMIT = 2_000
LINKS_LIMIT = 8
ANSWER_LIMIT = 1_000
WORDS_LIMIT = 20
AGAIN_AFTER = timedelta(days=30)
"""How long after a refusal the same artist can be claimed again."""
NEWEST = Order("created_at", -1, datetime)


class Claims:
    """What people claim. `makes` bounds how often, `owners` knows whose an artist is."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        artists: Artists,
        owners: ArtistOwners,
        news: ClaimNews,
        audit: Audit,
        makes: SharedBuckets,
    ) -> None:
        self._store = store
        self._clock = clock
        self._artists = artists
        self._owners = owners
        self._news = news
        self._audit = audit
        self._makes = makes

    async def make(
        self, viewer: Viewer, artist_id: str, *, relation: str, evidence: str, links: Sequence[str] = ()
    ) -> ArtistClaim:
        """Say that an artist is one's own. NotFound for one that is not to be seen.

        Conflict: ALREADY_YOURS, CLAIM_OPEN while one's claim of it waits, CLAIM_REFUSED for 30 days after a refusal;
        TooMany beyond three that wait, beyond 100 artists of one's own, and for haste.
        """
        viewer.require_oneself()
        user_id = viewer.require_proven()
        evidence = _said(evidence, "evidence", EVIDENCE_LIMIT)
        kept_links = _links(links)
        artist = await self._artists.get(viewer, artist_id if is_id(artist_id) else "")
        if artist.owner_id == user_id:
            raise Conflict("This artist is yours already.", code="ALREADY_YOURS", field="artistId")
        await self._owners.require_room(user_id)
        now = self._clock.now()
        refused = {"user_id": user_id, "artist_id": artist.id, "state": "rejected"}
        last = await self._store.artist_claims.first(refused, sort=[("created_at", -1)])
        if last is not None and last.decided_at is not None and now < last.decided_at + AGAIN_AFTER:
            raise Conflict("This was refused lately; try again later.", code="CLAIM_REFUSED", field="artistId")
        await self._makes.take(user_id)
        id = self._clock.new_id()
        waiting = f"{user_id}:{artist.id}"
        made = ArtistClaim(id, user_id, artist.id, relation, evidence, now, now, waiting, "", kept_links)
        await self._insert(made)
        await self._audit.note(viewer, "artist_claim.make", "artist_claim", id, artist=artist.id, relation=relation)
        if artist.owner_id is not None:
            await self._news.tell(artist.owner_id, letters.disputed(made, artist.name))
        return made

    async def answer(self, viewer: Viewer, id: str, text: str) -> ArtistClaim:
        """Answer what was asked; the claim waits for a decision again. Conflict (NOT_ASKED) where nothing was asked."""
        claim = await self._own(viewer, id)
        text = _said(text, "answer", ANSWER_LIMIT)
        if claim.state != "asked":
            raise Conflict("Nothing was asked of you.", code="NOT_ASKED")
        said = ClaimWord(self._clock.now(), text, is_question=False)
        answered = await write(self._store, self._clock, claim, {"state": "open", "words": [*claim.words, said]})
        await self._audit.note(viewer, "artist_claim.answer", "artist_claim", id, artist=claim.artist_id)
        return answered

    async def withdraw(self, viewer: Viewer, id: str) -> ArtistClaim:
        """Take a claim back that nobody has decided. Conflict (CLAIM_DECIDED) afterwards."""
        claim = await self._own(viewer, id)
        if claim.state not in ("open", "asked"):
            raise Conflict("This claim is decided.", code="CLAIM_DECIDED")
        closed = {"state": "withdrawn", **done(claim)}
        withdrawn = await write(self._store, self._clock, claim, closed)
        await self._audit.note(viewer, "artist_claim.withdraw", "artist_claim", id, artist=claim.artist_id)
        return withdrawn

    async def mine(self, viewer: Viewer, part: Slice, *, counted: bool = True) -> Page[ArtistClaim]:
        """The viewer's claims, the newest first."""
        own = {"user_id": viewer.require(Role.LISTENER)}
        return await page_of(self._store.artist_claims, [own], NEWEST, part, counted=counted)

    async def _own(self, viewer: Viewer, id: str) -> ArtistClaim:
        user_id = viewer.require_oneself()
        claim = await self._store.artist_claims.get(id) if is_id(id) else None
        if claim is None or claim.user_id != user_id:
            raise NotFound("There is no such claim.", field="id")
        return claim

    async def _insert(self, claim: ArtistClaim) -> None:
        """Put it into the first free place of its person; places and pairs are unique, so two at once cannot both."""
        for place in range(OPEN_LIMIT):
            claim.slot = f"{claim.user_id}:{place}"
            try:
                await self._store.artist_claims.insert(claim)
                return
            except DuplicateKey as error:
                if error.index == "waiting":
                    raise Conflict("Your claim of this artist waits.", code="CLAIM_OPEN", field="artistId") from error
        raise TooMany(f"At most {OPEN_LIMIT} claims of yours may wait.", code="TOO_MANY_CLAIMS")


async def write(store: Store, clock: Clock, claim: ArtistClaim, fields: dict[str, Any]) -> ArtistClaim:
    """The claim with these fields, if nobody wrote meanwhile; Conflict (CLAIM_CHANGED) otherwise."""
    kept = dict(fields)
    if "words" in kept:
        kept["words"] = [{"at": word.at, "text": word.text, "is_question": word.is_question} for word in kept["words"]]
    filter = {"_id": claim.id, "rev": claim.rev}
    update = {"$set": {**kept, "updated_at": clock.now()}, "$inc": {"rev": 1}}
    written = await store.artist_claims.update_and_get(filter, update)
    if written is None:
        raise Conflict("This claim has just changed; look again.", code="CLAIM_CHANGED")
    return written


def done(claim: ArtistClaim) -> dict[str, Any]:
    """The fields that free a claim's places."""
    return {"waiting": f"done:{claim.id}", "slot": f"done:{claim.id}"}


def _said(text: str, field: str, limit: int) -> str:
    said = read_prose(text, field, f"The {field}", limit)
    if not says_something(said):
        raise Invalid(f"Say something: the {field} is empty.", field=field)
    return said


def _links(links: Sequence[str]) -> list[str]:
    if len(links) > LINKS_LIMIT:
        raise Invalid(f"At most {LINKS_LIMIT} links.", field="links")
    read = (read_link(link, "links") for link in links)
    return list(dict.fromkeys(link for link in read if link is not None))
