"""How loud songs and their albums are, and what brings them to the reference: the numbers behind every gain.

Owns the reference, the gains and a short memory of what was looked up, since a player asks for a song in many ranges.
Refuses to measure and to know who may see a song. Whoever changes a loudness has it told half a minute later at most.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.analysis.sound_facts import SoundFacts
from services.clock import Clock
from storage.records.song import Song

REFERENCE_LUFS = -23.0
"""EBU R128's, which RFC 7845 §5.2.1 takes over for Opus. ReplayGain 2.0 has -18: add 5 dB for it."""
REMEMBERED = 4096
FRESH_S = 30.0

AlbumLoudness = Callable[[str], Awaitable[float | None]]
"""The loudness of the album of that id in LUFS, None where it is not known."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """A song's loudness in LUFS, range in LU, true peak in dBTP, and its album's loudness; None where not known."""

    integrated_lufs: float | None = None
    range_lu: float | None = None
    true_peak_dbtp: float | None = None
    album_lufs: float | None = None
    reference_lufs: float = REFERENCE_LUFS

    @property
    def track_gain_db(self) -> float | None:
        """What brings the song to the reference; positive makes it louder."""
        return _gain_db(self.integrated_lufs)

    @property
    def album_gain_db(self) -> float | None:
        """What brings its album to the reference."""
        return _gain_db(self.album_lufs)


class SongLoudness:
    """Loudness by song. `album_loudness` is None in a house that does not know albums' loudness yet."""

    def __init__(self, facts: SoundFacts, album_loudness: AlbumLoudness | None, clock: Clock) -> None:
        self._facts = facts
        self._album_loudness = album_loudness
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, Loudness]] = OrderedDict()

    async def of_song(self, song: Song) -> Loudness:
        """How loud the song and its album are, as it was at most 30 s ago."""
        now = self._clock.monotonic()
        known = self._known.get(song.id)
        if known is not None and now - known[0] < FRESH_S:
            return known[1]
        found = await self._look_up(song)
        self._known[song.id] = now, found
        self._known.move_to_end(song.id)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return found

    async def gains_q8(self, song: Song) -> tuple[int | None, int | None]:
        """Track and album gain as Opus tags have them."""
        loudness = await self.of_song(song)
        return gain_q8(loudness.track_gain_db), gain_q8(loudness.album_gain_db)

    async def _look_up(self, song: Song) -> Loudness:
        facts = await self._facts.of_song(song)
        album = None
        if facts is not None and song.album_id is not None and self._album_loudness is not None:
            album = await self._album_loudness(song.album_id)
        if facts is None:
            return Loudness()
        return Loudness(facts.loudness_lufs, facts.loudness_range_lu, facts.true_peak_dbtp, album)


def gain_q8(gain_db: float | None) -> int | None:
    """A gain in 1/256 dB, held within what 16 bits can say (RFC 7845 §5.2.1)."""
    return None if gain_db is None else max(-32768, min(32767, round(gain_db * 256)))


def _gain_db(lufs: float | None) -> float | None:
    return None if lufs is None else round(REFERENCE_LUFS - lufs, 2)
