"""The operations of presence: who of one's friends is here, what somebody plays, and whether one is away oneself.

Owns the words (`docs/protocol/presence.md`). Refuses to know who may see whom: services say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from realtime.player.frames import Body
from realtime.player.telling import Telling
from realtime.player.verbs import Answer, Followed, Player, Verbs
from services.presence.presences import Seen
from services.viewer import Role

PRESENCE = Verbs()

_STATES = ("online", "away")


@PRESENCE.topic("presence")
async def person(player: Player, id: str, _: Body) -> Followed:
    """`presence:USER`: how somebody is here and what they play, now and after each change."""

    async def tell(seen: Seen) -> Mapping[str, Any]:
        return (await faces(player, [seen]))[0]

    return Followed(Telling(await player.feeds.presence(player.viewer, id), tell))


@PRESENCE.topic("friends")
async def friends(player: Player, _: str, __: Body) -> Followed:
    """The friends who are here, now and after each change."""

    async def tell(people: Sequence[Seen]) -> Mapping[str, Any]:
        return {"friends": await faces(player, people)}

    return Followed(Telling(await player.feeds.friends(player.viewer), tell))


@PRESENCE.topic("now_playing")
async def now_playing(player: Player, id: str, _: Body) -> Followed:
    """`now_playing:USER`: what somebody plays, now and after each change."""

    async def tell(moment: Any) -> Mapping[str, Any]:
        seen = await _heard(player, [moment.song_id] if moment.song_id else [])
        song_id = moment.song_id if moment.song_id in seen else None
        return {"userId": moment.user_id, "songId": song_id, "at": _stamp(moment.at)}

    return Followed(Telling(await player.feeds.now_playing(player.viewer, id), tell))


@PRESENCE.verb("presence.follow", price=2)
async def follow(player: Player, _: str, body: Body) -> Answer:
    """As `follow` with the topic `friends`."""
    player.follow("friends", (await friends(player, "", body)).source)
    return {"topic": "friends"}


@PRESENCE.verb("presence.get", price=2)
async def get(player: Player, _: str, body: Body) -> Answer:
    """How somebody is here."""
    seen = await player.house.presences.read(player.viewer, body.text("userId", most=64))
    return (await faces(player, [seen]))[0]


@PRESENCE.verb("presence.set")
async def set_state(player: Player, _: str, body: Body) -> Answer:
    """Whether anybody sits at this player: who left all of theirs alone is away."""
    state = body.choice("state", _STATES)
    user_id, watch = player.viewer.require(Role.LISTENER), player.house.presence_watch
    seat = watch.seat_of(player)
    await watch.come(user_id, seat, replace(watch.connection_of(user_id, seat), is_away=state == "away"))
    return {"state": state}


async def faces(player: Player, people: Sequence[Seen]) -> list[dict[str, Any]]:
    """People as `/ws` tells them; a song that the viewer may not see is none."""
    heard = await _heard(player, [each.song_id for each in people if each.song_id is not None])
    return [
        {
            "userId": each.user_id,
            "status": each.status.value,
            "since": _stamp(each.since),
            "songId": each.song_id if each.song_id in heard else None,
            "songSince": _stamp(each.song_since),
        }
        for each in people
    ]


async def _heard(player: Player, song_ids: Sequence[str]) -> Mapping[str, Any]:
    return await player.house.songs.get_many(player.viewer, song_ids) if song_ids else {}


def _stamp(at: Any) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds")
