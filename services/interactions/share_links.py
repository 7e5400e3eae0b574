"""Share links: unguessable addresses that lead to a thing until they expire or are revoked.

Owns the links and the table of what can be shared. A link only points: what is behind it is shown by the rules of the
thing itself, to whoever opens it. Refuses to know how a page looks.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.catalogue.listing import BY_ARRIVAL, page_of
from services.clock import Clock
from services.errors import Conflict, Gone, Invalid, NotFound
from services.interactions.share_cards import Card, SharedKind
from services.paging import Page, Slice
from services.typed_text import is_id
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import ShareLink

_TOKEN = re.compile(r"[A-Za-z0-9_-]{24}")
_TOKEN_BYTES = 18
USUAL_DAYS = 30
MOST_DAYS = 365
LINKS_LIMIT = 500
REMEMBERED = timedelta(days=180)
"""How long an ended link still answers that it is gone, before nobody knows it any more."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What a link leads to, with the card that tells of it."""

    link: ShareLink
    thing: Any
    card: Card


class ShareLinks:
    """The share links. `public_url` is where the house is reached from outside, empty when that is not known."""

    def __init__(self, store: Store, clock: Clock, kinds: Mapping[str, SharedKind], *, public_url: str = "") -> None:
        self._store = store
        self._clock = clock
        self._kinds = kinds
        self.public_url = public_url.rstrip("/")

    async def create(
        self, viewer: Viewer, ids: Mapping[str, str | None], *, expires_in_days: int | None = None
    ) -> ShareLink:
        """A new link to the one thing among `ids` (by kind), for 30 days unless told.

        Invalid for none or several ids and outside 1 to 365 days; NotFound for a thing that the viewer may not see;
        Conflict (TOO_MANY_LINKS) for somebody who has 500 links open.
        """
        user_id = viewer.require(Role.LISTENER)
        named = [(kind, id) for kind, id in ids.items() if id is not None]
        if len(named) != 1:
            raise Invalid("Name exactly one thing to share.", field="songId")
        [(kind, target_id)] = named
        days = USUAL_DAYS if expires_in_days is None else expires_in_days
        if not 1 <= days <= MOST_DAYS:
            raise Invalid(f"A link lasts from 1 to {MOST_DAYS} days.", field="expiresInDays")
        if not is_id(target_id) or not await self._kinds[kind].find(viewer, [target_id]):
            raise NotFound(f"There is no such {kind}.")
        now = self._clock.now()
        open_links = {"user_id": user_id, "expires_at": {"$gt": now}}
        if await self._store.share_links.count(open_links, limit=LINKS_LIMIT) >= LINKS_LIMIT:
            raise Conflict(f"You have {LINKS_LIMIT} links open; revoke one first.", code="TOO_MANY_LINKS")
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        link = ShareLink(token, user_id, kind, target_id, now, now + timedelta(days=days))
        await self._store.share_links.insert(link)
        return link

    async def revoke(self, viewer: Viewer, token: str) -> ShareLink:
        """The link, ended now; one that is over already stays as it is. For its maker and moderators, else NotFound."""
        user_id = viewer.require(Role.LISTENER)
        link = await self._get(token)
        if link is None or (link.user_id != user_id and not viewer.has(Role.MODERATOR)):
            raise NotFound("There is no such link.")
        now = self._clock.now()
        ended = {"$set": {"revoked_at": now, "expires_at": now}}
        return await self._store.share_links.update_and_get({"_id": link.id, "expires_at": {"$gt": now}}, ended) or link

    async def own(self, viewer: Viewer, part: Slice, *, counted: bool = True) -> Page[ShareLink]:
        """The viewer's links, those that are over included, the newest first."""
        mine = [{"user_id": viewer.require(Role.LISTENER)}]
        return await page_of(self._store.share_links, mine, BY_ARRIVAL, part, counted=counted)

    async def thing(self, viewer: Viewer, token: str) -> Any:
        """What the link leads to. NotFound when unknown or invisible to this viewer; Gone when the link is over."""
        return (await self._follow(viewer, token))[1]

    async def open(self, viewer: Viewer, token: str) -> Shared:
        """As `thing`, with the card that tells of it."""
        link, thing = await self._follow(viewer, token)
        return Shared(link, thing, await self._kinds[link.kind].draw(viewer, thing))

    async def things(self, viewer: Viewer, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Any]:
        """The things behind (kind, id), those the viewer may see; what each kind costs, however many of it."""
        found: dict[tuple[str, str], Any] = {}
        for kind in dict.fromkeys(kind for kind, _ in wanted if kind in self._kinds):
            seen = await self._kinds[kind].find(viewer, [id for each, id in wanted if each == kind])
            found |= {(kind, id): thing for id, thing in seen.items()}
        return found

    def is_over(self, link: ShareLink) -> bool:
        """Whether the link has expired or was revoked."""
        return link.expires_at <= self._clock.now()

    def url(self, link: ShareLink) -> str:
        """Its address: absolute when the house knows its own, else a path on this server."""
        return f"{self.public_url}/share/{link.id}"

    async def sweep(self) -> int:
        """Forget links that have been over for 180 days; how many. A periodic job, safe to repeat."""
        gone = {"expires_at": {"$lt": self._clock.now() - REMEMBERED}}
        return await self._store.share_links.delete(gone, many=True)

    async def _follow(self, viewer: Viewer, token: str) -> tuple[ShareLink, Any]:
        link = await self._get(token)
        if link is None or link.kind not in self._kinds:
            raise NotFound("There is no such link.")
        if self.is_over(link):
            raise Gone("This link is over.")
        found = await self._kinds[link.kind].find(viewer, [link.target_id])
        if link.target_id not in found:
            raise NotFound("There is no such link.")
        return link, found[link.target_id]

    async def _get(self, token: str) -> ShareLink | None:
        return await self._store.share_links.get(token) if _TOKEN.fullmatch(token) else None
