"""The room of rooms: where people listen together, as members or as guests of one evening."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass

from services.audio.delivery import Deliveries
from services.ground import Ground
from services.rooms.acts import RoomActs
from services.rooms.chat_cleaning import ChatCleaning
from services.rooms.desk import RoomDesk
from services.rooms.guests import RoomGuests
from services.rooms.invitations import RoomInvitations
from services.rooms.invites import RoomInvites
from services.rooms.losses import RoomLosses
from services.rooms.memory import RoomMemory
from services.rooms.news import RoomNews
from services.rooms.presence import RoomPresence
from services.rooms.room_songs import RoomSongs
from services.rooms.rooms import Rooms
from services.rooms.sounds import RoomSounds
from services.rooms.watching import RoomWatch


@dataclass
class ListeningRooms:
    """What stands in `services/rooms`."""

    rooms: Rooms
    room_news: RoomNews
    room_acts: RoomActs
    room_invites: RoomInvites
    room_invitations: RoomInvitations
    room_guests: RoomGuests
    room_sounds: RoomSounds
    room_memory: RoomMemory
    room_watch: RoomWatch
    chat_cleaning: ChatCleaning


def build_rooms(ground: Ground, deliveries: Deliveries, undo: AsyncExitStack) -> ListeningRooms:
    """The room; `undo` ends its watch."""
    store, clock, bus = ground.store, ground.clock, ground.bus
    memory = RoomMemory(store.rooms.get, clock)
    undo.push_async_callback(memory.stop)
    presence = RoomPresence(ground.live)
    songs = RoomSongs(store, clock, bus)
    undo.callback(songs.stop)
    losses = RoomLosses(songs, deliveries, clock)
    desk = RoomDesk(store, clock, bus, ground.house_time, memory, presence)
    watch = RoomWatch(store, clock, bus, ground.house_time, desk, memory, presence, losses)
    undo.push_async_callback(watch.stop)
    news = RoomNews(store, clock, songs)
    rooms = Rooms(store, clock, desk, presence, songs, watch, news, ground.tiers)
    invites = RoomInvites(store, clock, rooms, public_url=ground.public_url)
    return ListeningRooms(
        rooms=rooms,
        room_news=news,
        room_acts=RoomActs(clock, rooms, watch, losses, ground.attention),
        room_invites=invites,
        room_invitations=RoomInvitations(bus, ground.accounts.people, desk, rooms),
        room_guests=RoomGuests(clock, ground.tickets, desk, invites, watch),
        room_sounds=RoomSounds(ground.tickets, rooms, songs, ground.tiers),
        room_memory=memory,
        room_watch=watch,
        chat_cleaning=ChatCleaning(clock, desk),
    )
