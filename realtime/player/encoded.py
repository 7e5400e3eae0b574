"""A state that many see alike is made into bytes once: the last frames, by topic, revision and visibility.

Owns the bound. Refuses to decide who sees what alike: whoever opens a topic says so.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import Any

from realtime.player.frames import event


class EncodedFrames:
    """At most `limit` frames of together `limit_bytes`; the one unused for longest is forgotten first."""

    def __init__(self, *, limit: int = 512, limit_bytes: int = 16 * 1024 * 1024) -> None:
        self._limit = limit
        self._limit_bytes = limit_bytes
        self._frames: OrderedDict[Hashable, bytes] = OrderedDict()
        self._bytes = 0
        self.made = 0
        """How many frames were made, kept or not."""

    def frame(self, topic: str, item: Mapping[str, Any], seen_as: Hashable) -> bytes:
        """The frame that tells `item`. Kept only when it has a `rev` and a visibility to be known by: its own, where it
        says how it is seen, else that of the topic."""
        rev, seen_as = item.get("rev"), getattr(item, "seen_as", seen_as)
        if seen_as is None or rev is None:
            self.made += 1
            return event(topic.partition(":")[0], item)
        key = (topic, rev, seen_as)
        known = self._frames.get(key)
        if known is not None:
            self._frames.move_to_end(key)
            return known
        self.made += 1
        frame = event(topic.partition(":")[0], item)
        self._frames[key] = frame
        self._bytes += len(frame)
        while self._frames and (len(self._frames) > self._limit or self._bytes > self._limit_bytes):
            self._bytes -= len(self._frames.popitem(last=False)[1])
        return frame
