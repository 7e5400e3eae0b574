"""What a reviewer or a moderator writes, checked: ratings, comments, reasons, and which thing is meant."""

from __future__ import annotations

from enum import StrEnum

from services.catalogue.listing import BY_ARRIVAL, Order
from services.errors import Invalid
from services.typed_text import read_prose

COMMENT_LIMIT = 5_000
REASON_LIMIT = 500
BEST_RATING = 5


class ReviewOrder(StrEnum):
    """How reviews may be ordered."""

    NEWEST = "newest"
    MOST_HELPFUL = "most_helpful"


REVIEW_ORDERS: dict[ReviewOrder, Order] = {
    ReviewOrder.NEWEST: BY_ARRIVAL,
    ReviewOrder.MOST_HELPFUL: Order("helpful_count", -1, int),
}


def read_rating(rating: int) -> int:
    """The rating, from 1 to 5. Invalid otherwise."""
    if not 1 <= rating <= BEST_RATING:
        raise Invalid(f"A rating runs from 1 to {BEST_RATING}.", field="rating")
    return rating


def read_comment(text: str) -> str:
    """The comment: several lines of up to 5,000 characters together, or nothing. Invalid as `read_prose` says."""
    return read_prose(text, "comment", "A comment", COMMENT_LIMIT)


def read_reason(text: str) -> str:
    """A moderator's reason: 1 to 500 characters, line breaks allowed. Invalid otherwise."""
    reason = read_prose(text, "reason", "A reason", REASON_LIMIT)
    if not reason:
        raise Invalid("Say why.", field="reason")
    return reason


def thing_key(song_id: str | None, album_id: str | None) -> str:
    """The key of the one thing that is meant. Invalid for none and for two."""
    if (song_id is None) == (album_id is None):
        raise Invalid("Name either a song or an album.", field="songId")
    return f"album:{album_id}" if song_id is None else f"song:{song_id}"
