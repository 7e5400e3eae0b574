"""Songs, albums and artists as things that can be reported: hidden by the catalogue's withdrawals, never removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.catalogue.albums import Albums
from services.catalogue.artists import Artists
from services.catalogue.songs import Songs
from services.catalogue.withdrawals import CatalogueKind, Withdrawals
from services.errors import NotFound
from services.moderation.subjects.subject import Subject, facts_of, never_removed
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records import Album, Artist, Song


class CatalogueSubject:
    """One kind of the catalogue."""

    def __init__(
        self,
        store: Store,
        kind: CatalogueKind,
        reader: Songs | Albums | Artists,
        withdrawals: Withdrawals,
    ) -> None:
        self._store = store
        self._kind = kind
        self._reader = reader
        self._withdrawals = withdrawals

    async def seen(self, viewer: Viewer, id: str, place_id: str | None) -> Subject:
        """The entry, whose artist's owner answers for it."""
        record: Song | Album | Artist = await self._reader.get(viewer, id)
        artist = record if isinstance(record, Artist) else await self._store.artists.get(record.artist_id)
        owner_id = None if artist is None else artist.owner_id
        if isinstance(record, Artist):
            return Subject(owner_id, record.name, facts_of(name=record.name, bio=record.bio))
        facts = facts_of(title=record.title, artist=record.artist_credit)
        if isinstance(record, Album):
            facts |= facts_of(description=record.description)
        return Subject(owner_id, record.title, facts)

    async def before_hiding(self, id: str, place_id: str | None) -> dict[str, Any]:
        """Nothing: it is only hidden."""
        return {}

    async def hide(self, by: Viewer, id: str, place_id: str | None, why: str) -> None:
        """Withdrawn by the house, with all that belongs to it; also from the index and from running streams."""
        await self._set(by, id, hidden=True)

    async def restore(self, by: Viewer, id: str, place_id: str | None, undo: Mapping[str, Any]) -> None:
        """In sight, if nothing else keeps it out of sight."""
        await self._set(by, id, hidden=False)

    async def remove(self, by: Viewer, id: str, place_id: str | None, why: str) -> None:
        """Never."""
        raise never_removed()

    async def _set(self, by: Viewer, id: str, *, hidden: bool) -> None:
        try:
            await self._withdrawals.set_hidden(by, self._kind, id, hidden, tell=False)
        except NotFound:
            return  # It is gone: nobody sees it.
