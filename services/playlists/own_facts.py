"""What one listener has done, as far as a rule tree asks: plays, last plays, likes; and what its genres take in.

Reads only what the tree and the order need. Private sessions never reach the ledger, so they do not count here either.
Refuses to judge songs.
"""

from __future__ import annotations

from datetime import datetime

from services.clock import Clock
from services.library.names import fold
from services.playlists.rules import Facts, Node, genres_in, kinds_in
from storage.collections.store import Store
from storage.engine import Document

_BATCH = 10_000
SONGS_LIMIT = 100_000
"""So many songs that somebody played most are known, and so many likes, the latest."""


class OwnFacts:
    """Gathers facts for rule trees."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def gather(self, user_id: str, tree: Node, *, needs_plays: bool = False) -> Facts:
        """The facts that a checked tree asks about, of this listener and now; `needs_plays` when the order does too.

        Plays come from the roll-ups, which follow the ledger within a minute.
        """
        kinds = kinds_in(tree)
        plays: dict[str, int] = {}
        last_played: dict[str, datetime] = {}
        liked: frozenset[str] = frozenset()
        if needs_plays or kinds & {"playCount", "lastPlayed"}:
            for row in await self._listens(user_id):
                plays[row["song_id"]] = row["plays"]
                last_played[row["song_id"]] = row["last_at"]
        if "liked" in kinds:
            liked = await self._liked(user_id)
        return Facts(self._clock.now(), plays, last_played, liked, await self._genres(genres_in(tree)))

    async def _listens(self, user_id: str) -> list[Document]:
        """How often and when last the listener played each song; the 100,000 they played most."""
        found: list[Document] = []
        after: list[object] | None = None
        while len(found) < SONGS_LIMIT:
            rows = await self._store.engine.find(
                self._store.listens.name,
                {"user_id": user_id},
                sort=[("plays", -1)],
                limit=_BATCH,
                after=after,
                fields=["song_id", "plays", "last_at"],
            )
            found += [row for row in rows if row["plays"] > 0]
            if len(rows) < _BATCH:
                break
            after = [rows[-1]["plays"], rows[-1]["_id"]]
        return found

    async def _liked(self, user_id: str) -> frozenset[str]:
        found: set[str] = set()
        after: list[object] | None = None
        for _ in range(SONGS_LIMIT // _BATCH):
            rows = await self._store.engine.find(
                self._store.liked_songs.name,
                {"user_id": user_id},
                sort=[("created_at", -1)],
                limit=_BATCH,
                after=after,
                fields=["target_id", "created_at"],
            )
            found.update(row["target_id"] for row in rows)
            if len(rows) < _BATCH:
                break
            after = [rows[-1]["created_at"], rows[-1]["_id"]]
        return frozenset(found)

    async def _genres(self, texts: set[str]) -> dict[str, frozenset[str]]:
        """For each text the ids of the genre it means (an id outranks a slug, a slug a name) and of all below it."""
        if not texts:
            return {}
        wanted, genres = sorted(texts), self._store.genres
        keys = {text: fold(text) for text in wanted}
        conditions = [{"_id": {"$in": wanted}}, {"slug": {"$in": wanted}}, {"name_key": {"$in": list(keys.values())}}]
        fields = ["slug", "name_key", "ancestor_ids"]
        tops = await genres.engine.find(genres.name, {"$or": conditions}, limit=3 * len(wanted), fields=fields)
        meant = {text: _meant(text, keys[text], tops) for text in wanted}
        ids = [id for id in dict.fromkeys(meant.values()) if id is not None]
        below: dict[str, set[str]] = {id: {id} for id in ids}
        if ids:
            found = await genres.engine.find(
                genres.name, {"ancestor_ids": {"$in": ids}}, limit=_BATCH, fields=["ancestor_ids"]
            )
            for genre in found:
                for id in genre["ancestor_ids"]:
                    if id in below:
                        below[id].add(genre["_id"])
        return {text: frozenset(below[id]) if id is not None else frozenset() for text, id in meant.items()}


def _meant(text: str, key: str, found: list[Document]) -> str | None:
    for field, value in (("_id", text), ("slug", text), ("name_key", key)):
        for genre in found:
            if genre.get(field) == value:
                return str(genre["_id"])
    return None
