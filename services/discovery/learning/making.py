"""From rows to a learned model: numbers put in the order of their ids, the fitting, who is near whom, who played what.

Pure, and the same rows give the same model. Runs in the process that learns. Refuses to know where rows come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from services.discovery.collaborative.affinity import Origin
from services.discovery.collaborative.fitting import fit
from services.discovery.collaborative.interactions import Integers, Interactions, interactions
from services.discovery.collaborative.learned import Learned
from services.discovery.collaborative.names import Names
from services.discovery.collaborative.overlaps import Told, silent, walked
from services.discovery.collaborative.steps import StepStore, content_of

LISTENERS_EACH = 2_000
"""So many people of a song are noted, to tell whether two songs share some."""

ARTIST_NEIGHBOURS = 100


def make(
    rows: npt.NDArray[Any],
    songs: Sequence[tuple[str, str]],
    origin: Origin,
    *,
    told: Told = silent,
    steps: Path | None = None,
) -> tuple[Learned, dict[str, Any]]:
    """The model, and the recipe by which it was mixed. Songs without an artist are gone, and left out.

    In the folder `steps` what is done is kept, so that the same call after a break goes on from there.
    """
    names = Names.of(sorted({song for song, artist in songs if artist}))
    artists = Names.of(sorted({artist for _, artist in songs if artist}))
    there = [song if artist else "" for song, artist in songs]
    columns = names.numbers(there)
    singers = np.full(len(names), -1, np.int64)
    singers[columns[columns >= 0]] = artists.numbers([artist for _, artist in songs if artist])
    kept = columns[rows["song"]] >= 0 if len(rows) else np.zeros(0, bool)
    people, items = rows["person"][kept].astype(np.int64), columns[rows["song"][kept]] if len(rows) else columns[:0]
    shape = (origin.people, len(names))
    listened = _summed(people, items, rows["plays"][kept], shape)
    weighed = _summed(people, items, rows["weight"][kept], shape)
    keep = None if steps is None else StepStore(steps, content_of(weighed))
    model, recipe = fit(weighed, told=lambda share: told(0.9 * share), keep=keep)
    near_artists = walked(_of_artists(listened, singers, len(artists)).weights(), ARTIST_NEIGHBOURS)
    told(1.0)
    learned = Learned(origin, names, artists, model, near_artists, _played_by(listened))
    return learned, asdict(recipe)


def _summed(people: Integers, items: Integers, values: npt.NDArray[Any], shape: tuple[int, int]) -> Interactions:
    """Each pair's sum, where it is over 0: what was only skipped is as if it had never been played."""
    made = sparse.csr_array(sparse.coo_array((values.astype(np.float32), (people, items)), shape=shape))
    made.sum_duplicates()
    made = made.tocoo()
    return interactions(made.row, made.col, made.data, shape)


def _of_artists(listened: Interactions, singers: Integers, artists: int) -> Interactions:
    made = listened.counts.tocoo()
    return interactions(made.row, singers[made.col], made.data, (listened.users, artists))


def _played_by(listened: Interactions) -> sparse.csr_array:
    by_song = sparse.csr_array(listened.counts.T)
    by_song.sort_indices()
    sizes = np.diff(by_song.indptr)
    place = np.arange(by_song.nnz) - np.repeat(by_song.indptr[:-1], sizes)
    kept = place < LISTENERS_EACH
    ends = np.concatenate([[0], np.cumsum(np.minimum(sizes, LISTENERS_EACH))])
    ones = np.ones(int(kept.sum()), np.int8)
    return sparse.csr_array((ones, by_song.indices[kept], ends), shape=by_song.shape)
