"""Encoding one segment of a rendition from a source, so that the segments in a row are the whole, sample for sample.

Owns: where a source is decoded from, the arguments that make the encoder's output exact and the same each time, and
the decoded copy of sources that cannot be entered at an exact sample. Refuses to know who waits and in what order.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from services.audio.codecs.geometry import SAMPLE_RATE, BadFrames, Segmented
from services.audio.far_sounds import FarSounds
from services.audio.ffmpeg import Ffmpeg, FfmpegFailed, FfmpegRefused, WaitingFfmpeg
from services.audio.growing import Feed
from services.audio.late_graph import late_graph
from services.audio.ready_encoders import ReadyEncoders
from services.audio.segment_cache import SegmentCache
from services.errors import Gone, Unavailable

SEEKABLE_CODECS = frozenset({"flac", "pcm", "alac", "mp3", "opus"})
"""Codecs that ffmpeg enters bit-exactly a second early; Vorbis and AAC came out shifted (decision 0005)."""

# Ten seconds of sound take a quarter of a second of one core; two orders of magnitude for slow and busy machines.
_SEGMENT_TIMEOUT_S = 60.0
_DECODE_TIMEOUT_S = 900.0
# ffmpeg fills its buffer of 32 KiB instead of writing every frame by itself, which wakes the loop 400 times a segment.
_WHOLE_BUFFERS = ("-flush_packets", "0")
_PIECES = 32
# 24 bits: at 16 the encoder decides differently in four of five frames than it does on the source itself.
_DECODED = "decoded"
_DISK_FULL = os.strerror(errno.ENOSPC)
_FORMATS = "mp3,flac,ogg,wav,w64,aiff,aac,caf,mov,mp4,m4a,3gp,3g2,mj2"


@dataclass(frozen=True, slots=True)
class Source:
    """A file to encode from, as it was when it was opened. `identity` is hexadecimal and names these very sounds."""

    path: str
    identity: str
    codec: str
    sample_rate: int
    channels: int
    size: int
    mtime_ns: int

    @property
    def seekable(self) -> bool:
        """Whether decoding may start at a segment: the codec allows it and 0.12 s are a whole number of samples."""
        return self.codec in SEEKABLE_CODECS and self.sample_rate * 3 % 25 == 0

    def seekable_for(self, geometry: Segmented) -> bool:
        """Whether decoding may start at this rendition's segments: without resampling any whole second will do."""
        return self.seekable or (self.codec in SEEKABLE_CODECS and self.sample_rate == geometry.sample_rate)

    def check(self) -> None:
        """Unavailable when the file is gone, Gone when it is another one by now. Blocks for one stat."""
        try:
            status = os.stat(self.path)
        except OSError:
            raise Unavailable("The song's file is not there just now.", code="SOURCE_MISSING") from None
        if (status.st_size, status.st_mtime_ns) != (self.size, self.mtime_ns):
            raise Gone("The song's file has changed; ask again.", code="SOURCE_CHANGED")


@dataclass(slots=True)
class _Turn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class SegmentEncoder:
    """Encodes segments. `encoded` counts them, `decoded` the whole sources that had to be decoded first."""

    def __init__(
        self, ffmpeg: Ffmpeg, cache: SegmentCache, far: FarSounds | None = None, ready: ReadyEncoders | None = None
    ) -> None:
        self._ffmpeg = ffmpeg
        self._ready = ready or ReadyEncoders(ffmpeg, 0)
        self._cache = cache
        self._far = far
        self._turns: dict[str, _Turn] = {}
        self.encoded = 0
        self.decoded = 0

    async def encode(
        self, source: Source, geometry: Segmented, index: int, feed: Feed | None = None, *, niceness: int = 0
    ) -> bytes:
        """The bytes of one segment, checked frame by frame. `feed` is given its beginning as it comes, checked too.

        `niceness` is by how much others go before it on the processors (0 to 19).
        Unavailable when the source is gone or cannot be decoded, Gone when it has changed: before the encoding or
        during it, so that sound of two files never mixes.
        """
        async with self.at_hand(source) as here:
            return await self._encode(here, geometry, index, feed, niceness)

    def expect(self, geometry: Segmented) -> None:
        """Segments of such a rendition will be wanted: have an encoder ready for them."""
        self._ready.expect(_written(geometry))

    async def count_samples(self, source: Source, sample_rate: int = SAMPLE_RATE) -> int:
        """How many samples per channel the source comes to at that rate, by decoding it once."""
        async with self.at_hand(source) as here:
            return await self._count_samples(here, sample_rate)

    @asynccontextmanager
    async def at_hand(self, source: Source) -> AsyncIterator[Source]:
        """The source on this machine while the block runs: itself, or a copy of one that lies elsewhere."""
        if self._far is None or self._far.local(source.path) == source.path:
            yield source
            return
        async with self._far.at_hand(source.path, source.size) as path:
            status = await self._cache.in_thread(lambda: os.stat(path))
            yield replace(source, path=path, mtime_ns=status.st_mtime_ns)

    async def _encode(self, source: Source, geometry: Segmented, index: int, feed: Feed | None, niceness: int) -> bytes:
        await self._cache.in_thread(source.check)
        try:
            if source.seekable_for(geometry):
                data = await self._segment(source, source, geometry, index, feed, niceness)
            else:
                async with self._decoded_copy(source, geometry.sample_rate) as copy:
                    decoded = replace(source, path=str(copy), codec="flac", sample_rate=geometry.sample_rate)
                    data = await self._segment(source, decoded, geometry, index, feed, niceness)
        except FfmpegFailed as failure:
            await self._cache.in_thread(source.check)
            raise Unavailable("The song's file cannot be decoded.", code="SOURCE_BROKEN") from failure
        await self._cache.in_thread(source.check)
        return data

    async def _count_samples(self, source: Source, sample_rate: int) -> int:
        await self._cache.in_thread(source.check)
        args = [*_input(source.path), "-af", _resampled(sample_rate), "-ac", "1"]
        args += ["-c:a", "pcm_s16le", "-f", "s16le", "pipe:1"]
        try:
            total = await self._ffmpeg.count(args, timeout_s=_DECODE_TIMEOUT_S)
        except FfmpegFailed as failure:
            raise Unavailable("The song's file cannot be decoded.", code="SOURCE_BROKEN") from failure
        if not total:
            raise Unavailable("The song's file holds no sound.", code="SOURCE_BROKEN")
        return total // 2

    async def _segment(
        self, source: Source, played: Source, geometry: Segmented, index: int, feed: Feed | None, niceness: int
    ) -> bytes:
        """One segment of `source`, from the file that is `played` for it: itself or a decoded copy."""
        window = geometry.window(index)
        skipped, wanted = window.encode_from - window.decode_from, window.end - window.encode_from
        last = min(window.end, geometry.samples) - window.decode_from
        chain = [_resampled(geometry.sample_rate)]
        if last > skipped:
            chain += [f"atrim=start_sample={skipped}:end_sample={last}", "asetpts=N/SR/TB"]
        else:
            # Only the encoder's delay reaches into this segment: silence, from any sample of the source.
            chain += ["volume=0", "atrim=end_sample=1", "asetpts=N/SR/TB"]
        chain += [f"apad=whole_len={wanted}", f"atrim=end_sample={wanted}"]
        from_us = window.decode_from * 1_000_000 // geometry.sample_rate
        writes = _written(geometry)
        self.encoded += 1
        limits: dict[str, Any] = {
            "limit_bytes": window.most_bytes,
            "timeout_s": _SEGMENT_TIMEOUT_S,
            "niceness": niceness,
        }
        if feed is not None:
            limits["heard"] = self._passing_on(source, feed, window.most_bytes // _PIECES)
        told = self._told_later(played, geometry, from_us, chain)
        try:
            with self._ready.work(writes, told is not None) as ready:
                data = None
                if ready is not None and told is not None:
                    data = await _answered(ready, told, feed, limits)
                if data is None:
                    mixed = _mixing(source) if geometry.mixes_down else []
                    reads = [*_input(played.path, seek_us=from_us), "-af", ",".join(chain), *mixed]
                    data = await self._ffmpeg.capture([*reads, *writes], **limits)
            return await self._cache.in_thread(lambda: geometry.assemble(index, data))
        except BadFrames as bad:
            raise FfmpegFailed("the encoder made something else than was asked for", str(bad)) from bad

    def _told_later(self, played: Source, geometry: Segmented, from_us: int, chain: list[str]) -> bytes | None:
        if not geometry.mixes_down:
            return None
        return late_graph(
            played.path,
            codec=played.codec,
            sample_rate=played.sample_rate,
            channels=played.channels,
            from_us=from_us,
            encoder=geometry.encoder_arguments()[1],
            chain=chain,
        )

    def _passing_on(self, source: Source, feed: Feed, step: int) -> Callable[[bytearray], Awaitable[None]]:
        looked_at = 0

        def settle(encoded: bytearray) -> bytes:
            # Looked at before each piece, so that sound of two files never mixes in what is heard either.
            source.check()
            return feed.settled(encoded)

        async def heard(encoded: bytearray) -> None:
            nonlocal looked_at
            if len(encoded) < looked_at + step:
                return
            looked_at = len(encoded)
            if piece := await self._cache.in_thread(lambda: settle(encoded)):
                feed.add(piece)

        return heard

    @asynccontextmanager
    async def _decoded_copy(self, source: Source, sample_rate: int) -> AsyncIterator[Path]:
        """A lossless copy at that rate that can be entered anywhere; made once, kept in the cache while it is used."""
        name = f"{_DECODED}-{sample_rate}.flac"
        turn = self._turns.setdefault(source.identity, _Turn())
        turn.users += 1
        try:
            async with turn.lock:
                if not self._cache.has(source.identity, name):
                    await self._decode(source, sample_rate, name)
                held = self._cache.hold(source.identity, name)
                path = held.__enter__()
        finally:
            turn.users -= 1
            if not turn.users:
                self._turns.pop(source.identity, None)
        try:
            if path is None:
                raise Unavailable("The audio cache has no room for this song.", code="CACHE_FULL")
            yield path
        finally:
            held.__exit__(None, None, None)

    async def _decode(self, source: Source, sample_rate: int, name: str) -> None:
        temporary = self._cache.temporary(name)
        try:
            self.decoded += 1
            await self._ffmpeg.count(
                [
                    *_input(source.path),
                    *("-af", _resampled(sample_rate), *_mixing(source), "-map_metadata", "-1"),
                    *("-c:a", "flac", "-sample_fmt", "s32", "-compression_level", "0"),
                    *("-f", "flac", f"file:{temporary}"),
                ],
                timeout_s=_DECODE_TIMEOUT_S,
            )
            await self._cache.in_thread(source.check)
            await self._cache.adopt(source.identity, name, temporary)
        except FfmpegFailed as failure:
            if _DISK_FULL not in failure.stderr_tail:
                raise
            raise Unavailable("The audio cache has no room for this song.", code="CACHE_FULL") from failure
        finally:
            temporary.unlink(missing_ok=True)


def _written(geometry: Segmented) -> tuple[str, ...]:
    return (*geometry.encoder_arguments(), *_WHOLE_BUFFERS, "pipe:1")


async def _answered(ready: WaitingFfmpeg, told: bytes, feed: Feed | None, limits: dict[str, Any]) -> bytes | None:
    """What a waiting encoder makes of it; None when it refused before anything was heard, so that another may try."""
    try:
        return await ready.capture(told, **limits)
    except FfmpegRefused:
        if feed is not None and feed.begun:
            raise
        return None


def _resampled(sample_rate: int) -> str:
    # Mixed down, sound is scaled so that nothing clips. Left to itself ffmpeg does so for whole numbers and not for
    # floats, and a song's loudness would hang on the codec of its file.
    return f"aresample={sample_rate}:rematrix_maxval=1"


def _mixing(source: Source) -> list[str]:
    # ffmpeg's own matrix: centre and surrounds at -3 dB into left and right, the bass channel left out.
    return ["-ac", "1" if source.channels == 1 else "2"]


def _input(path: str, *, seek_us: int = 0) -> list[str]:
    # Only real files of known formats: a playlist in disguise must not make ffmpeg fetch what it names.
    seek = ["-ss", f"{seek_us}us"] if seek_us else []
    limits = ["-threads", "1", "-protocol_whitelist", "file", "-format_whitelist", _FORMATS]
    return [*limits, *seek, "-i", f"file:{path}", "-map", "0:a:0", "-vn", "-sn", "-dn"]
