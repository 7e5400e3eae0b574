"""From a song's id to bytes: which file or rendition answers, how long it is, and its bytes wherever they come from.

Owns: the choice of file or rendition, its facts, and making the segments that are missing. Refuses to know HTTP; who
may hear a song is decided by the `sources` it is given.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from services.audio.admission import Admission, Urgency
from services.audio.allowance import Allowance, Preference
from services.audio.codecs.geometry import SAMPLE_RATE, Codec, Label, samples_at_rate
from services.audio.codecs.of_profile import CODECS, codec_of
from services.audio.encoder_voices import EncoderVoices
from services.audio.far_sounds import FarFile, FarSound, FarSounds
from services.audio.ffmpeg import Ffmpeg
from services.audio.growing import GrowingSegments
from services.audio.kept_renditions import KeptRenditions
from services.audio.open_files import OpenFile, OpenFiles
from services.audio.originals import Original, filename, short_hash, source_of, told_of_original
from services.audio.ranges import Target
from services.audio.ready_encoders import ReadyEncoders
from services.audio.renditions import ANYTHING, Accepted, Choice, Profile, Quality, choose, parse_format, parse_quality
from services.audio.segment_cache import SegmentCache
from services.audio.segments import SegmentEncoder, Source
from services.audio.sound import Rendition, Sound
from services.clock import Clock
from services.entitlements.table import TierTable
from services.errors import Gone, Unavailable
from services.viewer import Viewer
from storage.records.audio_file import AudioFile
from storage.records.song import Song

Sources = Callable[[Viewer, str], Awaitable[tuple[Song, AudioFile]]]
"""The song of that id and its file; raises NotFound when absent or invisible to the viewer."""
Gains = Callable[[Song], Awaitable[tuple[int | None, int | None]]]
"""What brings song and album to -23 LUFS, in 1/256 dB; None where that is not known."""
Place = Callable[[Viewer], Awaitable[None]]
"""Asked before somebody listens; PaymentRequired when they listen on too many devices."""

_SAMPLES = "samples"
_YIELDING = 10
_SETTLED_S = 2.0
_USUAL = "mp3", 320_000


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
        tiers: TierTable | None = None,
        preference: Preference | None = None,
        gains: Gains | None = None,
        far: FarSounds | None = None,
        ready_encoders: int = 0,
    ) -> None:
        self._sources = sources
        self._ffmpeg = ffmpeg
        self._cache = cache
        self._allowance = Allowance(tiers or TierTable(), preference)
        self.gains = gains
        self.place: Place | None = None
        self._files = OpenFiles(clock=clock, in_thread=cache.in_thread)
        self._far = far
        self._has_ready = ready_encoders > 0
        self._readying: asyncio.Task[None] | None = None
        self.ready = ReadyEncoders(ffmpeg, ready_encoders)
        self.encoder = SegmentEncoder(ffmpeg, cache, far, self.ready)
        self.admission: Admission[bytes] = Admission(clock=clock, places=encoders, waiting_limit=encoder_queue)
        self.voices = EncoderVoices(ffmpeg)
        self._renditions = KeptRenditions(cache)
        self._growing = GrowingSegments()
        self._encoder_version = ""

    @property
    def cache(self) -> SegmentCache:
        """Where everything that is made is kept."""
        return self._cache

    @property
    def encoder_version(self) -> str:
        """What ffmpeg calls itself; known once started."""
        return self._encoder_version

    async def start(self) -> None:
        """Take stock of the cache, ask the encoder for its version and, in the background, have encoders ready."""
        await self._cache.start()
        self._encoder_version = await self._cache.in_thread(self._ffmpeg.version)
        if self._has_ready:
            self._readying = asyncio.create_task(self._get_ready(), name="get-encoders-ready")

    async def stop(self) -> None:
        """End all encoding and close all files. Safe to call twice and in any half-started state."""
        await self.admission.stop()
        if self._readying is not None:
            self._readying.cancel()
            await asyncio.gather(self._readying, return_exceptions=True)
        await self.ready.stop()
        await self._growing.stop()
        await self.voices.stop()
        await self._renditions.stop()
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
        listens: bool = False,
    ) -> Sound:
        """The sound of a song for this viewer, at most at `ceiling` and at the viewer's tier.

        `wished` names a format, `accepted` is what the player takes, `listens` that it is heard now. NotFound when
        absent or invisible, Invalid for an unknown quality or format, Unavailable when the file is away or cannot be
        decoded. Length and tag are final: nothing has been encoded yet.
        """
        asked = parse_quality(quality) if quality else None
        form = parse_format(wished) if wished else None
        if listens and self.place is not None:
            await self.place(viewer)
        song, file = await self._sources(viewer, song_id)
        preference, most = await self._allowance.preferred(viewer, asked), self._allowance.ceiling(viewer, ceiling)
        choice = choose(asked, preference, most, file, wished=form, accepted=accepted)
        opened = await self._opened(file)
        try:
            if choice.profile is None:
                return self._original(choice, song, file, opened)
            sound = await self._rendition(choice, choice.profile, viewer, song, file, opened)
        except BaseException:
            opened.release()
            raise
        opened.release()
        return sound

    async def original(self, viewer: Viewer, song_id: str) -> Original:
        """The song's file as it is now. NotFound when absent or invisible, Unavailable when the file is away."""
        song, file = await self._sources(viewer, song_id)
        opened = await self._opened(file)
        try:
            return Original(song, file, source_of(file, opened), opened.mtime_ns // 1_000_000_000)
        finally:
            opened.release()

    def forget(self, source: Source) -> None:
        """Look at a source's path again before it is next used."""
        self._files.forget(source.path)

    async def limits(self, viewer: Viewer, asked: Quality | None, ceiling: str | None) -> tuple[Quality, Quality]:
        """What the viewer prefers where nothing was `asked`, and the most they may have."""
        return await self._allowance.preferred(viewer, asked), self._allowance.ceiling(viewer, ceiling)

    async def rendition(self, profile: Profile, original: Original, viewer: Viewer) -> Rendition:
        """How the original is laid out in `profile`; nothing is encoded for it."""
        source, file = original.source, original.file
        codec = codec_of(profile, file, source)
        samples = await self.samples(original, viewer, codec.sample_rate)
        versions, encoder = await self._versions(profile, codec)
        key = short_hash("|".join((source.identity, profile.name, codec.layout, str(samples), versions)))
        geometry = codec.geometry(profile.bitrate, samples, source.channels, key)
        head = geometry.head(await self._label(original.song, profile, encoder))
        return Rendition(key, source, geometry, profile.extension, head, short_hash(f"{key}|{head.hex()}"))

    async def samples(self, original: Original, viewer: Viewer, sample_rate: int) -> int:
        """How many samples per channel the original comes to at that rate; counted once where nobody knows."""
        source, file = original.source, original.file
        if file.samples and file.sample_rate and source.codec:
            return samples_at_rate(file.samples, file.sample_rate, sample_rate)
        name = f"{_SAMPLES}-{sample_rate}"
        kept = await self._cache.read(source.identity, name)
        if kept is not None and kept.isdigit():
            return int(kept)

        async def count() -> bytes:
            counted = str(await self.encoder.count_samples(source, sample_rate)).encode("ascii")
            await self._cache.write(source.identity, name, counted)
            return counted

        user = viewer.user_id or "nobody"
        return int(await self.admission.run((source.identity, name), count, user=user, urgency=Urgency.PLAYHEAD))

    def holds(self, sound: Sound, index: int) -> bool:
        """Whether a segment of the sound is in the cache, as far as its books say."""
        rendition = sound.made_from
        return rendition is not None and self._cache.has(rendition.key, rendition.part(index))

    async def segment(
        self, rendition: Rendition, index: int, *, user: str, urgency: Urgency, continuing: bool
    ) -> bytes:
        """One segment's bytes, from the cache or made now in its turn. TooMany when too many wait for that."""
        kept = await self._renditions.segment(rendition, index)
        self._cache.tell(found=kept is not None)
        if kept is not None:
            return kept

        async def make() -> bytes:
            again = await self._renditions.segment(rendition, index)
            if again is not None:
                return again
            try:
                with self._growing.making((rendition.key, index), rendition.geometry) as feed:
                    data = await self.encoder.encode(
                        rendition.source, rendition.geometry, index, feed, niceness=self._niceness(urgency)
                    )
            except (Gone, Unavailable):
                self._files.forget(rendition.source.path)
                raise
            await self._renditions.keep(rendition, index, data)
            return data

        return await self.admission.run((rendition.key, index), make, user=user, urgency=urgency, continuing=continuing)

    @asynccontextmanager
    async def at_hand(self, file: AudioFile) -> AsyncIterator[str]:
        """A path on this machine with the file's bytes while the block runs; one elsewhere is fetched once for it."""
        if self._far is None:
            yield file.path
            return
        async with self._far.at_hand(file.path, file.size) as path:
            yield path

    def _niceness(self, urgency: Urgency) -> int:
        # Alone, an encoder is what a listener waits for. Of many, each lets those go first who wait for an answer.
        return _YIELDING if urgency is Urgency.IDLE or self.admission.waiting else 0

    async def _get_ready(self) -> None:
        """Have ready what most players ask first: the voices of the encoders, and one that waits."""
        # A server has enough to do when it starts.
        await asyncio.sleep(_SETTLED_S)
        for name, codec in CODECS.items():
            # One that is missing is told to whoever asks for it.
            with contextlib.suppress(Unavailable):
                await self.voices.of(name, codec)
        usual, bitrate = _USUAL
        self.encoder.expect(CODECS[usual].geometry(bitrate, SAMPLE_RATE, 2, ""))

    async def _opened(self, file: AudioFile) -> OpenFile | FarFile:
        near = file.path if self._far is None else self._far.local(file.path)
        return FarFile(file.path, file.size, file.mtime_ns) if near is None else await self._files.open(near)

    def _original(self, choice: Choice, song: Song, file: AudioFile, opened: OpenFile | FarFile) -> Sound:
        sound = Sound(choice, *told_of_original(song, file, opened))
        if isinstance(opened, OpenFile):
            sound.file = opened
        elif self._far is not None:
            sound.far = FarSound(self._far, opened.path, file.content_type)
        return sound

    async def _rendition(
        self, choice: Choice, profile: Profile, viewer: Viewer, song: Song, file: AudioFile, opened: OpenFile | FarFile
    ) -> Sound:
        original = Original(song, file, source_of(file, opened), opened.mtime_ns // 1_000_000_000)
        rendition = await self.rendition(profile, original, viewer)
        key, geometry, tag = rendition.key, rendition.geometry, rendition.tag
        target = Target(geometry.length, f'"{tag}"', original.modified_s, profile.content_type)
        sound = Sound(choice, target, filename(song, profile.extension))
        sound.gapless = geometry.gapless
        self._renditions.renew(rendition)
        if self._cache.has(key, rendition.whole):
            # Opening takes the descriptor, which outlives an eviction.
            with self._cache.hold(key, rendition.whole) as path:
                whole = await self._files.open(str(path))
            if whole.size == geometry.length:
                sound.file = whole
                return sound
            whole.release()
            await self._cache.drop(key, rendition.whole)
        sound.made_by(self.segment, self._growing, rendition, viewer.user_id or "nobody")
        return sound

    async def _versions(self, profile: Profile, codec: Codec) -> tuple[str, str]:
        """What the sound of a rendition hangs on beside its source, and the encoder's own name."""
        if profile.codec == "flac":
            # Nothing is encoded: the samples are the source's, whatever decodes them.
            return "", ""
        voice = await self.voices.of(profile.codec, codec)
        return f"{self._encoder_version}+{voice.digest}", voice.name

    async def _label(self, song: Song, profile: Profile, encoder: str) -> Label:
        if self.gains is None or profile.codec != "opus":
            return Label(encoder)
        return Label(encoder, *await self.gains(song))
