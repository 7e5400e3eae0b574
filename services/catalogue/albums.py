"""Albums as a viewer may see them: by id, by slug, of artists, in lists. Refuses to know how they got here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.catalogue.access import Condition, all_of, sight_of
from services.catalogue.genres import Genres
from services.catalogue.listing import all_matching, by_slug, page_of
from services.catalogue.orders import CATALOGUE_ORDERS, AlbumType, CatalogueOrder
from services.clock import Clock
from services.errors import NotFound
from services.paging import Page, Slice, slice_of
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records import Album

ARTIST_ALBUMS_LIMIT = 500


@dataclass(frozen=True, slots=True)
class AlbumFilters:
    """Which albums a list keeps. `genre` is an id or slug, and takes in the genres below it."""

    artist_id: str | None = None
    album_type: AlbumType | None = None
    genre: str | None = None
    year: int | None = None


class Albums:
    """The albums of the catalogue."""

    def __init__(self, store: Store, clock: Clock, genres: Genres) -> None:
        self._store = store
        self._clock = clock
        self._genres = genres

    async def get_many(self, viewer: Viewer, ids: Sequence[str]) -> dict[str, Album]:
        """Those of `ids` that the viewer may see, by id; one store command for the albums."""
        sight = await sight_of(self._store, viewer)
        found = await self._store.albums.get_many(ids)
        return {id: album for id, album in found.items() if sight.sees_album(album)}

    async def get(self, viewer: Viewer, id: str) -> Album:
        """One album. NotFound when absent or invisible."""
        found = await self.get_many(viewer, [id])
        if id not in found:
            raise NotFound("There is no such album.")
        return found[id]

    async def by_slug(self, viewer: Viewer, slug: str) -> Album | None:
        """The album with that slug, now or before; None when absent or invisible."""
        album = await by_slug(self._store.albums, slug)
        if album is None or not (await sight_of(self._store, viewer)).sees_album(album):
            return None
        return album

    async def listing(
        self,
        viewer: Viewer,
        part: Slice,
        filters: AlbumFilters | None = None,
        order: CatalogueOrder = CatalogueOrder.TITLE,
        *,
        counted: bool = True,
    ) -> Page[Album]:
        """One page of the albums that the viewer may see."""
        wanted = filters or AlbumFilters()
        conditions: list[Condition] = [*(await sight_of(self._store, viewer)).albums()]
        if wanted.artist_id is not None:
            conditions.append({"artist_id": wanted.artist_id})
        if wanted.album_type is not None:
            conditions.append({"album_type": wanted.album_type.value})
        if wanted.genre is not None:
            conditions.append(await self._genres.condition(wanted.genre))
        if wanted.year is not None:
            conditions.append(released_in(wanted.year))
        return await page_of(self._store.albums, conditions, CATALOGUE_ORDERS[order], part, counted=counted)

    async def of_artists(self, viewer: Viewer, artist_ids: Sequence[str]) -> dict[str, list[Album]]:
        """Each artist's albums that the viewer may see, the newest first; at most 500 for one artist."""
        sight = await sight_of(self._store, viewer)
        filter = all_of([{"artist_id": {"$in": list(artist_ids)}}, *sight.albums()])
        albums: dict[str, list[Album]] = {id: [] for id in artist_ids}
        for album in await all_matching(self._store.albums, filter, [("artist_id", 1), ("release_date", -1)]):
            albums[album.artist_id].append(album)
        return {id: theirs[:ARTIST_ALBUMS_LIMIT] for id, theirs in albums.items()}

    async def new_releases(
        self, viewer: Viewer, album_type: AlbumType | None = None, limit: int | None = None
    ) -> list[Album]:
        """What came out last, up to today (20 unless told); undated albums are never new. Invalid beyond 1 to 100."""
        rows = slice_of(limit=limit).limit
        conditions: list[Condition] = [*(await sight_of(self._store, viewer)).albums()]
        if album_type is not None:
            conditions.append({"album_type": album_type.value})
        # A date of less precision is a prefix of its days, so that text order is the order in time.
        conditions.append({"release_date": {"$lte": self._clock.now().date().isoformat()}})
        return await self._store.albums.find(all_of(conditions), sort=[("release_date", -1)], limit=rows)


def released_in(year: int) -> Condition:
    """The condition that a release date, of whatever precision, lies in `year`."""
    return {"release_date": {"$gte": f"{year:04d}", "$lt": f"{year:04d}~"}}
