"""Reviews of songs and albums, votes for them, and what moderators do with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.paging import asks_for
from services.interactions.review_lists import WantedReviews
from services.interactions.review_words import ReviewOrder, thing_key
from services.paging import Page, slice_of
from storage.records import Album, Review, Song


@dataclass(slots=True)
class ReviewWritten:
    """What writing, changing or moderating a review gives."""

    review: Review
    success: bool = True


@dataclass(slots=True)
class ReviewDone:
    """What is over and done gives."""

    success: bool = True


@dataclass(slots=True)
class VoteTakenBack:
    """What taking a vote back gives."""

    review: Review | None
    success: bool = True


RECORDS = {
    "Review": Review,
    "AddReview": ReviewWritten,
    "UpdateReview": ReviewWritten,
    "DeleteReview": ReviewDone,
    "MarkReviewHelpful": ReviewWritten,
    "UnmarkReviewHelpful": VoteTakenBack,
    "HideReview": ReviewWritten,
    "RestoreReview": ReviewWritten,
}
ENUMS = {"ReviewOrder": ReviewOrder}


@resolves("Mutation.addReview")
async def add_review(_: None, info: Info, **words: Any) -> ReviewWritten:
    """The review."""
    return ReviewWritten(await info.context.house.reviews.add(info.context.viewer, **words))


@resolves("Mutation.updateReview")
async def update_review(_: None, info: Info, review_id: str, **words: Any) -> ReviewWritten:
    """The review as it is now."""
    return ReviewWritten(await info.context.house.reviews.update(info.context.viewer, review_id, **words))


@resolves("Mutation.deleteReview")
async def delete_review(_: None, info: Info, review_id: str) -> ReviewDone:
    """The review's end."""
    await info.context.house.reviews.delete(info.context.viewer, review_id)
    return ReviewDone()


@resolves("Mutation.markReviewHelpful")
async def mark_review_helpful(_: None, info: Info, review_id: str) -> ReviewWritten:
    """The review with its new count."""
    return ReviewWritten(await info.context.house.reviews.mark_helpful(info.context.viewer, review_id))


@resolves("Mutation.unmarkReviewHelpful")
async def unmark_review_helpful(_: None, info: Info, review_id: str) -> VoteTakenBack:
    """The vote's end."""
    return VoteTakenBack(await info.context.house.reviews.unmark_helpful(info.context.viewer, review_id))


@resolves("Mutation.hideReview")
async def hide_review(_: None, info: Info, review_id: str, reason: str) -> ReviewWritten:
    """The review, out of sight."""
    return ReviewWritten(await info.context.house.reviews.hide(info.context.viewer, review_id, reason))


@resolves("Mutation.restoreReview")
async def restore_review(_: None, info: Info, review_id: str) -> ReviewWritten:
    """The review, back again."""
    return ReviewWritten(await info.context.house.reviews.restore(info.context.viewer, review_id))


@resolves("Query.reviews")
async def reviews(
    _: None,
    info: Info,
    order_by: ReviewOrder,
    song_id: str | None = None,
    album_id: str | None = None,
    **part: Any,
) -> Page[Review]:
    """A page of a thing's reviews."""
    listing, counted = info.context.house.review_lists.listing, asks_for(info, "totalCount")
    of = {"song_id": song_id, "album_id": album_id}
    return await listing(info.context.viewer, slice_of(**part), **of, order=order_by, counted=counted)


@resolves("Query.myReviews")
async def my_reviews(_: None, info: Info, **part: Any) -> Page[Review]:
    """A page of the viewer's own reviews."""
    own, counted = info.context.house.review_lists.own, asks_for(info, "totalCount")
    return await own(info.context.viewer, slice_of(**part), counted=counted)


@resolves("Song.reviews", "Album.reviews")
def reviews_of(thing: Song | Album, info: Info, order_by: ReviewOrder, **part: Any) -> Any:
    """What people say about it."""
    return info.context.loaders.reviews_of.load(WantedReviews(_key(thing), order_by, slice_of(**part)))


@resolves("Song.averageRating", "Album.averageRating")
def average_rating(thing: Song | Album, info: Info) -> Any:
    """The mean of its ratings."""
    return info.context.loaders.ratings.ask(_key(thing), lambda ratings: None if ratings is None else ratings.average)


@resolves("Song.reviewCount", "Album.reviewCount")
def review_count(thing: Song | Album, info: Info) -> Any:
    """How many people rated it."""
    return info.context.loaders.ratings.ask(_key(thing), lambda ratings: 0 if ratings is None else ratings.count)


@resolves("Review.user")
def user(review: Review, info: Info) -> Any:
    """Who wrote it."""
    return info.context.loaders.users.load(review.user_id)


@resolves("Review.song")
def song(review: Review, info: Info) -> Any:
    """The song it is about."""
    return info.context.loaders.songs.load(review.song_id)


@resolves("Review.album")
def album(review: Review, info: Info) -> Any:
    """The album it is about."""
    return info.context.loaders.albums.load(review.album_id)


@resolves("Review.isHelpful")
def is_helpful(review: Review, info: Info) -> Any:
    """Whether the viewer found it helpful."""
    return info.context.loaders.helpful_reviews.ask(review.id, bool)


def _key(thing: Song | Album) -> str:
    return thing_key(thing.id, None) if isinstance(thing, Song) else thing_key(None, thing.id)
