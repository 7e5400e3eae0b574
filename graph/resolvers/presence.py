"""Who is here."""

from __future__ import annotations

from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.errors import NotFound
from services.presence.presences import Seen
from services.presence.reducer import Status

RECORDS = {"Presence": Seen}
ENUMS = {"PresenceStatus": Status}


@resolves("Query.presence")
async def presence(_: None, info: Info, user_id: str) -> Seen | None:
    """One person, None when the viewer may not know."""
    try:
        return await info.context.house.presences.read(info.context.viewer, user_id)
    except NotFound:
        return None


@resolves("Query.friendsListening")
async def friends_listening(_: None, info: Info) -> list[Seen]:
    """The viewer's friends."""
    return await info.context.house.presences.friends(info.context.viewer)


@resolves("Subscription.presence")
async def presence_changes(_: None, info: Info, user_id: str) -> Any:
    """The present, then each change."""
    return await info.context.feeds.presence(info.context.viewer, user_id)


@resolves("Subscription.friendsListening")
async def friends_changes(_: None, info: Info) -> Any:
    """The friends, then each change."""
    return await info.context.feeds.friends(info.context.viewer)


@resolves("Presence.user")
def user(seen: Seen, info: Info) -> Any:
    """Who."""
    return info.context.loaders.users.load(seen.user_id)


@resolves("Presence.song")
def song(seen: Seen, info: Info) -> Any:
    """What they listen to."""
    return None if seen.song_id is None else info.context.loaders.songs.load(seen.song_id)
