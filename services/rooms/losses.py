"""Why a song of a queue cannot be heard by anybody: taken away, hidden, without its file, or damaged.

Owns what is looked at before a song's turn (its record and its file), and the closer look when a player says that it
hears nothing. Refuses to know what a room makes of it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from enum import StrEnum

from services.audio.admission import Urgency
from services.audio.delivery import Deliveries
from services.audio.renditions import Format, Quality
from services.clock import Clock
from services.errors import Gone, NotFound, TuttiError, Unavailable
from services.rooms.room_songs import RoomSongs
from services.viewer import SYSTEM
from storage.records import Song

AGE_S = 30.0
REMEMBERED = 1_000
_CODES = {"SOURCE_MISSING": "no_file", "SOURCE_BROKEN": "damaged"}


class Loss(StrEnum):
    """Why nobody can hear a song any more."""

    REMOVED = "removed"
    HIDDEN = "hidden"
    NO_FILE = "no_file"
    DAMAGED = "damaged"


class RoomLosses:
    """Looks at songs for all rooms. What a close look found is believed for half a minute, of 1,000 songs at most."""

    def __init__(self, songs: RoomSongs, deliveries: Deliveries, clock: Clock) -> None:
        self._songs = songs
        self._deliveries = deliveries
        self._clock = clock
        self._damaged: OrderedDict[str, tuple[Loss | None, float]] = OrderedDict()

    async def among(self, song_ids: Iterable[str]) -> dict[str, Loss]:
        """Which of these nobody can hear, and why. Files are looked at, not decoded."""
        found = {}
        for song_id, song in (await self._songs.records(list(dict.fromkeys(song_ids)))).items():
            loss = await self._loss(song)
            if loss is not None:
                found[song_id] = loss
        return found

    async def closely(self, song_id: str) -> Loss | None:
        """As `among` for one song, with a try to decode its beginning, as a listener would have it."""
        loss = (await self.among([song_id])).get(song_id)
        if loss is not None:
            return loss
        kept = self._damaged.get(song_id)
        if kept is not None and self._clock.monotonic() - kept[1] < AGE_S:
            return kept[0]
        loss = await self._tried(song_id)
        self._damaged[song_id] = (loss, self._clock.monotonic())
        self._damaged.move_to_end(song_id)
        if len(self._damaged) > REMEMBERED:
            self._damaged.popitem(last=False)
        return loss

    async def _loss(self, song: Song | None) -> Loss | None:
        if song is None:
            return Loss.REMOVED
        if song.is_hidden:
            return Loss.HIDDEN
        if song.file_id is None:
            # Not of a library with files: whoever asks for its sound is told so.
            return None
        try:
            await self._deliveries.original(SYSTEM, song.id)
        except (NotFound, Gone):
            return Loss.NO_FILE
        except Unavailable as refusal:
            return _loss_in(refusal)
        return None

    async def _tried(self, song_id: str) -> Loss | None:
        try:
            # In a form that no file has already, so that it is decoded for it.
            sound = await self._deliveries.open(SYSTEM, song_id, Quality.LOW, wished=Format.OPUS)
            try:
                if sound.segments:
                    await sound.make(0, Urgency.PLAYHEAD)
            finally:
                await sound.stop()
                sound.close()
        except TuttiError as refusal:
            # Too many encoders at work, say, is no fault of the song.
            return _loss_in(refusal)
        return None


def _loss_in(refusal: TuttiError) -> Loss | None:
    known = _CODES.get(refusal.reason)
    return None if known is None else Loss(known)
