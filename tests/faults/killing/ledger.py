"""What clients know of their writes: answered, refused, or sent into a house that died before it answered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable

Key = tuple[Hashable, ...]


class Ledger:
    """How often each thing may be there: once, not at all, or either where the answer was lost.

    A key's first word is its kind. What no client ever asked for may not be there.
    """

    def __init__(self) -> None:
        self._may_be: dict[Key, set[int]] = {}
        self.answered: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()

    def done(self, key: Key) -> None:
        """The house said that it is there now."""
        self._may_be[key] = {1}
        self.answered[str(key[0])] += 1

    def undone(self, key: Key) -> None:
        """The house said that it is not there (any more)."""
        self._may_be[key] = {0}
        self.answered[str(key[0])] += 1

    def perhaps(self, key: Key, *, there: bool) -> None:
        """Asked to put it there or take it away, and never answered."""
        self._may_be[key] = self.may_be(key) | {int(there)}
        self.lost[str(key[0])] += 1

    def may_be(self, key: Key) -> set[int]:
        """How often it may be there."""
        return self._may_be.get(key, {0})

    def is_sure(self, key: Key) -> bool:
        """Whether it is there for certain."""
        return self.may_be(key) == {1}

    def sure(self, kind: str) -> list[Key]:
        """All that is there for certain, of a kind."""
        return [key for key, counts in self._may_be.items() if key[0] == kind and counts == {1}]

    def wrong(self, kind: str, found: Iterable[Key]) -> list[str]:
        """What of a kind is there too often, not often enough, or though nobody asked for it."""
        counted = Counter(found)
        keys = {key for key in self._may_be if key[0] == kind} | set(counted)
        return [
            f"{key}: {counted[key]} times, may be {sorted(self.may_be(key))}"
            for key in sorted(keys, key=repr)
            if counted[key] not in self.may_be(key)
        ]

    def told(self) -> str:
        """The sums, for people."""
        kinds: defaultdict[str, str] = defaultdict(str)
        for kind in sorted(self.answered | self.lost):
            kinds[kind] = f"{kind} {self.answered[kind]} (+{self.lost[kind]}?)"
        return ", ".join(kinds.values())
