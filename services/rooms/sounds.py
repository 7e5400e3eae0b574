"""Where somebody in a room hears a song of its queue, and finds what belongs to it: outline, timed lyrics, picture.

Owns the tickets for it, in the quality that the member chose for this room. Refuses to know HTTP: the doors judge the
tickets, and ask `guests.py` where one is a guest's.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.accounts.tickets import Tickets
from services.audio.renditions import Quality
from services.entitlements.table import TierTable
from services.errors import Gone, NotFound
from services.rooms.items import item_of
from services.rooms.playing import in_earshot
from services.rooms.rights import find
from services.rooms.room_songs import RoomSongs
from services.rooms.rooms import Rooms, member_in
from services.viewer import Viewer


@dataclass(frozen=True, slots=True)
class RoomSound:
    """Paths on this server, for as long as a ticket lasts. No lyrics without times, no cover without a picture."""

    url: str
    hls_url: str
    waveform_url: str
    lyrics_url: str | None
    cover_url: str | None


class RoomSounds:
    """The sound of a room's queue, for its members and guests."""

    def __init__(self, tickets: Tickets, rooms: Rooms, songs: RoomSongs, tiers: TierTable) -> None:
        self._tiers = tiers
        self._tickets = tickets
        self._rooms = rooms
        self._songs = songs

    async def of_item(self, viewer: Viewer, room_id: str, item_id: str) -> RoomSound:
        """Where a member hears an item of the queue; a guest the current one, the one before and the next two.

        In the quality they chose for this room as far as their tier goes, else in their usual one. NotFound when it is
        silent for them, Gone when nobody can hear it any more.
        """
        member_id = member_in(viewer, room_id)
        room = await self._rooms.read(viewer, room_id)
        item = item_of(room, item_id)
        if item.gone:
            raise Gone("This song cannot be heard any more.", code="SONG_GONE", field="itemId")
        if viewer.guest_id is not None and item not in in_earshot(room):
            raise NotFound("A guest hears what plays and what comes next.", field="itemId")
        song = await self._songs.heard(viewer, item.song_id)
        if song is None:
            raise NotFound("There is no such song.", field="itemId")
        member, quality = find(room, member_id), self._tiers.of_viewer(viewer).quality
        chosen = None if member is None or member.quality is None else Quality(member.quality)
        if chosen is not None:
            quality = min(quality, chosen, key=lambda each: each.rank)
        ticket = self._tickets.issue(
            user_id=member_id, session_id=viewer.session_id or member_id, song_id=song.id, quality=quality
        )
        shown = f"ticket={ticket}"
        asked = shown if chosen is None else f"quality={quality}&{shown}"
        return RoomSound(
            url=f"/stream/{song.id}?{asked}",
            hls_url=f"/hls/{song.id}/master.m3u8?{asked}",
            waveform_url=f"/waveform/{song.id}?{shown}",
            lyrics_url=f"/lyrics/{song.id}.lrc?{shown}" if song.synced_lyrics or song.lyrics_id else None,
            cover_url=None if song.cover_id is None else f"/covers/{song.cover_id}",
        )
