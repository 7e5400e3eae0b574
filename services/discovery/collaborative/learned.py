"""One learned model with what its numbers stand for, asked by ids.

Pure: everything it says is worked out from arrays in memory (or mapped), which never change. Owns the short way to an
answer in large libraries. Refuses to know files, the store and who may see what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from services.discovery.collaborative.affinity import Affinity, Origin
from services.discovery.collaborative.interactions import Floats, Integers
from services.discovery.collaborative.model import Model
from services.discovery.collaborative.names import Names

ASKED_LIMIT = 400
"""So many songs of a taste are asked with, the heaviest."""
SHORT_LIST = 4_000
EXACT_BELOW = 20_000
"""In larger libraries the common directions are asked about the short list alone: what the neighbours name most."""


@dataclass(frozen=True, slots=True)
class Learned:
    """`near_artists[i, j]`: how near artist j is to i. `played_by`: for each song the numbers of those who played it,
    in order; whose numbers they are is written nowhere."""

    origin: Origin
    songs: Names
    artists: Names
    model: Model
    near_artists: sparse.csr_array
    played_by: sparse.csr_array

    def near_song(self, song_id: str, limit: int) -> list[Affinity]:
        """Songs that the same people play, the nearest first."""
        return self.for_taste({song_id: 1.0}, limit)

    def near_artist(self, artist_id: str, limit: int) -> list[Affinity]:
        """Artists that the same people play, the nearest first."""
        number = int(self.artists.numbers([artist_id])[0])
        if number < 0 or limit < 1:
            return []
        low, high = self.near_artists.indptr[number], self.near_artists.indptr[number + 1]
        values = self.near_artists.data[low:high]
        order = np.argsort(-values, kind="stable")[:limit]
        ids = self.artists.ids(self.near_artists.indices[low:high][order])
        return [Affinity(id, float(value), artist_id) for id, value in zip(ids, values[order], strict=True)]

    def for_taste(self, weights: Mapping[str, float], limit: int) -> list[Affinity]:
        """Songs for somebody whose songs weigh so, the best first; none of those asked with.

        Only what something with a weight over 0 speaks for; the heaviest 400 are asked with.
        """
        numbers = self.songs.numbers(list(weights))
        values = np.fromiter(weights.values(), np.float32, len(weights))
        known = numbers >= 0
        numbers, values = numbers[known], values[known]
        heaviest = np.argsort(-np.abs(values), kind="stable")[:ASKED_LIMIT]
        asked, values = numbers[heaviest], values[heaviest]
        if limit < 1 or not np.any(values > 0):
            return []
        rows = self._rows(asked)
        chosen, scores = self._best(asked, values, rows, numbers, limit)
        because = asked[self._said(asked, values, rows, chosen)]
        named, reasons = self.songs.ids(chosen), self.songs.ids(because)
        return [Affinity(id, float(score), why) for id, score, why in zip(named, scores, reasons, strict=True)]

    def shared_listeners(self, song_id: str, other_id: str) -> int:
        """How many people had played both when this was learned. Plays are never taken back, so at least so many."""
        one, other = self.songs.numbers([song_id, other_id])
        if one < 0 or other < 0:
            return 0
        return len(np.intersect1d(self._people(int(one)), self._people(int(other)), assume_unique=True))

    def _people(self, number: int) -> Integers:
        made: Integers = self.played_by.indices[self.played_by.indptr[number] : self.played_by.indptr[number + 1]]
        return made

    def _best(
        self, asked: Integers, values: Floats, rows: _Rows, without: Integers, limit: int
    ) -> tuple[Integers, Floats]:
        items = len(self.songs)
        liked = np.where(values > 0, values, 0).astype(np.float32)
        # What somebody skips speaks against what goes with it, and never for what does not.
        against = np.where(rows.values > 0, rows.values, 0) * (values - liked)[rows.owners]
        near = np.bincount(rows.columns, against, items).astype(np.float32)
        if items <= EXACT_BELOW or not np.any(rows.values):
            order = np.argsort(asked)
            row = sparse.csr_array((liked[order], asked[order], np.array([0, len(asked)])), shape=(1, items))
            scores = self.model.scores(row)[0] + near
            scores[without] = -np.inf
            scores[scores <= 0] = -np.inf
            return _largest(np.arange(items), scores, limit)
        near += np.bincount(rows.columns, rows.values * liked[rows.owners], items).astype(np.float32)
        near[without] = 0
        said = np.flatnonzero(near > 0)
        short, scores = _largest(said, near[said], max(limit, SHORT_LIST))
        if self.model.left.shape[1]:
            scores = scores + self.model.right[short] @ (liked @ self.model.left[asked])
        return _largest(short, scores, limit)

    def _said(self, asked: Integers, values: Floats, rows: _Rows, chosen: Integers) -> Integers:
        """Which of the asked (by place) says most for each of the chosen: as a neighbour, or else by direction."""
        place = np.full(len(self.songs), -1, np.int64)
        place[chosen] = np.arange(len(chosen))
        columns = place[rows.columns]
        inside = columns >= 0
        said = np.zeros((len(asked), len(chosen)), np.float32)
        said[rows.owners[inside], columns[inside]] = (rows.values * values[rows.owners])[inside]
        unsaid = np.flatnonzero(said.max(axis=0, initial=0) <= 0)
        if len(unsaid) and self.model.left.shape[1]:
            # Never a reason that somebody has by a song they skip: only what weighs over 0 may speak.
            speaking = np.where(values > 0, values, 0)[:, None] * self.model.left[asked]
            said[:, unsaid] = speaking @ self.model.right[chosen[unsaid]].T
        said[values <= 0] = -np.inf
        made: Integers = said.argmax(axis=0)
        return made

    def _rows(self, asked: Integers) -> _Rows:
        near = self.model.near
        starts, sizes = near.indptr[asked].astype(np.int64), np.diff(near.indptr)[asked].astype(np.int64)
        flat = np.arange(int(sizes.sum())) + np.repeat(starts - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes)
        return _Rows(np.repeat(np.arange(len(asked)), sizes), near.indices[flat].astype(np.int64), near.data[flat])


@dataclass(frozen=True, slots=True)
class _Rows:
    """What the asked say as neighbours, flat: who (by place), of what (by number), how much."""

    owners: Integers
    columns: Integers
    values: Floats


def _largest(numbers: Integers, scores: Floats, limit: int) -> tuple[Integers, Floats]:
    """The numbers with the `limit` largest finite scores, the largest first, equals by number."""
    if len(scores) > limit:
        kept = np.sort(np.argpartition(-scores, limit - 1)[:limit])
        numbers, scores = numbers[kept], scores[kept]
    order = np.argsort(-scores, kind="stable")
    order = order[np.isfinite(scores[order])]
    return numbers[order], scores[order]
