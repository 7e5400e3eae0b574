"""The first seconds of songs that a player will play next, made while the present one still plays.

Owns how much of that one person, and all together, may have under way. Refuses to know queues and players: they say
which songs. What cannot be made now is simply made when it is played.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.audio.admission import Urgency
from services.audio.delivery import Deliveries
from services.audio.renditions import parse_format, parse_quality
from services.audio.sound import Sound
from services.errors import Invalid, TuttiError
from services.viewer import Role, Viewer

log = logging.getLogger("tutti.audio")

MOST_SONGS = 3
MOST_AT_ONCE = 64
SEGMENTS = 2
"""So much of a song is made: what plays until the listener's own requests are in the queue."""


class Preparation(StrEnum):
    """What became of a song that is to be prepared."""

    READY = "ready"
    COMING = "coming"
    BUSY = "busy"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class PreparedSong:
    """One song and how it stands with it."""

    song_id: str
    state: Preparation


class Preparing:
    """Prepares songs. Owns the tasks that do; `stop` ends them."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries
        self._tasks: set[asyncio.Task[None]] = set()
        self._of_user: Counter[str] = Counter()

    async def stop(self) -> None:
        """End what is under way. Safe to call twice."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def prepare(
        self, viewer: Viewer, song_ids: Sequence[str], *, quality: str | None = None, wished: str | None = None
    ) -> list[PreparedSong]:
        """How each song stands, in the order asked: at hand, being made, too much going on, or not to be had.

        One to three songs, else Invalid, as for an unknown quality or format. Absent and invisible ones are AWAY, as
        are those whose file is. Returns before anything is made.
        """
        user = viewer.require(Role.LISTENER)
        wanted = list(dict.fromkeys(song_ids))
        if not 1 <= len(wanted) <= MOST_SONGS:
            raise Invalid(f"Name one to {MOST_SONGS} songs.", field="songIds")
        if quality:
            parse_quality(quality)
        if wished:
            parse_format(wished)
        return [PreparedSong(id, await self._begin(viewer, user, id, quality, wished)) for id in wanted]

    async def _begin(
        self, viewer: Viewer, user: str, song_id: str, quality: str | None, wished: str | None
    ) -> Preparation:
        try:
            sound = await self._deliveries.open(viewer, song_id, quality, wished=wished)
        except TuttiError as refusal:
            return Preparation.BUSY if refusal.status == 429 else Preparation.AWAY
        if all(self._deliveries.holds(sound, index) for index in range(min(SEGMENTS, sound.segments))):
            sound.close()
            return Preparation.READY
        if self._of_user[user] >= MOST_SONGS or len(self._tasks) >= MOST_AT_ONCE:
            sound.close()
            return Preparation.BUSY
        self._of_user[user] += 1
        task = asyncio.create_task(self._make(sound), name=f"prepare-{song_id}")
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._ended(done, user))
        return Preparation.COMING

    async def _make(self, sound: Sound) -> None:
        try:
            for index in range(min(SEGMENTS, sound.segments)):
                await sound.make(index, Urgency.NEXT_SONG)
        except TuttiError:
            # Busy, or the file is away: the player will hear of that when it plays the song.
            return
        finally:
            sound.close()

    def _ended(self, task: asyncio.Task[None], user: str) -> None:
        self._tasks.discard(task)
        self._of_user[user] -= 1
        if not self._of_user[user]:
            del self._of_user[user]
        if not task.cancelled() and (bug := task.exception()) is not None:
            log.error("a song could not be prepared", exc_info=bug)
