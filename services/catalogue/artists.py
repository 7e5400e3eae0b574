"""Artists as a viewer may see them: by id, by slug, in lists. Refuses to know how they got here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.catalogue.access import Condition, sight_of
from services.catalogue.genres import Genres
from services.catalogue.listing import by_slug, page_of
from services.catalogue.orders import ARTIST_ORDERS, ArtistOrder
from services.errors import NotFound
from services.paging import Page, Slice
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records import Artist


@dataclass(frozen=True, slots=True)
class ArtistFilters:
    """Which artists a list keeps. `genre` is an id or slug, and takes in the genres below it."""

    genre: str | None = None
    country: str | None = None


class Artists:
    """The artists of the catalogue."""

    def __init__(self, store: Store, genres: Genres) -> None:
        self._store = store
        self._genres = genres

    async def get_many(self, viewer: Viewer, ids: Sequence[str]) -> dict[str, Artist]:
        """Those of `ids` that the viewer may see, by id; one store command for the artists."""
        sight = await sight_of(self._store, viewer)
        found = await self._store.artists.get_many(ids)
        return {id: artist for id, artist in found.items() if sight.sees_artist(artist)}

    async def get(self, viewer: Viewer, id: str) -> Artist:
        """One artist. NotFound when absent or invisible."""
        found = await self.get_many(viewer, [id])
        if id not in found:
            raise NotFound("There is no such artist.")
        return found[id]

    async def by_slug(self, viewer: Viewer, slug: str) -> Artist | None:
        """The artist with that slug, now or before; None when absent or invisible."""
        artist = await by_slug(self._store.artists, slug)
        if artist is None or not (await sight_of(self._store, viewer)).sees_artist(artist):
            return None
        return artist

    async def listing(
        self,
        viewer: Viewer,
        part: Slice,
        filters: ArtistFilters | None = None,
        order: ArtistOrder = ArtistOrder.NAME,
        *,
        counted: bool = True,
    ) -> Page[Artist]:
        """One page of the artists that the viewer may see."""
        wanted = filters or ArtistFilters()
        conditions: list[Condition] = (await sight_of(self._store, viewer)).artists()
        if wanted.country is not None:
            conditions = [*conditions, {"country": wanted.country.upper()}]
        if wanted.genre is not None:
            conditions = [*conditions, await self._genres.condition(wanted.genre)]
        return await page_of(self._store.artists, conditions, ARTIST_ORDERS[order], part, counted=counted)
