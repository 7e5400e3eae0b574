"""A song's sound on its way out: final facts, and bytes from an open file or from head and segments as they are read.

Owns the order in which segments are asked for, one ahead of the listener and never more. Refuses to know how they are
made and who listens how.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from services.audio.admission import Urgency
from services.audio.codecs.geometry import Gapless, Geometry
from services.audio.far_sounds import FarSound
from services.audio.growing import Arriving, GrowingSegments
from services.audio.open_files import OpenFile
from services.audio.ranges import Target
from services.audio.renditions import Choice
from services.audio.segments import Source

CHUNK_BYTES = 1 << 16


class SegmentMaker(Protocol):
    """Gives a segment's bytes, made now or earlier; TooMany when too many wait for that."""

    async def __call__(
        self, rendition: Rendition, index: int, *, user: str, urgency: Urgency, continuing: bool
    ) -> bytes:
        """The bytes of segment `index`."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """A rendition of one source: everything needed to make any part of it.

    `key` names exactly the bytes of the segments, `tag` those of the whole, `head` included: the same sound under
    another head is not encoded again.
    """

    key: str
    source: Source
    geometry: Geometry
    extension: str
    head: bytes
    tag: str

    @property
    def whole(self) -> str:
        """What the complete rendition is called in the cache."""
        return f"{self.any_whole}{self.tag[:8]}.{self.extension}"

    @property
    def any_whole(self) -> str:
        """How the names of complete renditions begin, whichever head they have."""
        return "whole-"

    def part(self, index: int) -> str:
        """What one segment is called in the cache."""
        return f"{index:06d}.{self.extension}"


class Sound:
    """One song as it is about to be sent. `close` it.

    Either `file` is set and the bytes are those of the open file, or they come from `read`: made, or passed on where
    `far` is set (then `stop` it, if it was prepared). `target` has length, entity tag, time and type; `rendition` and
    `why` say what was chosen, `gapless` what of a rendition is not the song.
    """

    __slots__ = (
        "_ahead",
        "_first",
        "_growing",
        "_make",
        "_passing",
        "_rendition",
        "_user",
        "choice",
        "far",
        "file",
        "filename",
        "gapless",
        "target",
        "urgency",
    )

    def __init__(self, choice: Choice, target: Target, filename: str) -> None:
        self.choice = choice
        self.target = target
        self.filename = filename
        self.file: OpenFile | None = None
        self.far: FarSound | None = None
        self._passing: tuple[range, AsyncGenerator[bytes], bytes] | None = None
        self.gapless: Gapless | None = None
        self.urgency = Urgency.PLAYHEAD
        """How soon what is read is wanted; whoever does not listen, but collects, sets a later one."""
        self._rendition: Rendition | None = None
        self._make: SegmentMaker | None = None
        self._user = ""
        self._growing: GrowingSegments | None = None
        self._first: tuple[int, Arriving] | None = None
        self._ahead: tuple[int, Arriving] | None = None

    def made_by(self, make: SegmentMaker, growing: GrowingSegments, rendition: Rendition, user: str) -> None:
        """Let the bytes come from segments of `rendition`, made on account of `user` and heard while they grow."""
        self._make, self._growing, self._rendition, self._user = make, growing, rendition, user

    @property
    def rendition(self) -> str:
        """The rendition's name: `original` or a profile's."""
        return self.choice.name

    @property
    def why(self) -> str:
        """Why this rendition, in a few words."""
        return self.choice.why

    @property
    def segments(self) -> int:
        """How many segments it is made of; 0 for a plain file."""
        return 0 if self._rendition is None else self._rendition.geometry.segments

    @property
    def made_from(self) -> Rendition | None:
        """The rendition whose segments it is made of; None for a plain file."""
        return self._rendition

    async def make(self, index: int, urgency: Urgency) -> None:
        """Have one segment in the cache, made in its turn if need be; TooMany when it has to give way."""
        await self._segment(index, urgency, continuing=False)

    async def prepare(self, start: int, end: int) -> None:
        """Have the first sound of `start` to `end` at hand, so that a refusal comes before any header is sent.

        Where only the head is wanted nothing is made.
        """
        if self.far is not None and end > start:
            await self.stop()
            passing = self.far.read(start, end)
            self._passing = range(start, end), passing, await anext(passing)
        if self._rendition is not None and end > start:
            await self.stop()
            for index in self._rendition.geometry.touched(start, end)[:1]:
                arriving = self._arriving(index, self.urgency)
                self._first = index, arriving
                await arriving.beyond(max(0, start - self._rendition.geometry.segment_bytes(index).start))

    async def read(self, start: int, end: int) -> AsyncGenerator[bytes]:
        """The bytes `start` up to `end` in chunks of at most 64 KiB; only segments of a rendition, not of a file.

        While one segment is being read the next of the same range is made. Raises TuttiError in the middle when a
        segment cannot be made; what came before is right.
        """
        if self.far is not None:
            async with aclosing(self._passed_on(self.far, start, end)) as pieces:
                async for piece in pieces:
                    yield piece
            return
        assert self._rendition is not None, "a plain file is read through its descriptor"
        geometry = self._rendition.geometry
        touched = geometry.touched(start, end)
        head = self._rendition.head[start:end]
        if head:
            yield head
        try:
            for index in touched:
                place = geometry.segment_bytes(index)
                at, high = max(start, place.start) - place.start, min(end, place.stop) - place.start
                arriving = await self._take(index)
                try:
                    while at < high:
                        data = await arriving.beyond(at)
                        if index + 1 in touched:
                            await self._follow(arriving, index + 1)
                        piece = bytes(data[at : min(at + CHUNK_BYTES, high)])
                        at += len(piece)
                        yield piece
                except BaseException:
                    await arriving.close()
                    raise
                try:
                    # Whoever goes on gets the next bytes no sooner; whoever goes away leaves the rest to be made.
                    await arriving.whole()
                finally:
                    arriving.leave()
        finally:
            await self._drop_ahead()

    async def _passed_on(self, far: FarSound, start: int, end: int) -> AsyncGenerator[bytes]:
        prepared, self._passing = self._passing, None
        if prepared is not None and prepared[0] == range(start, end):
            _, passing, first = prepared
        else:
            passing, first = far.read(start, end), b""
        async with aclosing(passing):
            if first:
                yield first
            async for piece in passing:
                yield piece

    async def stop(self) -> None:
        """End what was prepared and never read."""
        prepared, self._passing = self._passing, None
        if prepared is not None:
            await prepared[1].aclose()
        first, self._first = self._first, None
        if first is not None:
            await first[1].close()

    def close(self) -> None:
        """Let go of the file. The bytes of `read` must have been read or given up (`aclose`) before."""
        if self.file is not None:
            self.file.release()
            self.file = None

    async def _take(self, index: int) -> Arriving:
        if self._first is not None and self._first[0] == index:
            arriving, self._first = self._first[1], None
            return arriving
        await self.stop()
        if self._ahead is not None and self._ahead[0] == index and self._ahead[1].complete:
            arriving, self._ahead = self._ahead[1], None
            return arriving
        # Asking for it ourselves joins the work under way, which goes on being waited for, and moves it to the head.
        return self._arriving(index, self.urgency, continuing=self.urgency is Urgency.PLAYHEAD)

    async def _follow(self, arriving: Arriving, index: int) -> None:
        """Have segment `index` made as soon as the one before it is whole, however slow the listener."""
        if self._ahead is None or self._ahead[0] != index:
            # What was asked for ahead is the one that arrives now, so it is not given up by this.
            await self._drop_ahead()
            self._ahead = index, self._arriving(index, max(self.urgency, Urgency.NEXT_SEGMENT), after=arriving)

    async def _drop_ahead(self) -> None:
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            await ahead[1].close()

    def _arriving(
        self, index: int, urgency: Urgency, *, continuing: bool = False, after: Arriving | None = None
    ) -> Arriving:
        assert self._growing is not None
        assert self._rendition is not None

        async def making() -> bytes:
            if after is not None:
                await after.whole()
            return await self._segment(index, urgency, continuing=continuing)

        return Arriving(self._growing, (self._rendition.key, index), making())

    async def _segment(self, index: int, urgency: Urgency, *, continuing: bool) -> bytes:
        assert self._make is not None
        assert self._rendition is not None
        return await self._make(self._rendition, index, user=self._user, urgency=urgency, continuing=continuing)
