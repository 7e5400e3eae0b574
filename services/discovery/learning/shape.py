"""A learned model as named arrays and back: what is in a version's files.

Pure. Owns the names and the checks by which a file that contradicts itself is known. Refuses to know folders.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from services.discovery.collaborative.affinity import Origin
from services.discovery.collaborative.learned import Learned
from services.discovery.collaborative.model import Model
from services.discovery.collaborative.names import Names
from services.discovery.learning.versions import Arrays, VersionUnreadable


def arrays_of(learned: Learned) -> Arrays:
    """The arrays of a model."""
    model = learned.model
    return {
        "songs": learned.songs.words,
        "artists": learned.artists.words,
        "left": model.left.astype(np.float32),
        "right": model.right.astype(np.float32),
        "popularity": model.popularity.astype(np.float32),
        **_parts("near", model.near),
        **_parts("artists_near", learned.near_artists),
        # That somebody played it is said by their place alone; the ones are small for that.
        **_parts("played_by", learned.played_by.astype(np.int8)),
    }


def learned_of(arrays: Arrays, origin: Origin) -> Learned:
    """The model of these arrays, which are not copied. VersionUnreadable when they contradict each other."""
    try:
        songs, artists = Names(arrays["songs"]), Names(arrays["artists"])
        items = len(songs)
        model = Model(_matrix(arrays, "near", items, items), arrays["left"], arrays["right"], arrays["popularity"])
        rank = model.left.shape[1]
        if not model.left.shape == model.right.shape == (items, rank) or model.popularity.shape != (items,):
            raise VersionUnreadable("shapes differ")
        near_artists = _matrix(arrays, "artists_near", len(artists), len(artists))
        played_by = _matrix(arrays, "played_by", items, origin.people)
    except (KeyError, ValueError, IndexError, TypeError) as fault:
        raise VersionUnreadable(f"{type(fault).__name__}: {fault}") from fault
    return Learned(origin, songs, artists, model, near_artists, played_by)


def _parts(name: str, matrix: sparse.csr_array) -> Arrays:
    # 32-bit places, or the library copies the whole matrix to wider ones whenever it is mapped.
    return {
        f"{name}_values": matrix.data,
        f"{name}_columns": matrix.indices.astype(np.int32),
        f"{name}_rows": matrix.indptr.astype(np.int32),
    }


def _matrix(arrays: Arrays, name: str, rows: int, columns: int) -> sparse.csr_array:
    parts = (arrays[f"{name}_values"], arrays[f"{name}_columns"], arrays[f"{name}_rows"])
    made = sparse.csr_array(parts, shape=(rows, columns))
    made.check_format(full_check=True)
    return made
