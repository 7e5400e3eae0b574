"""Ids as numbers: a sorted list of ids of one width, so that it can be mapped from a file and searched in steps.

Pure. Refuses to know what the ids are of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from services.discovery.collaborative.interactions import Integers

LONGEST = 64

Words = npt.NDArray[Any]


def fits(id: str) -> bool:
    """Whether an id can be learned: plain ASCII of at most 64 characters. Every id of the product is."""
    return id.isascii() and 0 < len(id) <= LONGEST and "\0" not in id


class Names:
    """Ids in order; each one's number is its place."""

    def __init__(self, words: Words) -> None:
        self.words = words

    def __len__(self) -> int:
        return len(self.words)

    @staticmethod
    def of(ids: Sequence[str]) -> Names:
        """These ids (each fits, none twice), sorted."""
        return Names(np.sort(np.array([id.encode() for id in ids], dtype=np.bytes_)))

    def numbers(self, ids: Sequence[str]) -> Integers:
        """The number of each, -1 for one that is not known."""
        width = self.words.dtype.itemsize
        found = np.full(len(ids), -1, np.int64)
        known = [at for at, id in enumerate(ids) if fits(id) and len(id) <= width]
        if not known or not len(self.words):
            return found
        wanted = np.array([ids[at].encode() for at in known], dtype=self.words.dtype)
        places = np.minimum(np.searchsorted(self.words, wanted), len(self.words) - 1)
        found[known] = np.where(self.words[places] == wanted, places, -1)
        return found

    def ids(self, numbers: Integers) -> list[str]:
        """The ids with these numbers."""
        return [word.decode() for word in self.words[numbers].tolist()]
