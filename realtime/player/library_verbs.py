"""What a player follows of the library: playlists. Owns how a playlist is told; who may see it, the service knows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from realtime.player.frames import Body
from realtime.player.verbs import Followed, Player, Verbs
from storage.records import Playlist

verbs = Verbs()


@verbs.topic("playlist")
async def playlist(player: Player, id: str, body: Body) -> Followed:
    """`playlist:ID`: its revision and size after each change. With `rev`, nothing is told before a later one."""
    known = body.integer("rev", -1, 2**53, default=-1)
    states = await player.feeds.playlist(player.viewer, id)
    return Followed(_told(states, known), seen_as="everybody")


async def _told(states: Any, known: int) -> AsyncIterator[dict[str, Any]]:
    async with aclosing(states):
        async for state in states:
            if state.rev > known:
                yield shown(state)


def shown(playlist: Playlist) -> dict[str, Any]:
    """A playlist as `/ws` tells it: what a client needs to know that it has to read anew."""
    return {
        "id": playlist.id,
        "rev": playlist.rev,
        "name": playlist.name,
        "songCount": playlist.song_count,
        "totalDurationMs": playlist.total_duration_ms,
    }
