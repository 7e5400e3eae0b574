"""Reviews and lyrics as things that can be reported."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from services.catalogue.songs import Songs
from services.errors import NotFound
from services.interactions.reviews import Reviews, sees_review
from services.lyrics.lyric_edits import LyricEdits
from services.lyrics.reading import LyricsFormat
from services.lyrics.song_lyrics import SongLyrics
from services.lyrics.ttml import write_ttml
from services.moderation.subjects.subject import Subject, facts_of
from services.typed_text import is_id
from services.viewer import SYSTEM, Viewer
from storage.collections.store import Store


class ReviewSubject:
    """Reviews: hidden by their service; of a removed one the words are gone as well."""

    def __init__(self, store: Store, reviews: Reviews) -> None:
        self._store = store
        self._reviews = reviews

    async def seen(self, viewer: Viewer, id: str, place_id: str | None) -> Subject:
        """The review, where the viewer sees it and what it is about."""
        review = await self._store.reviews.get(id) if is_id(id) else None
        if review is None or not sees_review(viewer, review):
            raise NotFound("There is no such review.")
        try:
            await self._reviews.require_thing(viewer, review.song_id, review.album_id)
        except NotFound:
            raise NotFound("There is no such review.") from None
        facts = facts_of(comment=review.comment, rating=str(review.rating), about=review.thing_key)
        return Subject(review.user_id, "a review", facts)

    async def before_hiding(self, id: str, place_id: str | None) -> dict[str, Any]:
        """Nothing: it is only hidden."""
        return {}

    async def hide(self, by: Viewer, id: str, place_id: str | None, why: str) -> None:
        """Out of sight, for all but its author."""
        try:
            await self._reviews.hide(by, id, why, tell=False)
        except NotFound:
            return

    async def restore(self, by: Viewer, id: str, place_id: str | None, undo: Mapping[str, Any]) -> None:
        """In sight again."""
        try:
            await self._reviews.restore(by, id)
        except NotFound:
            return

    async def remove(self, by: Viewer, id: str, place_id: str | None, why: str) -> None:
        """Hidden and emptied: its row stays in the way of another one."""
        await self.hide(by, id, place_id, why)
        await self._reviews.empty(by, id)


class LyricsSubject:
    """A song's lyrics, named by the song: taken away, and written anew as they were."""

    def __init__(self, songs: Songs, lyrics: SongLyrics, edits: LyricEdits, store: Store) -> None:
        self._songs = songs
        self._lyrics = lyrics
        self._edits = edits
        self._store = store

    async def seen(self, viewer: Viewer, id: str, place_id: str | None) -> Subject:
        """The lyrics of a song that the viewer sees. NotFound without any."""
        song = await self._songs.get(viewer, id)
        lyrics = await self._lyrics.of_song(song)
        if lyrics is None:
            raise NotFound("This song has no lyrics.")
        artist = await self._store.artists.get(song.artist_id)
        owner_id = None if artist is None else artist.owner_id
        return Subject(owner_id, f"the lyrics of {song.title}", facts_of(title=song.title, lyrics=lyrics.plain))

    async def before_hiding(self, id: str, place_id: str | None) -> dict[str, Any]:
        """The lyrics as a text that holds all that is known of them."""
        song = (await self._songs.get_many(SYSTEM, [id])).get(id)
        lyrics = None if song is None else await self._lyrics.of_song(song)
        if lyrics is None:
            return {}
        if not lyrics.is_synced:
            return {"form": LyricsFormat.PLAIN.value, "text": lyrics.plain}
        return {"form": LyricsFormat.TTML.value, "text": await asyncio.to_thread(write_ttml, lyrics, {})}

    async def hide(self, by: Viewer, id: str, place_id: str | None, why: str) -> None:
        """The song has no lyrics; imports bring none back."""
        try:
            await self._edits.set(SYSTEM, id, None)
        except NotFound:
            return

    async def restore(self, by: Viewer, id: str, place_id: str | None, undo: Mapping[str, Any]) -> None:
        """The lyrics that were taken away, unless there are others by now."""
        song = (await self._songs.get_many(SYSTEM, [id])).get(id)
        if song is None or not undo.get("text") or await self._lyrics.of_song(song) is not None:
            return
        await self._edits.set(SYSTEM, id, str(undo["text"]), LyricsFormat(undo["form"]))

    async def remove(self, by: Viewer, id: str, place_id: str | None, why: str) -> None:
        """As hiding; nothing is kept."""
        await self.hide(by, id, place_id, why)
