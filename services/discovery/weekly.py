"""Discover weekly: thirty songs a week that somebody never played, the same until next Monday.

Owns the week and the list kept for it. Refuses to know how songs are recommended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from services.catalogue.access import sight_of
from services.catalogue.songs import Songs
from services.clock import Clock
from services.discovery.listening import Listening
from services.discovery.recommendations import Recommendations
from services.discovery.shelf import Shelf
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records import Song, WeeklyList

SIZE = 30
RESERVE = 170
MORE_ROWS = 200
MORE_FINDS = 5


@dataclass(slots=True)
class Weekly:
    """Somebody's list of this week."""

    id: str
    songs: list[Song]
    refresh_date: datetime


class WeeklyLists:
    """Everybody's discover weekly. Weeks begin on Monday, 00:00 UTC."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        songs: Songs,
        recommendations: Recommendations,
        listening: Listening,
        shelf: Shelf,
    ) -> None:
        self._store = store
        self._clock = clock
        self._songs = songs
        self._recommendations = recommendations
        self._listening = listening
        self._shelf = shelf

    async def this_week(self, viewer: Viewer) -> Weekly:
        """The viewer's list: made when first asked for in a week, then kept. What is hidden since is left out."""
        user_id = viewer.require(Role.LISTENER)
        monday = self._monday()
        week = monday.date().isoformat()
        kept = await self._store.weekly_lists.get(user_id)
        if kept is None or kept.week != week:
            kept = await self._make(viewer, user_id, week, kept)
        found = await self._songs.get_many(viewer, kept.song_ids)
        songs = [found[id] for id in kept.song_ids if id in found]
        return Weekly(f"{user_id}:{week}", songs, monday + timedelta(days=7))

    async def _make(self, viewer: Viewer, user_id: str, week: str, last: WeeklyList | None) -> WeeklyList:
        before = [] if last is None else last.song_ids
        made = WeeklyList(user_id, week, await self._choose(viewer, user_id, before), self._clock.now(), before)
        change = {
            "$set": {
                "week": week,
                "song_ids": made.song_ids,
                "made_at": made.made_at,
                "previous_ids": made.previous_ids,
            }
        }
        try:
            # The condition on the week lets only the first of several requests make it.
            await self._store.weekly_lists.update({"_id": user_id, "week": {"$ne": week}}, change, upsert=True)
        except DuplicateKey:
            return await self._store.weekly_lists.get(user_id) or made
        return made

    async def _choose(self, viewer: Viewer, user_id: str, before: list[str]) -> list[str]:
        """Never played and not of last week, then never played, then the rest; more is read until there are enough."""
        picks, _ = await self._recommendations.picks(viewer, SIZE, reserve=RESERVE)
        ranked = [pick.song.id for pick in picks]
        heard = await self._listening.heard(user_id, ranked)
        sight = await sight_of(self._store, viewer)
        fresh = [id for id in ranked if id not in heard and id not in before]
        for at in range(MORE_FINDS):
            if len(fresh) >= SIZE:
                break
            more = [song.id for song in await self._shelf.popular(sight, MORE_ROWS, at * MORE_ROWS)]
            heard |= await self._listening.heard(user_id, more)
            known = set(ranked)
            ranked += [id for id in more if id not in known]
            fresh += [id for id in more if id not in known and id not in heard and id not in before]
            if len(more) < MORE_ROWS:
                break
        unheard = [id for id in ranked if id not in heard]
        return list(dict.fromkeys([*fresh, *unheard, *ranked]))[:SIZE]

    def _monday(self) -> datetime:
        today = self._clock.now().date()
        return datetime.combine(today - timedelta(days=today.weekday()), time(), UTC)
