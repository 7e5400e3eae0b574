"""The operations on a room's music: what plays, the queue, and the sound as each member has it.

Owns the words (`docs/protocol/rooms.md`). Refuses to know the rules: each operation is one call of a service.
"""

from __future__ import annotations

from typing import Any

from realtime.player.frames import Body
from realtime.player.room_frames import done, item_id_of, operation_of, room_id_of
from realtime.player.verbs import Answer, Player, Verbs
from services.audio.renditions import Quality
from services.rooms.bounds import ADDED_AT_ONCE
from services.rooms.reducer import Stale

ROOM_MUSIC = Verbs()


@ROOM_MUSIC.verb("room.play", guests=True)
async def play(player: Player, _: str, body: Body) -> Answer:
    """Go on."""
    return await _about_playing(player.house.room_acts.play(player.viewer, room_id_of(body), operation_of(body)))


@ROOM_MUSIC.verb("room.pause", guests=True)
async def pause(player: Player, _: str, body: Body) -> Answer:
    """Stand still."""
    return await _about_playing(player.house.room_acts.pause(player.viewer, room_id_of(body), operation_of(body)))


@ROOM_MUSIC.verb("room.seek", guests=True)
async def seek(player: Player, _: str, body: Body) -> Answer:
    """Be elsewhere in the song."""
    position_ms = body.number("positionMs", 0, 86_400_000)
    acts = player.house.room_acts
    return await _about_playing(acts.seek(player.viewer, room_id_of(body), position_ms, operation_of(body)))


@ROOM_MUSIC.verb("room.next", guests=True)
async def skip(player: Player, _: str, body: Body) -> Answer:
    """On to the next song."""
    return await _about_playing(player.house.room_acts.skip(player.viewer, room_id_of(body), operation_of(body)))


@ROOM_MUSIC.verb("room.jump", guests=True)
async def jump(player: Player, _: str, body: Body) -> Answer:
    """On to this item."""
    acts = player.house.room_acts
    return await _about_playing(acts.jump(player.viewer, room_id_of(body), item_id_of(body), operation_of(body)))


@ROOM_MUSIC.verb("room.voteToSkip", guests=True)
async def vote_to_skip(player: Player, _: str, body: Body) -> Answer:
    """Be for leaving the current item."""
    acts = player.house.room_acts
    return done(await acts.vote_to_skip(player.viewer, room_id_of(body), item_id_of(body), operation_of(body)))


@ROOM_MUSIC.verb("room.add", guests=True, price=2)
async def add(player: Player, _: str, body: Body) -> Answer:
    """Put songs into the queue."""
    song_ids, before_id = body.ids("songIds", most=ADDED_AT_ONCE), body.maybe_text("beforeItemId", most=64)
    acts = player.house.room_acts
    return done(await acts.add(player.viewer, room_id_of(body), song_ids, before_id, operation_of(body)))


@ROOM_MUSIC.verb("room.move", guests=True)
async def move(player: Player, _: str, body: Body) -> Answer:
    """Put an item before another one."""
    before_id = body.maybe_text("beforeItemId", most=64)
    acts = player.house.room_acts
    return done(await acts.move(player.viewer, room_id_of(body), item_id_of(body), before_id, operation_of(body)))


@ROOM_MUSIC.verb("room.remove", guests=True)
async def remove(player: Player, _: str, body: Body) -> Answer:
    """Take items out of the queue."""
    item_ids = body.ids("itemIds", most=ADDED_AT_ONCE)
    return done(await player.house.room_acts.remove(player.viewer, room_id_of(body), item_ids, operation_of(body)))


@ROOM_MUSIC.verb("room.vote", guests=True)
async def vote(player: Player, _: str, body: Body) -> Answer:
    """Be for an item, or (`up` false) not any more."""
    acts, up = player.house.room_acts, body.flag("up", True)
    return done(await acts.vote(player.viewer, room_id_of(body), item_id_of(body), up, operation_of(body)))


@ROOM_MUSIC.verb("room.ready", guests=True)
async def ready(player: Player, _: str, body: Body) -> Answer:
    """This player holds the item's sound."""
    return done(
        await player.house.room_acts.ready(player.viewer, room_id_of(body), item_id_of(body), operation_of(body))
    )


@ROOM_MUSIC.verb("room.unheard", guests=True, price=4)
async def unheard(player: Player, _: str, body: Body) -> Answer:
    """This player gets no sound for the item."""
    return done(
        await player.house.room_acts.unheard(player.viewer, room_id_of(body), item_id_of(body), operation_of(body))
    )


@ROOM_MUSIC.verb("room.quality", guests=True)
async def quality(player: Player, _: str, body: Body) -> Answer:
    """The quality in which this member hears the room; null for what they always hear."""
    wanted = body.choice("quality", tuple(Quality)) if body.has("quality") else None
    return done(await player.house.room_acts.set_quality(player.viewer, room_id_of(body), wanted, operation_of(body)))


@ROOM_MUSIC.verb("room.sound", guests=True, price=2)
async def sound(player: Player, _: str, body: Body) -> Answer:
    """Where this member hears an item, and finds what belongs to it."""
    found = await player.house.room_sounds.of_item(player.viewer, room_id_of(body), item_id_of(body))
    return {
        "url": found.url,
        "hlsUrl": found.hls_url,
        "waveformUrl": found.waveform_url,
        "lyricsUrl": found.lyrics_url,
        "coverUrl": found.cover_url,
    }


async def _about_playing(work: Any) -> Answer:
    try:
        return done(await work)
    except Stale as stale:
        # Refused, with the room as it is, so that the player need not ask.
        return {"ok": False, "error": {**stale.extensions, "message": stale.message}, "room": stale.face}
