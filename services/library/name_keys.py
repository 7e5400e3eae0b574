"""Proof that each song's `name_key` stands for its artist and title as they are now.

An import sets it; songs that are older than the field, or whose title or artist somebody edited, get it here. Refuses
to know when it runs and who looks songs up by it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from services.library.names import name_key
from storage.collections.store import Store
from storage.engine import Change, Document

log = logging.getLogger("tutti.library")

_BATCH = 500
_KEYS_AT_ONCE = 50


class NameKeys:
    """The keys by which songs are found when a file names artist and title."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def renew(self) -> int:
        """How many were missing or stale and are right now. Safe to run beside imports and edits."""
        songs = self._store.songs
        renewed = 0
        fields = ["title", "artist_credit", "credits", "name_key"]
        async for batch in songs.engine.scan(songs.name, {}, batch=_BATCH, fields=fields):
            writes: list[Any] = []
            for number, song in enumerate(batch):
                if number % _KEYS_AT_ONCE == _KEYS_AT_ONCE - 1:
                    await asyncio.sleep(0)
                key = name_key(_artist(song), song["title"])
                if song.get("name_key") != key:
                    # Only while the title is what we read; who changed it meanwhile is looked at in the next round.
                    writes.append(Change({"_id": song["_id"], "title": song["title"]}, {"$set": {"name_key": key}}))
            if writes:
                renewed += (await songs.bulk(writes)).modified
        if renewed:
            log.info("songs got their name keys", extra={"songs": renewed})
        return renewed


def _artist(song: Document) -> str:
    credits: list[Document] = song.get("credits") or []
    return str(credits[0]["name"] if credits else song["artist_credit"])
