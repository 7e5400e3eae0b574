"""Generations of the search index, wherever it is kept: which is the good one, how far it got, and who may write.

A new generation is made beside the old one and takes its place in one step, so searches go on meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from storage.search_index.index import SearchIndex


@dataclass(slots=True)
class State:
    """The good generation: its version, its folder, and up to which moment each kind has been read."""

    version: str
    folder: str
    marks: dict[str, str] = field(default_factory=dict)


class Generations(Protocol):
    """Where the index is kept, one generation after the other. Blocking: call it from a worker."""

    layout: str
    """Which layout its entries have: one of another layout is made again."""

    @property
    def writing(self) -> bool:
        """Whether this process is the one that may write."""

    def take(self) -> bool:
        """Whether the right to write is ours now."""

    def release(self) -> None:
        """Let another process write."""

    def state(self) -> State | None:
        """The good generation; None when there is none, or none that can be read."""

    def keep(self, state: State) -> None:
        """Make this the good generation, or note how far it got; in whole or not at all."""

    def open(self, state: State) -> SearchIndex:
        """The index of a generation. IndexDamaged when it cannot be read."""

    def fresh(self, version: str) -> State:
        """A new, empty generation, not yet the good one."""

    def begin(self, state: State) -> SearchIndex:
        """The index of a fresh generation, empty."""

    def make_sure_of_room(self) -> None:
        """OSError when nothing more can be written."""

    def discard(self, state: State) -> None:
        """Remove a new generation that did not get done."""

    def sweep(self, good: State) -> None:
        """Remove every other generation."""

    def wish(self) -> None:
        """Ask whoever writes to make the index again."""

    def wished(self) -> bool:
        """Whether somebody asked for that."""

    def grant(self) -> None:
        """The wish is fulfilled."""
