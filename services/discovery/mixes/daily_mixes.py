"""Everybody's daily mixes: up to six, each around one side of their taste, the same until their day is over.

Owns the day, which is the listener's own, the document kept for it, and how a mix is called and explained. Refuses to
know how sides are found and mixes filled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.accounts.own_time import OwnTime
from services.accounts.time_zones import begins
from services.catalogue.artists import Artists
from services.clock import Clock
from services.discovery.mixes.clusters import MIXES_LIMIT
from services.discovery.mixes.making import MixMaker
from services.errors import NotFound
from services.paging import slice_of
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records import Artist, DailyMixes, KeptMix

DAY = timedelta(days=1)
NAMED = 2


@dataclass(slots=True)
class DailyMix:
    """One mix as it is shown: whom it is named after, its songs' ids in order, and when the next one comes."""

    id: str
    title: str
    reason: str
    artists: list[Artist]
    song_ids: list[str]
    refresh_date: datetime


class Mixes:
    """Daily mixes."""

    def __init__(self, store: Store, clock: Clock, artists: Artists, maker: MixMaker, own_time: OwnTime) -> None:
        self._store = store
        self._clock = clock
        self._artists = artists
        self._maker = maker
        self._own_time = own_time

    async def today(self, viewer: Viewer, limit: int | None = None) -> list[DailyMix]:
        """The viewer's mixes of their day, the heaviest side of their taste first; 6 unless told, 1 to 100.

        None for somebody without plays; fewer than six for a narrow taste.
        """
        user_id = viewer.require(Role.LISTENER)
        rows = slice_of(limit=limit, default=MIXES_LIMIT).limit
        return (await self._today(viewer, user_id))[:rows]

    async def get(self, viewer: Viewer, id: str) -> DailyMix:
        """One of the viewer's mixes, as it is today. NotFound for one that is not there, and for anybody else's."""
        user_id = viewer.require(Role.LISTENER)
        found = next((mix for mix in await self._today(viewer, user_id) if mix.id == id), None)
        if found is None:
            raise NotFound("There is no such mix.", field="id")
        return found

    async def _today(self, viewer: Viewer, user_id: str) -> list[DailyMix]:
        today, zone = await self._own_time.today(user_id)
        kept = await self._store.daily_mixes.get(user_id)
        # As with the weekly list: a day that was begun further east is gone on with further west.
        if kept is None or not today <= date.fromisoformat(kept.day) <= today + DAY:
            kept = await self._make(viewer, user_id, today.isoformat(), kept)
        return await self._shown(viewer, user_id, kept, zone)

    async def _make(self, viewer: Viewer, user_id: str, day: str, last: DailyMixes | None) -> DailyMixes:
        made = DailyMixes(user_id, day, self._clock.now(), await self._maker.make(viewer, user_id, day))
        if not made.mixes:
            # Nothing is kept: the first play makes the first mix.
            return made
        mixes = self._store.daily_mixes
        try:
            # Only the first of several requests makes them; the others take what it made.
            if last is None:
                await mixes.insert(made)
                return made
            document = mixes.codec.encode(made)
            change = {"$set": {name: document[name] for name in ("day", "made_at", "mixes")}}
            if (await mixes.update({"_id": user_id, "day": last.day}, change)).matched:
                return made
        except DuplicateKey:
            pass
        return await mixes.get(user_id) or made

    async def _shown(self, viewer: Viewer, user_id: str, kept: DailyMixes, zone: ZoneInfo) -> list[DailyMix]:
        wanted = list(dict.fromkeys(id for mix in kept.mixes for id in mix.artist_ids))
        artists = await self._artists.get_many(viewer, wanted) if wanted else {}
        refresh = begins(zone, date.fromisoformat(kept.day) + DAY)
        return [
            DailyMix(
                id=f"{user_id}:{number}",
                title=_title(mix, artists, number),
                reason=_reason(mix, artists),
                artists=[artists[id] for id in mix.artist_ids if id in artists],
                song_ids=mix.song_ids,
                refresh_date=refresh,
            )
            for number, mix in enumerate(kept.mixes, start=1)
        ]


def _title(mix: KeptMix, artists: dict[str, Artist], number: int) -> str:
    names = [artists[id].name for id in mix.artist_ids if id in artists][:NAMED]
    if not names:
        return f"Daily mix {number}"
    if mix.artist_count > len(names):
        return f"{', '.join(names)} and more"
    return " and ".join(names)


def _reason(mix: KeptMix, artists: dict[str, Artist]) -> str:
    """Why this mix: numbers are those of the plays that were looked at when it was made."""
    counted = [(artists[id].name, n) for id, n in zip(mix.artist_ids, mix.artist_plays, strict=True) if id in artists]
    played = [f"{name} {n} time{'s' if n > 1 else ''}" for name, n in counted if n][:NAMED]
    if played:
        return f"Because you played {' and '.join(played)}."
    liked = [name for name, _ in counted][:NAMED]
    return f"Because you like songs by {' and '.join(liked)}." if liked else "Because of what you listen to."
