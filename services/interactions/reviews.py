"""Reviews of songs and albums: one for each person and thing, editable by its author, hidden by moderators.

Owns who sees and changes a review. A hidden one is seen by its author and moderators alone; its row stays in the way of
a new one, so that nobody can post again what was taken down. Votes and lists have files of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.attention import Attention, Posted
from services.audit.audit import Audit
from services.catalogue.access import Condition
from services.catalogue.albums import Albums
from services.catalogue.songs import Songs
from services.clock import Clock
from services.errors import Conflict, Denied, NotFound
from services.events import Bus, ReviewFoundHelpful, ReviewHidden
from services.interactions.edges import Edges
from services.interactions.review_words import read_comment, read_rating, read_reason, thing_key
from services.typed_text import is_id
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records import Review

TRIES = 3


class Reviews:
    """The reviews, one by one; `votes` are the edges from those who found one helpful."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        votes: Edges[Review],
        songs: Songs,
        albums: Albums,
        audit: Audit,
        attention: Attention | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._songs = songs
        self._albums = albums
        self._audit = audit
        self._attention = attention or Attention()
        self.votes = votes

    async def add(
        self, viewer: Viewer, *, song_id: str | None = None, album_id: str | None = None, rating: int, comment: str = ""
    ) -> Review:
        """The viewer's review of the song or album, in place of an earlier one of theirs.

        Invalid for none or both of the ids, a rating outside 1 to 5, a comment over 5,000 characters; NotFound for a
        thing that the viewer may not see; Conflict (REVIEW_HIDDEN) when a moderator has hidden the earlier one.
        """
        user_id = viewer.require_proven()
        key = thing_key(song_id, album_id)
        stars, words = read_rating(rating), read_comment(comment)
        self._attention.refuse("comment", words)
        await self.require_thing(viewer, song_id, album_id)
        now = self._clock.now()
        fresh = Review(
            self._clock.new_id(), user_id, key, stars, now, now, song_id=song_id, album_id=album_id, comment=words
        )
        same = {"user_id": user_id, "thing_key": key}
        for _ in range(TRIES):
            try:
                await self._store.reviews.insert(fresh)
                self._attention.note(Posted("review", fresh.id, user_id, texts=(words,)))
                return fresh
            except DuplicateKey:
                changed = await self._change(same, {"rating": stars, "comment": words})
            if changed is not None:
                self._attention.note(Posted("review", changed.id, user_id, texts=(words,)))
                return changed
            if await self._store.reviews.first({**same, "is_hidden": True}) is not None:
                raise _hidden()
            # It was deleted between the two: now there is room.
        raise Conflict("This review is being changed by somebody else; try again.")

    async def update(
        self, viewer: Viewer, review_id: str, *, rating: int | None = None, comment: str | None = None
    ) -> Review:
        """The viewer's own review, changed in what is given. Refused as `add`; Denied for somebody else's.

        NotFound for somebody else's too where it, or what it is about, is invisible to the viewer.
        """
        own = await self._own(viewer, review_id)
        fields: dict[str, Any] = {}
        if rating is not None:
            fields["rating"] = read_rating(rating)
        if comment is not None:
            fields["comment"] = read_comment(comment)
            self._attention.refuse("comment", fields["comment"])
        if own.is_hidden:
            raise _hidden()
        if not fields:
            return own
        changed = await self._change({"_id": own.id}, fields)
        if changed is None:
            raise _hidden()
        self._attention.note(Posted("review", changed.id, changed.user_id, is_new=False, texts=(changed.comment,)))
        return changed

    async def delete(self, viewer: Viewer, review_id: str) -> None:
        """Remove the viewer's own review and its votes. Of a hidden one the words go and the row stays."""
        own = await self._own(viewer, review_id)
        if await self._store.reviews.delete({"_id": own.id, "is_hidden": False}):
            await self.votes.remove_all(own.id)
            return
        await self._store.reviews.update(
            {"_id": own.id, "is_hidden": True}, {"$set": {"comment": "", "updated_at": self._clock.now()}}
        )

    async def mark_helpful(self, viewer: Viewer, review_id: str) -> Review:
        """The review with the viewer's vote counted, once. NotFound when absent or invisible; Denied for one's own."""
        user_id = viewer.require(Role.LISTENER)
        review = await self._get(viewer, review_id)
        if review.user_id == user_id:
            raise Denied("You cannot vote for your own review.")
        await self._require_in_sight(viewer, review)
        voted = await self.votes.add(user_id, review.id)
        if voted is None:
            return review
        self._bus.publish(ReviewFoundHelpful(review.id, review.user_id, user_id))
        return voted

    async def unmark_helpful(self, viewer: Viewer, review_id: str) -> Review | None:
        """The vote is gone afterwards, whether there was one or not; also of reviews the viewer sees no more.

        Answers the review with its new count, None when the viewer may not see it.
        """
        await self.votes.remove(viewer.require(Role.LISTENER), review_id)
        review = await self._store.reviews.get(review_id) if is_id(review_id) else None
        return review if review is not None and sees_review(viewer, review) else None

    async def hide(self, viewer: Viewer, review_id: str, reason: str, *, tell: bool = True) -> Review:
        """Take a review out of sight, for moderators. Hiding it again changes nothing, not even the reason.

        `tell` its author.
        """
        moderator_id = viewer.require(Role.MODERATOR)
        why = read_reason(reason)
        review = await self._get(viewer, review_id)
        now = self._clock.now()
        hidden = {"is_hidden": True, "hidden_reason": why, "hidden_by": moderator_id, "hidden_at": now}
        changed = await self._store.reviews.update_and_get({"_id": review.id, "is_hidden": False}, {"$set": hidden})
        if changed is None:
            return await self._get(viewer, review_id)
        if tell:
            self._bus.publish(ReviewHidden(changed.id, changed.user_id))
        await self._audit.note(viewer, "review.hide", "review", review.id, reason=why)
        return changed

    async def restore(self, viewer: Viewer, review_id: str) -> Review:
        """Bring a hidden review back, for moderators; one that is not hidden stays as it is."""
        viewer.require(Role.MODERATOR)
        review = await self._get(viewer, review_id)
        shown = {"$set": {"is_hidden": False}, "$unset": {"hidden_reason": "", "hidden_by": "", "hidden_at": ""}}
        restored = await self._store.reviews.update_and_get({"_id": review.id, "is_hidden": True}, shown)
        if restored is None:
            return review
        await self._audit.note(viewer, "review.restore", "review", review.id)
        return restored

    async def empty(self, viewer: Viewer, review_id: str) -> None:
        """The words of a hidden review are gone, for moderators; its row stays."""
        viewer.require(Role.MODERATOR)
        emptied = {"$set": {"comment": "", "updated_at": self._clock.now()}}
        await self._store.reviews.update({"_id": review_id, "is_hidden": True}, emptied)

    async def found_helpful(self, viewer: Viewer, review_ids: Sequence[str]) -> dict[str, bool]:
        """True for those of the reviews that the viewer found helpful; one store command, none for nobody."""
        return await self.votes.among(viewer.user_id, review_ids)

    async def require_thing(self, viewer: Viewer, song_id: str | None, album_id: str | None) -> None:
        """NotFound unless the viewer may see the song or album."""
        if not is_id(album_id if song_id is None else song_id):
            raise NotFound("There is no such song." if album_id is None else "There is no such album.")
        if song_id is not None:
            await self._songs.get(viewer, song_id)
        elif album_id is not None:
            await self._albums.get(viewer, album_id)

    async def _get(self, viewer: Viewer, review_id: str) -> Review:
        review = await self._store.reviews.get(review_id) if is_id(review_id) else None
        if review is None or not sees_review(viewer, review):
            raise _no_such_review()
        return review

    async def _require_in_sight(self, viewer: Viewer, review: Review) -> None:
        """NotFound, as for a review that never was, unless the viewer may see what it is about."""
        try:
            await self.require_thing(viewer, review.song_id, review.album_id)
        except NotFound:
            raise _no_such_review() from None

    async def _own(self, viewer: Viewer, review_id: str) -> Review:
        user_id = viewer.require(Role.LISTENER)
        review = await self._get(viewer, review_id)
        if review.user_id != user_id:
            await self._require_in_sight(viewer, review)
            raise Denied("This is somebody else's review.")
        return review

    async def _change(self, which: Condition, fields: dict[str, Any]) -> Review | None:
        """The changed review; None when there is none or it is hidden, decided in the same moment as the writing."""
        change = {"$set": {**fields, "updated_at": self._clock.now()}}
        return await self._store.reviews.update_and_get({**which, "is_hidden": False}, change)


def sees_review(viewer: Viewer, review: Review) -> bool:
    """The one access rule for reviews: hidden ones are for their author and moderators, others for all but those whom
    their author blocks or who block their author."""
    if viewer.user_id == review.user_id or viewer.has(Role.MODERATOR):
        return True
    return not review.is_hidden and review.user_id not in viewer.unseen


def seen_reviews(viewer: Viewer) -> list[Condition]:
    """The same rule as conditions of a filter."""
    if viewer.has(Role.MODERATOR):
        return []
    if viewer.user_id is None:
        return [{"is_hidden": False}]
    shown: list[Condition] = [{"$or": [{"is_hidden": False}, {"user_id": viewer.user_id}]}]
    if unheard := viewer.unseen | viewer.muted:
        shown.append({"user_id": {"$nin": sorted(unheard)}})
    return shown


def _no_such_review() -> NotFound:
    return NotFound("There is no such review.")


def _hidden() -> Conflict:
    return Conflict("A moderator has hidden this review; it cannot be changed.", code="REVIEW_HIDDEN")
