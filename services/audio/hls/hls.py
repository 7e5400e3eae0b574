"""A song by HTTP Live Streaming: its playlists, and its segments, made when they are asked for.

Owns: who is offered which variant, the addresses inside playlists, and the way from a segment's number to its bytes
through the encoders' queue and the cache. Refuses to know HTTP and how frames and containers are laid out.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from services.audio.admission import Urgency
from services.audio.codecs import aac, flac, opus
from services.audio.codecs.geometry import SAMPLE_RATE, BadFrames
from services.audio.delivery import Deliveries
from services.audio.hls import playlists
from services.audio.hls.cuts import AAC_PROFILES, FMP4_TYPE, AacInFmp4, AacInTs, Cut, FlacInFmp4, OpusInFmp4
from services.audio.hls.fragments import rates
from services.audio.hls.variants import Kind, Variant, kinds_for, offered, parse_kinds, variant_of
from services.audio.originals import Original
from services.audio.renditions import FLAC_PROFILE, OPUS_PROFILES, flac_obstacle, parse_quality
from services.errors import Denied, Gone, NotFound, Unavailable
from services.viewer import Viewer

log = logging.getLogger("tutti.audio")

REMEMBERED = 512
"""So many variants' segment sizes are remembered, from which true bit rates are told once all have been made."""

FLAC_MOST_BITS = 24
"""Deeper FLAC exists, but neither browsers nor ffmpeg 5.1 decode it."""

INITIAL = "init.mp4"
PLAYLIST = "playlist.m3u8"

_SEGMENT = re.compile(r"(0|[1-9][0-9]{0,5})\.(ts|m4s)")
_STREAM_INFO = slice(8, 42)

Body = Callable[[], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the viewer, the most their ticket allows, and the ticket itself, which goes into every address."""

    viewer: Viewer
    ceiling: str | None = None
    ticket: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door sends. The tag is known before the bytes, which `body` gives; `lasting` ones never change."""

    etag: str
    content_type: str
    body: Body
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class _Made:
    """One variant of one song: how it is cut, what names its bytes, and how a segment's frames are come by."""

    cut: Cut
    key: str
    frames: Callable[[int], Awaitable[bytes]]


class Hls:
    """Playlists and segments, made by the encoders of `deliveries` and kept in its cache."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries
        self._sizes: OrderedDict[str, dict[int, int]] = OrderedDict()

    async def master(
        self, caller: Caller, song_id: str, *, quality: str | None, wished: str | None, player: str
    ) -> Answer:
        """The master playlist: variants by `quality` and `wished` format, else by preference and by what `player` is.

        NotFound for a song that is absent or invisible, Invalid for an unknown quality or format.
        """
        asked = parse_quality(quality) if quality else None
        kinds = parse_kinds(wished) if wished else kinds_for(player)
        if self._deliveries.place is not None:
            await self._deliveries.place(caller.viewer)
        original = await self._deliveries.original(caller.viewer, song_id)
        preference, most = await self._deliveries.limits(caller.viewer, asked, caller.ceiling)
        variants = offered(
            kinds,
            lossless=_lossless(original),
            requested=asked,
            preference=preference,
            ceiling=most,
            insisted=wished is not None,
        )
        lines = []
        for variant in variants:
            made = await self._made(variant, original, caller.viewer)
            most_bits, average = self._rates(made)
            address = f"{variant.name}/{PLAYLIST}{_query(caller)}"
            lines.append(playlists.VariantLine(address, made.cut.codecs, most_bits, average))
        return _playlist(playlists.master(lines))

    async def media(self, caller: Caller, song_id: str, name: str) -> Answer:
        """A variant's playlist. NotFound, also for an unknown variant; Denied for one that the caller may not have."""
        made = await self._find(caller, song_id, name)
        cut, query = made.cut, _query(caller, made.key)
        durations = cut.durations
        addresses = [f"{index}.{cut.suffix}{query}" for index in range(len(durations))]
        initial = None if cut.initial is None else f"{INITIAL}{query}"
        text = playlists.media(durations, cut.sample_rate, addresses, initial=initial)
        return _playlist(text)

    async def part(self, caller: Caller, song_id: str, name: str, part: str, version: str | None) -> Answer:
        """The initialization segment or a media segment, by its name in the playlist.

        `version` is the one in the playlist's addresses: Gone when the song's sound has changed since. NotFound for
        what is not in the playlist; Unavailable and TooMany come with the bytes.
        """
        made = await self._find(caller, song_id, name)
        if version is not None and version != _version(made.key):
            raise Gone("The song's sound has changed; load the playlist again.", code="SOURCE_CHANGED")
        initial = made.cut.initial
        if part == INITIAL and initial is not None:
            return Answer(f'"{made.key}-init"', FMP4_TYPE, _at_hand(initial), version is not None)
        match = _SEGMENT.fullmatch(part)
        if match is None or match[2] != made.cut.suffix or int(match[1]) >= len(made.cut.durations):
            raise NotFound("There is no such segment.", code="SEGMENT_NOT_FOUND")
        index = int(match[1])

        async def body() -> bytes:
            frames = await made.frames(index)
            wrapped = await self._deliveries.cache.in_thread(lambda: made.cut.wrap(index, frames))
            self._note_size(made.key, index, len(wrapped))
            return wrapped

        etag = f'"{made.key}-{index}"'
        return Answer(etag, made.cut.content_type, body, version is not None)

    async def _find(self, caller: Caller, song_id: str, name: str) -> _Made:
        if self._deliveries.place is not None:
            await self._deliveries.place(caller.viewer)
        original = await self._deliveries.original(caller.viewer, song_id)
        variant = variant_of(name)
        _, most = await self._deliveries.limits(caller.viewer, variant.quality, caller.ceiling)
        if variant.quality.rank > most.rank:
            raise Denied(f"{most} is the most you may have of this song.", code="QUALITY_TOO_HIGH")
        if variant.kind is Kind.FLAC and not _lossless(original):
            raise NotFound("There is no such variant.", code="VARIANT_NOT_FOUND")
        return await self._made(variant, original, caller.viewer)

    async def _made(self, variant: Variant, original: Original, viewer: Viewer) -> _Made:
        if variant.kind in (Kind.TS, Kind.FMP4):
            return await self._aac(variant, original, viewer)
        profile = FLAC_PROFILE if variant.kind is Kind.FLAC else OPUS_PROFILES[variant.quality]
        rendition = await self._deliveries.rendition(profile, original, viewer)
        cut: Cut
        if isinstance(rendition.geometry, opus.Geometry):
            cut = OpusInFmp4(rendition.geometry)
        else:
            assert isinstance(rendition.geometry, flac.Geometry)
            cut = FlacInFmp4(rendition.geometry, rendition.head[_STREAM_INFO])
        user = viewer.user_id or "nobody"

        async def frames(index: int) -> bytes:
            going_on = index > 0 and self._deliveries.cache.has(rendition.key, rendition.part(index - 1))
            return await self._deliveries.segment(
                rendition, index, user=user, urgency=Urgency.PLAYHEAD, continuing=going_on
            )

        return _Made(cut, _digest(rendition.key, cut.layout), frames)

    async def _aac(self, variant: Variant, original: Original, viewer: Viewer) -> _Made:
        profile = AAC_PROFILES[variant.quality]
        source = original.source
        samples = await self._deliveries.samples(original, viewer, SAMPLE_RATE)
        layout = aac.Layout(profile.bitrate, samples, 1 if source.channels == 1 else 2)
        shape = f"aac-{profile.bitrate}-{layout.channels}-{aac.LAYOUT}"
        key = _digest(source.identity, shape, str(samples), self._deliveries.encoder_version)
        cut: Cut = AacInTs(layout, profile) if variant.kind is Kind.TS else AacInFmp4(layout, profile)

        async def frames(index: int) -> bytes:
            return await self._aac_frames(key, original, layout, index, viewer.user_id or "nobody")

        return _Made(cut, _digest(key, cut.layout), frames)

    async def _aac_frames(self, key: str, original: Original, layout: aac.Layout, index: int, user: str) -> bytes:
        """One segment's frames, kept or made in their turn; both containers are put around the same ones."""
        deliveries, name = self._deliveries, _part(index)
        kept = await self._kept_aac(key, layout, index)
        if kept is not None:
            return kept

        async def make() -> bytes:
            again = await self._kept_aac(key, layout, index)
            if again is not None:
                return again
            try:
                data = await deliveries.encoder.encode(original.source, layout, index)
            except (Gone, Unavailable):
                deliveries.forget(original.source)
                raise
            await deliveries.cache.write(key, name, data)
            return data

        going_on = index > 0 and deliveries.cache.has(key, _part(index - 1))
        return await deliveries.admission.run(
            (key, index), make, user=user, urgency=Urgency.PLAYHEAD, continuing=going_on
        )

    async def _kept_aac(self, key: str, layout: aac.Layout, index: int) -> bytes | None:
        data = await self._deliveries.cache.read(key, _part(index))
        if data is None:
            return None
        try:
            layout.check(index, data)
        except BadFrames:
            # A power cut can leave a file of the right name with holes in it.
            log.warning("cached sound was damaged and is made again", extra={"key": key, "part": _part(index)})
            await self._deliveries.cache.drop(key, _part(index))
            return None
        return data

    def _note_size(self, key: str, index: int, size: int) -> None:
        sizes = self._sizes.setdefault(key, {})
        sizes[index] = size
        self._sizes.move_to_end(key)
        if len(self._sizes) > REMEMBERED:
            self._sizes.popitem(last=False)

    def _rates(self, made: _Made) -> tuple[int, int | None]:
        """As they were, once every segment has been made; until then what the cut promises."""
        durations = made.cut.durations
        sizes = self._sizes.get(made.key, {})
        if len(sizes) < len(durations):
            return made.cut.bandwidth
        return rates([sizes[index] for index in range(len(durations))], durations, made.cut.sample_rate)


def _lossless(original: Original) -> bool:
    # A file that changed since its import is not known to be lossless any more.
    known, bits = bool(original.source.codec), original.file.bits_per_sample or 16
    return known and not flac_obstacle(original.file) and bits <= FLAC_MOST_BITS


def _part(index: int) -> str:
    return f"{index:06d}.aac"


def _digest(*facts: str) -> str:
    return hashlib.sha256("|".join(facts).encode("utf-8")).hexdigest()[:32]


def _version(key: str) -> str:
    return key[:12]


def _query(caller: Caller, key: str | None = None) -> str:
    fields = ({} if key is None else {"v": _version(key)}) | ({"ticket": caller.ticket} if caller.ticket else {})
    return f"?{urlencode(fields, quote_via=quote)}" if fields else ""


def _playlist(text: str) -> Answer:
    data = text.encode("ascii")
    return Answer(f'"{hashlib.sha256(data).hexdigest()[:32]}"', playlists.CONTENT_TYPE, _at_hand(data))


def _at_hand(data: bytes) -> Body:
    async def body() -> bytes:
        return data

    return body
