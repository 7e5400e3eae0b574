"""Changing one's taste: genres, numbers, what one never wants to hear, and beginning anew.

Owns what may be chosen and how much of it. Everything of a change is checked before anything is written. Refuses to
know what follows from a choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.catalogue.access import sight_of
from services.catalogue.genres import Genres
from services.clock import Clock
from services.discovery.choices import Choices
from services.errors import Invalid
from services.typed_text import is_id, is_printable
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey

CHOICE_LIMIT = 20
MUTED_GENRES_LIMIT = 50
MUTED_ARTISTS_LIMIT = 200
GENRE_TEXT_LIMIT = 100
NUMBERS = ("energy", "danceability", "valence")


class TasteEditing:
    """The changing of everybody's taste."""

    def __init__(self, store: Store, clock: Clock, genres: Genres, choices: Choices) -> None:
        self._store = store
        self._clock = clock
        self._genres = genres
        self._choices = choices

    async def change(self, viewer: Viewer, asked: Mapping[str, Any]) -> None:
        """Change what is asked for and leave the rest; None and an empty list take a choice back.

        `favorite_genres` and `muted_genres` are ids, slugs or names (20 and 50 at most), `muted_artists` ids (200 at
        most), `energy`, `danceability` and `valence` numbers from 0 to 1, `since` a moment that has been. Invalid with
        the field for anything else, for nothing at all, and for a genre that is both chosen and muted; then nothing
        changes.
        """
        user_id = viewer.require(Role.LISTENER)
        if not asked:
            raise Invalid("Say what to change.", field="favoriteGenres")
        change: dict[str, Any] = {}
        if "favorite_genres" in asked:
            chosen = asked["favorite_genres"] or ()
            change["favorite_genre_ids"] = await self._read_genres(chosen, "favoriteGenres", CHOICE_LIMIT)
        if "muted_genres" in asked:
            muted = asked["muted_genres"] or ()
            change["muted_genre_ids"] = await self._read_genres(muted, "mutedGenres", MUTED_GENRES_LIMIT)
        if "muted_artists" in asked:
            change["muted_artist_ids"] = await self._read_artists(viewer, asked["muted_artists"] or ())
        for name in NUMBERS:
            if name in asked:
                change[name] = _read_number(asked[name], name)
        if "since" in asked:
            change["since"] = self._read_moment(asked["since"])
        await self._keep(user_id, change)
        if "muted_artist_ids" in change or "muted_genre_ids" in change:
            # Today's mixes are made again, without what is muted.
            await self._store.daily_mixes.delete({"_id": user_id})

    async def _keep(self, user_id: str, change: Mapping[str, Any]) -> None:
        favorite, muted = change.get("favorite_genre_ids"), change.get("muted_genre_ids")
        if favorite and muted:
            await self._refuse_both(favorite, muted, "mutedGenres")
        # What is chosen now must not be muted already, nor the other way round: the write itself says so.
        unless: dict[str, Any] = {}
        if favorite and muted is None:
            unless = {"muted_genre_ids": {"$nin": favorite}}
        elif muted and favorite is None:
            unless = {"favorite_genre_ids": {"$nin": muted}}
        update = {"$set": {**change, "chosen_at": self._clock.now()}}
        try:
            await self._store.tastes.update({"_id": user_id, **unless}, update, upsert=True)
        except DuplicateKey:
            # Made by another request at the same moment, or it holds what it must not.
            changed = await self._store.tastes.update({"_id": user_id, **unless}, update)
            if changed.matched == 0:
                taste = (await self._choices.read(user_id)).taste
                field = "favoriteGenres" if favorite else "mutedGenres"
                await self._refuse_both(favorite or taste.favorite_genre_ids, muted or taste.muted_genre_ids, field)
                raise Invalid("You changed this elsewhere at the same moment; look again.", field=field) from None

    async def _refuse_both(self, favorite: Sequence[str], muted: Sequence[str], field: str) -> None:
        both = [id for id in favorite if id in muted]
        if both:
            names = ", ".join(genre.name for genre in (await self._store.genres.get_many(both)).values())
            raise Invalid(f"You cannot choose and mute a genre at once: {names}.", field=field)

    async def _read_genres(self, texts: Sequence[str], field: str, limit: int) -> list[str]:
        if len(texts) > limit:
            raise Invalid(f"Choose at most {limit} genres.", field=field)
        for text in texts:
            if not text.strip() or len(text) > GENRE_TEXT_LIMIT or not is_printable(text):
                raise Invalid(f"A genre has 1 to {GENRE_TEXT_LIMIT} letters.", field=field)
        found = await self._genres.named_all(texts) if texts else {}
        unknown = [text for text in texts if text not in found]
        if unknown:
            raise Invalid(f"There is no genre {', '.join(unknown)}.", field=field)
        return list(dict.fromkeys(found[text] for text in texts))

    async def _read_artists(self, viewer: Viewer, ids: Sequence[str]) -> list[str]:
        if len(ids) > MUTED_ARTISTS_LIMIT:
            raise Invalid(f"Mute at most {MUTED_ARTISTS_LIMIT} artists.", field="mutedArtists")
        wanted = list(dict.fromkeys(ids))
        found = await self._store.artists.get_many([id for id in wanted if is_id(id)]) if wanted else {}
        sight = await sight_of(self._store, viewer)
        unknown = [id for id in wanted if id not in found or not sight.sees_artist(found[id])]
        if unknown:
            raise Invalid(f"There is no artist {', '.join(unknown)[:GENRE_TEXT_LIMIT]}.", field="mutedArtists")
        return wanted

    def _read_moment(self, moment: datetime | None) -> datetime | None:
        if moment is not None and moment > self._clock.now():
            raise Invalid("Begin anew from now or from a moment that has been.", field="since")
        return moment


def _read_number(value: float | None, name: str) -> float | None:
    if value is not None and not 0 <= value <= 1:
        raise Invalid(f"{name} is a number from 0 to 1.", field=name)
    return value
