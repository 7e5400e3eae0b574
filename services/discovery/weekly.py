"""Discover weekly: thirty songs a week that somebody never played, the same until their next Monday.

Owns the week, which begins where its listener is, and the one list that is made in it: nobody gets a second one by
travelling or by changing their zone. Refuses to know how songs are recommended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.accounts.own_time import OwnTime, monday_of
from services.accounts.time_zones import begins
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
MORE_ROWS = 500
MORE_FINDS = 6
WEEK = timedelta(days=7)


@dataclass(slots=True)
class Weekly:
    """Somebody's list of this week; `refresh_date` is when their next Monday begins."""

    id: str
    songs: list[Song]
    refresh_date: datetime


class WeeklyLists:
    """Everybody's discover weekly."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        songs: Songs,
        recommendations: Recommendations,
        listening: Listening,
        shelf: Shelf,
        own_time: OwnTime,
    ) -> None:
        self._store = store
        self._clock = clock
        self._songs = songs
        self._recommendations = recommendations
        self._listening = listening
        self._shelf = shelf
        self._own_time = own_time

    async def this_week(self, viewer: Viewer) -> Weekly:
        """The viewer's list: made when first asked for in their week, then kept. What is hidden or muted since is left
        out.

        A list is made when the viewer's own Monday is later than that of the kept one, so never two of one week. One
        that is more than a week ahead of them was made by a clock that was wrong.
        """
        user_id = viewer.require(Role.LISTENER)
        today, zone = await self._own_time.today(user_id)
        monday = monday_of(today)
        kept = await self._store.weekly_lists.get(user_id)
        if kept is None or not monday <= date.fromisoformat(kept.week) <= monday + WEEK:
            kept = await self._make(viewer, user_id, monday.isoformat(), kept)
        found = await self._songs.get_many(viewer, kept.song_ids)
        sight = await sight_of(self._store, viewer)
        songs = await self._shelf.unmuted(sight, [found[id] for id in kept.song_ids if id in found])
        return Weekly(f"{user_id}:{kept.week}", songs, begins(zone, date.fromisoformat(kept.week) + WEEK))

    async def _make(self, viewer: Viewer, user_id: str, week: str, last: WeeklyList | None) -> WeeklyList:
        before = [] if last is None else last.song_ids
        made = WeeklyList(user_id, week, await self._choose(viewer, user_id, before), self._clock.now(), before)
        lists = self._store.weekly_lists
        try:
            # Only the first of several requests makes it; the others take what it made.
            if last is None:
                await lists.insert(made)
                return made
            change = {
                "$set": {
                    "week": week,
                    "song_ids": made.song_ids,
                    "made_at": made.made_at,
                    "previous_ids": made.previous_ids,
                }
            }
            if (await lists.update({"_id": user_id, "week": last.week}, change)).matched:
                return made
        except DuplicateKey:
            pass
        return await lists.get(user_id) or made

    async def _choose(self, viewer: Viewer, user_id: str, before: list[str]) -> list[str]:
        """Never played: those not of last week first, best first. More is read until there are enough.

        Fewer than thirty, or none, for somebody who played nearly all there is.
        """
        picks, _ = await self._recommendations.picks(viewer, SIZE, reserve=RESERVE)
        ranked = [pick.song.id for pick in picks]
        heard = await self._listening.heard(user_id, ranked)
        sight = await sight_of(self._store, viewer)
        last_week, known = set(before), set(ranked)
        unheard = [id for id in ranked if id not in heard]
        for at in range(MORE_FINDS):
            if sum(id not in last_week for id in unheard) >= SIZE:
                break
            more = [song.id for song in await self._shelf.popular(sight, MORE_ROWS, at * MORE_ROWS)]
            heard = await self._listening.heard(user_id, more)
            unheard += [id for id in more if id not in known and id not in heard]
            known.update(more)
            if len(more) < MORE_ROWS:
                break
        fresh = [id for id in unheard if id not in last_week]
        return list(dict.fromkeys([*fresh, *unheard]))[:SIZE]
