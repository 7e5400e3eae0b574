"""From a song's id to bytes: which file or rendition answers, how long it is, and its bytes wherever they come from.

Owns: the choice of file or rendition, its facts, and making the segments that are missing. Refuses to know HTTP; who
may hear a song is decided by the `sources` it is given.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from pathlib import PurePath
from typing import Any

from services.audio.admission import Admission, Urgency
from services.audio.codecs.geometry import BadFrames, Codec, samples_at_rate
from services.audio.codecs.mp3 import Mp3
from services.audio.codecs.opus import Opus
from services.audio.ffmpeg import Ffmpeg
from services.audio.open_files import OpenFile, OpenFiles
from services.audio.ranges import Target
from services.audio.renditions import (
    ANYTHING,
    Accepted,
    Choice,
    Profile,
    Quality,
    choose,
    parse_format,
    parse_quality,
)
from services.audio.segment_cache import SegmentCache
from services.audio.segments import SegmentEncoder, Source
from services.audio.sound import Rendition, Sound
from services.clock import Clock
from services.errors import Gone, Unavailable
from services.viewer import Viewer
from storage.records.audio_file import AudioFile
from storage.records.song import Song

log = logging.getLogger("tutti.audio")

Sources = Callable[[Viewer, str], Awaitable[tuple[Song, AudioFile]]]
"""The song of that id and its file; raises NotFound when absent or invisible to the viewer."""
Preference = Callable[[Viewer], Awaitable[str]]
"""The quality this viewer wants when a request names none."""

CODECS: dict[str, Codec] = {"mp3": Mp3(), "opus": Opus()}
"""What a profile's codec lays its renditions out by."""

_SAMPLES = "samples"


class Deliveries:
    """Opens sounds. Owns the encoder, its queue, the cache on disk and the open files; `start` and `stop` them."""

    def __init__(
        self,
        *,
        clock: Clock,
        sources: Sources,
        ffmpeg: Ffmpeg,
        cache: SegmentCache,
        encoders: int,
        encoder_queue: int,
        ceilings: Mapping[str, str] | None = None,
        preference: Preference | None = None,
    ) -> None:
        self._sources = sources
        self._ffmpeg = ffmpeg
        self._cache = cache
        self._ceilings = dict(ceilings or {})
        self._preference = preference
        self._files = OpenFiles(clock=clock, in_thread=cache.in_thread)
        self.encoder = SegmentEncoder(ffmpeg, cache)
        self.admission: Admission[bytes] = Admission(clock=clock, places=encoders, waiting_limit=encoder_queue)
        self._joins: dict[str, asyncio.Task[None]] = {}
        self._encoder_version = ""

    @property
    def cache(self) -> SegmentCache:
        """What is kept of what was made."""
        return self._cache

    async def start(self) -> None:
        """Take stock of the cache and ask the encoder for its version."""
        await self._cache.start()
        self._encoder_version = await self._cache.in_thread(self._ffmpeg.version)

    async def stop(self) -> None:
        """End all encoding and close all files. Safe to call twice and in any half-started state."""
        await self.admission.stop()
        joins = list(self._joins.values())
        for join in joins:
            join.cancel()
        await asyncio.gather(*joins, return_exceptions=True)
        self._files.close()
        await self._cache.stop()

    async def open(
        self,
        viewer: Viewer,
        song_id: str,
        quality: str | None = None,
        *,
        wished: str | None = None,
        accepted: Accepted = ANYTHING,
        ceiling: str | None = None,
    ) -> Sound:
        """The sound of a song for this viewer, at most at `ceiling` and at the viewer's tier.

        `wished` names a format, `accepted` is what the player takes. NotFound when absent or invisible, Invalid for
        an unknown quality or format, Unavailable when the file is away or cannot be decoded. Length and tag are
        final: nothing has been encoded yet.
        """
        asked = parse_quality(quality) if quality else None
        form = parse_format(wished) if wished else None
        song, file = await self._sources(viewer, song_id)
        preference, most = await self._preferred(viewer, asked), self._ceiling(viewer, ceiling)
        choice = choose(asked, preference, most, file, wished=form, accepted=accepted)
        opened = await self._files.open(file.path)
        try:
            if choice.profile is None:
                return _original(choice, song, file, opened)
            sound = await self._rendition(choice, choice.profile, viewer, song, file, opened)
        except BaseException:
            opened.release()
            raise
        opened.release()
        return sound

    def holds(self, sound: Sound, index: int) -> bool:
        """Whether a segment of the sound is in the cache, as far as its books say."""
        rendition = sound.made_from
        return rendition is not None and self._cache.has(rendition.key, rendition.part(index))

    async def segment(
        self, rendition: Rendition, index: int, *, user: str, urgency: Urgency, continuing: bool
    ) -> bytes:
        """One segment's bytes, from the cache or made now in its turn. TooMany when too many wait for that."""
        kept = await self._kept(rendition, index)
        self._cache.tell(found=kept is not None)
        if kept is not None:
            return kept

        async def make() -> bytes:
            again = await self._kept(rendition, index)
            if again is not None:
                return again
            try:
                data = await self.encoder.encode(rendition.source, rendition.geometry, index)
            except (Gone, Unavailable):
                self._files.forget(rendition.source.path)
                raise
            await self._cache.write(rendition.key, rendition.part(index), data)
            self._join_when_complete(rendition)
            return data

        return await self.admission.run((rendition.key, index), make, user=user, urgency=urgency, continuing=continuing)

    async def _preferred(self, viewer: Viewer, asked: Quality | None) -> Quality:
        if asked is not None or self._preference is None:
            return Quality.HIGH
        return parse_quality(await self._preference(viewer), field="preference")

    def _ceiling(self, viewer: Viewer, ceiling: str | None) -> Quality:
        tier = parse_quality(self._ceilings.get(viewer.tier, Quality.LOSSLESS), field="ceiling")
        if ceiling is None:
            return tier
        return min(tier, parse_quality(ceiling, field="ceiling"), key=lambda each: each.rank)

    async def _rendition(
        self, choice: Choice, profile: Profile, viewer: Viewer, song: Song, file: AudioFile, opened: OpenFile
    ) -> Sound:
        source = _source(file, opened)
        samples = await self._samples(source, file, viewer)
        codec = CODECS[profile.codec]
        made_from = (source.identity, profile.name, codec.layout, str(samples), self._encoder_version)
        key = _hash("|".join(made_from))
        geometry = codec.geometry(profile.bitrate, samples, source.channels, key)
        rendition = Rendition(key, source, geometry, profile.extension)
        target = Target(geometry.length, f'"{key}"', opened.mtime_ns // 1_000_000_000, profile.content_type)
        sound = Sound(choice, target, _filename(song, profile.extension))
        if self._cache.has(key, rendition.whole):
            # Opening takes the descriptor, which outlives an eviction.
            with self._cache.hold(key, rendition.whole) as path:
                whole = await self._files.open(str(path))
            if whole.size == geometry.length:
                sound.file = whole
                return sound
            whole.release()
            await self._cache.drop(key, rendition.whole)
        sound.made_by(self.segment, rendition, viewer.user_id or "nobody")
        return sound

    async def _samples(self, source: Source, file: AudioFile, viewer: Viewer) -> int:
        if file.samples and file.sample_rate and source.codec:
            return samples_at_rate(file.samples, file.sample_rate)
        kept = await self._cache.read(source.identity, _SAMPLES)
        if kept is not None and kept.isdigit():
            return int(kept)

        async def count() -> bytes:
            counted = str(await self.encoder.count_samples(source)).encode("ascii")
            await self._cache.write(source.identity, _SAMPLES, counted)
            return counted

        user = viewer.user_id or "nobody"
        return int(await self.admission.run((source.identity, _SAMPLES), count, user=user, urgency=Urgency.PLAYHEAD))

    async def _kept(self, rendition: Rendition, index: int) -> bytes | None:
        key, geometry = rendition.key, rendition.geometry
        place = geometry.segment_bytes(index)
        name = rendition.part(index)
        data = await self._cache.read(key, name)
        if data is None and self._cache.has(key, rendition.whole):
            name = rendition.whole
            data = await self._cache.read(key, name, place.start, place.stop)
        if data is None:
            return None
        try:
            geometry.check(index, data)
        except BadFrames:
            # A power cut can leave a file of the right name with holes in it.
            log.warning("cached sound was damaged and is made again", extra={"key": key, "part": name})
            await self._cache.drop(key, name)
            return None
        return data

    def _join_when_complete(self, rendition: Rendition) -> None:
        key = rendition.key
        parts = [rendition.part(index) for index in range(rendition.geometry.segments)]
        if key in self._joins or not self._cache.names(key).issuperset(parts):
            return

        async def join() -> None:
            try:
                await self._cache.join(key, parts, rendition.whole)
            finally:
                self._joins.pop(key, None)

        self._joins[key] = asyncio.create_task(_logged(join()), name=f"join-{key}")


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:
        log.exception("segments could not be joined")
        raise


def _original(choice: Choice, song: Song, file: AudioFile, opened: OpenFile) -> Sound:
    told_by = (file.payload_hash, file.content_type, song.artist_credit, song.title)
    noted = opened.notes.get(told_by)
    if noted is None:
        identity = _source(file, opened).identity
        etag = f'"{identity[:16]}-{opened.size:x}-{opened.mtime_ns:x}"'
        target = Target(opened.size, etag, opened.mtime_ns // 1_000_000_000, file.content_type)
        noted = target, _filename(song, PurePath(file.path).suffix.lstrip("."))
        # Two or more only when a record changes under an open file; the last is the one that counts.
        opened.notes.clear()
        opened.notes[told_by] = noted
    sound = Sound(choice, *noted)
    sound.file = opened
    return sound


def _source(file: AudioFile, opened: OpenFile) -> Source:
    as_recorded = (file.size, file.mtime_ns) == (opened.size, opened.mtime_ns) and file.payload_hash is not None
    if as_recorded:
        identity, codec, channels = _hash(f"payload|{file.payload_hash}"), file.codec, file.channels
    else:
        # Changed since it was imported: what the record says of its sound may be wrong, so trust none of it.
        identity, codec, channels = _hash(f"file|{file.path}|{opened.size}|{opened.mtime_ns}"), "", 2
    return Source(file.path, identity, codec, file.sample_rate, channels, opened.size, opened.mtime_ns)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _filename(song: Song, extension: str) -> str:
    name = f"{song.artist_credit} - {song.title}" if song.artist_credit else song.title
    return f"{name}.{extension}" if extension else name
