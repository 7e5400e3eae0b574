"""One playing, told twice: by the queue that knows of it and by its player under an id of the player's own.

Owns when two rows of the ledger are about the same playing. Refuses to know queues: it knows the ids they use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from storage.collections.store import Store
from storage.records import Play

SAME_PLAY = timedelta(seconds=30)
"""A row about the same song of the same person that began so much earlier or later is about this playing of it."""
KNOWN_LIMIT = 1_000


def is_queues(play_id: str) -> bool:
    """Whether a queue named this playing; `play_id` as the ledger has it, behind its owner."""
    return play_id.split(":", 1)[-1].startswith("queue:")


async def told_by_player(store: Store, user_id: str, song_id: str, began: datetime) -> bool:
    """Whether a player told under an id of its own of a playing that began about then. One store command."""
    near = {"$gte": began - SAME_PLAY, "$lte": began + SAME_PLAY}
    known = await store.plays.find({"user_id": user_id, "song_id": song_id, "started_at": near}, limit=20)
    return any(not is_queues(play.id) for play in known)


async def same_playing(store: Store, plays: Sequence[Play]) -> list[Play]:
    """The plays of one person, each under the id of the queue's row about the same playing, where there is one.

    So a late report counts nothing twice, and may still say that more was heard. At most one store command.
    """
    own = [play for play in plays if not is_queues(play.id)]
    if not own:
        return list(plays)
    near = {
        "$gte": min(play.started_at for play in own) - SAME_PLAY,
        "$lte": max(play.started_at for play in own) + SAME_PLAY,
    }
    known = [
        play
        for play in await store.plays.find({"user_id": own[0].user_id, "started_at": near}, limit=KNOWN_LIMIT)
        if is_queues(play.id)
    ]
    return [_under(play, known) for play in plays]


def _under(play: Play, known: Sequence[Play]) -> Play:
    if is_queues(play.id):
        return play
    same = (
        each.id
        for each in known
        if each.song_id == play.song_id and abs(each.started_at - play.started_at) <= SAME_PLAY
    )
    return replace(play, id=next(same, play.id))
