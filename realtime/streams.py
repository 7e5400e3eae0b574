"""Every answer with sound under way in this process: which session each belongs to, and its end when that ends.

Owns the register. Refuses to know how sound is sent: Tornado's handlers and the express lane keep the same book.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from typing import Protocol


class OpenStream(Protocol):
    """What the register needs of an answer under way."""

    @property
    def session_id(self) -> str | None:
        """The sign-in session it is given to."""

    def cut(self) -> None:
        """Hang up at once, with whatever the other end has not taken yet."""


class OpenStreams:
    """The register. At most `limit` answers; the last `remembered` ended sessions stay barred."""

    def __init__(self, *, limit: int = 20_000, remembered: int = 4096) -> None:
        self._limit = limit
        self._remembered = remembered
        self._count = 0
        self._streams: dict[str, set[OpenStream]] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()

    def __len__(self) -> int:
        return self._count

    def sessions(self) -> Collection[str]:
        """The sessions that are being sent sound now."""
        return self._streams.keys()

    def add(self, stream: OpenStream) -> bool:
        """Enter an answer; False when its session has ended or there is no room, and then it is not entered.

        One without a session is let through and not entered: nothing ends it.
        """
        session_id = stream.session_id
        if session_id is None:
            return True
        if self._count >= self._limit or session_id in self._ended:
            return False
        theirs = self._streams.setdefault(session_id, set())
        if stream not in theirs:
            theirs.add(stream)
            self._count += 1
        return True

    def discard(self, stream: OpenStream) -> None:
        """Strike an answer out; no matter whether it was in."""
        session_id = stream.session_id
        theirs = self._streams.get(session_id) if session_id is not None else None
        if session_id is None or theirs is None or stream not in theirs:
            return
        theirs.remove(stream)
        self._count -= 1
        if not theirs:
            del self._streams[session_id]

    def has_ended(self, session_id: str | None) -> bool:
        """Whether this session ended a moment ago: who was let in just before that must not begin to listen."""
        return session_id is not None and session_id in self._ended

    def end_session(self, session_id: str) -> int:
        """Cut every answer of a session, at once; how many there were."""
        self._ended[session_id] = None
        self._ended.move_to_end(session_id)
        while len(self._ended) > self._remembered:
            self._ended.popitem(last=False)
        leaving = self._streams.pop(session_id, set())
        self._count -= len(leaving)
        for stream in leaving:
            stream.cut()
        return len(leaving)
