"""Which sounds may be the same as a sound: those that share the most keys with it.

Owns how candidates are found, how many are judged and the judging. Refuses to decide what follows.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

from services.analysis.fingerprint import Likeness, Words, compare
from storage.collections.store import Store
from storage.records.fingerprint import Fingerprint

JUDGED = 20
"""So many candidates are compared word by word."""

_PAGE = 1000
_MOST_ROWS = 20_000
"""Keys alone are read of so many sounds that share one; in a large library most of them do so by chance."""


class Recall:
    """Finds a sound's likes among all fingerprints."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def alike(self, own: Fingerprint) -> dict[str, Likeness]:
        """At most 20 other payloads that are the same sound, by payload, the likest first.

        Offsets tell by how much theirs starts later. Two store commands, one more for each 1,000 sounds sharing a key.
        """
        if not own.keys:
            return {}
        near = await self._store.fingerprints.get_many(await self._nearest(own))
        return await asyncio.to_thread(_judge, own, list(near.values()))

    async def _nearest(self, own: Fingerprint) -> list[str]:
        """Those that share most keys, at most as many as are judged."""
        wanted = set(own.keys)
        engine, name = self._store.fingerprints.engine, self._store.fingerprints.name
        best: list[tuple[int, str]] = []
        after: Sequence[Any] | None = None
        for _ in range(_MOST_ROWS // _PAGE):
            rows = await engine.find(
                name, {"keys": {"$in": own.keys}}, sort=[("_id", 1)], limit=_PAGE, after=after, fields=["keys"]
            )
            shared = [(-len(wanted.intersection(row["keys"])), row["_id"]) for row in rows if row["_id"] != own.id]
            best = sorted(best + shared)[:JUDGED]
            if len(rows) < _PAGE:
                break
            after = [rows[-1]["_id"]]
        return [id for _, id in best]


def words_of(of: Fingerprint) -> Words:
    """The words as numbers."""
    return np.frombuffer(base64.b64decode(of.words), "<u4").astype(np.uint32)


def packed(words: Words) -> str:
    """Words as a record keeps them."""
    return base64.b64encode(words.astype("<u4").tobytes()).decode("ascii")


def _judge(own: Fingerprint, near: list[Fingerprint]) -> dict[str, Likeness]:
    words = words_of(own)
    judged = [(each.id, compare(words, words_of(each))) for each in near]
    alike = [(id, likeness) for id, likeness in judged if likeness is not None and likeness.same]
    return dict(sorted(alike, key=lambda each: (each[1].bit_error_rate, each[0])))
