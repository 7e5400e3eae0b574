"""Parts of a download as clients read them: some of its songs, some of their order.

Owns the bounds of a part. Refuses to know the store.
"""

from __future__ import annotations

from services.downloads.rules import (
    SONGS_OF_ONE,
)
from services.downloads.song_list import Item, items_of
from services.errors import Invalid
from services.paging import Slice
from storage.records.download import Download

ORDER_LIMIT = 1_000


def songs_in(download: Download | None, part: Slice) -> list[Item]:
    """Some songs of a download in the order they came; of None, which went meanwhile, none."""
    return [] if download is None else items_of(download, part.offset, part.limit)


def order_in(download: Download | None, limit: int, offset: int) -> list[str]:
    """Some of the ids of a download's songs as they are played. Invalid beyond 1 to 1,000 and 0 to 10,000."""
    if not 1 <= limit <= ORDER_LIMIT:
        raise Invalid(f"limit must be from 1 to {ORDER_LIMIT:,}.", field="limit")
    if not 0 <= offset <= SONGS_OF_ONE:
        raise Invalid(f"offset must be from 0 to {SONGS_OF_ONE:,}.", field="offset")
    return [] if download is None else download.order[offset : offset + limit]
