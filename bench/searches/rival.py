"""The runner-up: SQLite's FTS5 over the same titles, artists and albums, asked the same questions.

Words with prefixes answer first; where few fit, trigrams do, which is how FTS5 can be made to bear typing mistakes.
Refuses to be more than a baseline: no filters, no order of fields beyond bm25's weights.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from services.search.folding import fold
from storage.collections.store import Store

FEW = 10


class Rival:
    """The FTS5 tables in one file, filled once. Blocking."""

    def __init__(self, path: Path) -> None:
        self._there = path.exists()
        self._tables = sqlite3.connect(path)
        self.seconds = 0.0

    async def fill(self, store: Store) -> None:
        """Index every song unless the file has them."""
        if self._there:
            return
        run = self._tables.execute
        run("CREATE VIRTUAL TABLE words USING fts5(id UNINDEXED, title, artist, album, prefix='1 2 3')")
        run("CREATE VIRTUAL TABLE threes USING fts5(id UNINDEXED, title, artist, tokenize='trigram', detail='full')")
        async for rows in store.engine.scan("songs", {}, batch=5000, fields=("title", "artist_credit", "album_title")):
            begun = time.perf_counter()
            folded = [
                (row["_id"], fold(row["title"]), fold(row["artist_credit"]), fold(row["album_title"])) for row in rows
            ]
            self._tables.executemany("INSERT INTO words VALUES (?, ?, ?, ?)", folded)
            self._tables.executemany("INSERT INTO threes VALUES (?, ?, ?)", [row[:3] for row in folded])
            self.seconds += time.perf_counter() - begun
        self._tables.commit()

    def search(self, text: str, limit: int = 20) -> list[str]:
        """The ids that fit, the best first."""
        words = fold(text).split()
        terms = [f'"{word.replace(chr(34), "")}"' for word in words]
        query = " ".join([*terms[:-1], f"{terms[-1]} *"]) if terms else '""'
        found = self._ask("words", query, limit, "10, 7, 4")
        if len(found) < FEW:
            threes = {word[at : at + 3] for word in words for at in range(len(word) - 2)}
            if threes:
                marked = " OR ".join(f'"{three.replace(chr(34), "")}"' for three in sorted(threes))
                found = list(dict.fromkeys([*found, *self._ask("threes", marked, limit, "10, 7")]))
        return found[:limit]

    def close(self) -> None:
        """Let go of the file."""
        self._tables.close()

    def _ask(self, table: str, query: str, limit: int, weights: str) -> list[str]:
        statement = f"SELECT id FROM {table} WHERE {table} MATCH ? ORDER BY bm25({table}, 0, {weights}) LIMIT ?"
        return [id for (id,) in self._tables.execute(statement, (query, limit))]
