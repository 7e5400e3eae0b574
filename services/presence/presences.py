"""Who is here and what they listen to, as far as each viewer may know.

Owns what is shown of a person and whom somebody counts as a friend: whom they follow. Refuses to know connections
(`watching.py`) and how the news travels. Who may see whom is the rule of `services/accounts/people_access.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.accounts.people_access import PeopleAccess
from services.errors import NotFound, Unavailable
from services.now_playing import NowPlaying
from services.presence.board import PresenceBoard
from services.presence.reducer import Status, status_of
from services.typed_text import is_id
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.live.interface import LiveStateAway

FRIENDS_LIMIT = 200
"""So many of those whom somebody follows are friends to be told of: the last followed."""
AT_ONCE = 32
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seen:
    """How a viewer sees somebody; nothing but the id of somebody who is not here."""

    user_id: str
    status: Status = Status.OFFLINE
    since: datetime | None = None
    song_id: str | None = None
    song_since: datetime | None = None


class Presences:
    """What may be seen of people's presence. Asked again for each change, never remembered."""

    def __init__(self, store: Store, people: PeopleAccess, board: PresenceBoard, now_playing: NowPlaying) -> None:
        self._store = store
        self._people = people
        self._board = board
        self._now_playing = now_playing

    async def read(self, viewer: Viewer, user_id: str) -> Seen:
        """One person. NotFound for those whose presence the viewer may not see, as for those who are not there."""
        viewer.require(Role.LISTENER)
        found = await self.read_many(viewer, [user_id])
        if user_id not in found:
            raise NotFound("No such listener.")
        return found[user_id]

    async def read_many(self, viewer: Viewer, user_ids: Sequence[str]) -> dict[str, Seen]:
        """Those of them whose presence the viewer may see; two store commands. Unavailable when nobody can tell."""
        viewer.require(Role.LISTENER)
        found = await self._store.users.get_many([id for id in dict.fromkeys(user_ids) if is_id(id)])
        shown = await self._people.whose_presence_shows(viewer, found.values())
        seen: dict[str, Seen] = {}
        ids = list(shown.present)
        for start in range(0, len(ids), AT_ONCE):
            part = ids[start : start + AT_ONCE]
            for each in await asyncio.gather(*(self._seen(id, hears=id in shown.heard) for id in part)):
                seen[each.user_id] = each
        return seen | {id: Seen(id) for id in shown.hidden}

    async def friend_ids(self, viewer: Viewer) -> list[str]:
        """Whom the viewer followed last; at most 200."""
        mine = {"user_id": viewer.require(Role.LISTENER)}
        edges = await self._store.followed_users.find(mine, sort=[("created_at", -1)], limit=FRIENDS_LIMIT)
        return [edge.target_id for edge in edges]

    async def friends(self, viewer: Viewer) -> list[Seen]:
        """The friends who are here, those who listen first, then who came last."""
        found = await self.read_many(viewer, await self.friend_ids(viewer))
        return in_order(found.values())

    async def _seen(self, user_id: str, *, hears: bool) -> Seen:
        try:
            connections = await self._board.connections(user_id)
        except LiveStateAway:
            raise Unavailable("Who is here cannot be told just now.") from None
        status = status_of(connections)
        moment = self._now_playing.playing(user_id) if hears else None
        song_id, song_since = (None, None) if moment is None else (moment.song_id, moment.at)
        if status is Status.OFFLINE:
            # Somebody may listen without a player's socket: then they are not here, but not silent either.
            return Seen(user_id, song_id=song_id, song_since=song_since)
        told = await self._board.told(user_id)
        since = None if told.since_ms is None else _EPOCH + timedelta(milliseconds=int(told.since_ms))
        return Seen(user_id, status, since, song_id, song_since)


def in_order(people: Iterable[Seen]) -> list[Seen]:
    """Without those who are neither here nor listen."""
    found = [each for each in people if each.status is not Status.OFFLINE or each.song_id]
    return sorted(found, key=_order)


def _order(seen: Seen) -> tuple[bool, float, str]:
    since = seen.song_since or seen.since
    return seen.song_id is None, 0.0 if since is None else -since.timestamp(), seen.user_id
