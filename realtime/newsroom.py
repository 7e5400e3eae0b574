"""Every carrier of news of one process, started and stopped together.

Owns the list. A new kind of news is a line here, a policy in `hub.py` and a field of `graph/feeds.py`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from graph.feeds import Feeds
from realtime.attended import attended
from realtime.broker import Broker
from realtime.hub import Hub
from realtime.notifications import NotificationNews
from realtime.now_playing import NowPlayingNews
from realtime.people_news import PeopleNews
from realtime.presence import PresenceNews
from realtime.room_feed import RoomFeed
from realtime.room_sights import RoomSights
from realtime.room_words import RoomWords
from realtime.session_ends import EndsWithSession, SessionEnds
from realtime.shared_readings import SharedReadings
from realtime.sockets import OpenSockets
from realtime.state_news import Read, StateNews
from services.events import DevicesChanged, PlaylistChanged, QueueChanged, RoomChanged, SongProgressed
from services.house import House

log = logging.getLogger("tutti.realtime")


class Carrier(Protocol):
    """Something that carries news between `start` and `stop`."""

    def start(self) -> None:
        """Begin to carry."""

    def stop(self) -> None:
        """Carry no more; safe in any state."""


class Newsroom:
    """The carriers over one hub, one broker and one register of sockets; `feeds` is what the graph is handed."""

    def __init__(
        self,
        house: House,
        *,
        hub: Hub,
        broker: Broker,
        sockets: OpenSockets,
        ends_with_session: Sequence[EndsWithSession] = (),
    ) -> None:
        self.hub = hub
        self.broker = broker
        self.sockets = sockets
        self._bus = bus = house.bus
        now_playing = NowPlayingNews(now_playing=house.now_playing, bus=bus, broker=broker, hub=hub)
        notifications = NotificationNews(notifications=house.notifications, bus=bus, broker=broker, hub=hub)
        self.carriers: list[Carrier] = [
            PeopleNews(bus=bus, broker=broker),
            SessionEnds(bus=bus, broker=broker, sockets=sockets, others=ends_with_session),
            now_playing,
            notifications,
            RoomWords(memory=house.room_memory, broker=broker),
        ]
        presence = PresenceNews(presences=house.presences, bus=bus, broker=broker, hub=hub)
        self.carriers.append(presence)
        sights = RoomSights(bus=bus, broker=broker, forget=house.accounts.forget)
        self.carriers.append(sights)
        devices = self._states("devices", DevicesChanged, lambda event: event.user_id, house.devices.read)
        queue = self._states("queue", QueueChanged, lambda event: event.user_id, house.queues.read)
        rooms = self._states("room", RoomChanged, lambda event: event.room_id, house.rooms.read)
        playlist = self._states("playlist", PlaylistChanged, lambda event: event.playlist_id, house.playlists.get)
        playlist.share(SharedReadings(house.playlists.newest, lambda found: found.rev), house.playlists.seen)
        transcode = self._states("transcode", SongProgressed, lambda event: event.song_id, house.song_progresses.of)
        self._forget_return: Callable[[], None] = lambda: None
        self.feeds = Feeds(
            playlist=playlist,
            transcode=transcode,
            now_playing=now_playing,
            notifications=notifications,
            notification_trail=notifications.trail,
            queue=queue,
            devices=devices,
            presence=presence,
            friends=presence.friends,
            room=RoomFeed(house.rooms, house.room_watch, rooms, sights),
        )
        self.stream_feeds = attended(self.feeds, house.stream_attendance)
        """As `feeds`, for GraphQL: who listens there is here, as who has a player open."""

    def _states(self, kind: str, event: type, id_of: Callable[[Any], str], read: Read[Any]) -> StateNews[Any]:
        """A carrier of something that has a revision, in the event as in the state; one that is gone is one further."""

        def note(told: Any) -> tuple[str, int]:
            return id_of(told), told.rev + getattr(told, "gone", False)

        states = StateNews(
            kind, event, note, read, lambda state: state.rev, bus=self._bus, broker=self.broker, hub=self.hub
        )
        self.carriers.append(states)
        return states

    def start(self) -> None:
        """Begin to carry everything."""
        for carrier in self.carriers:
            carrier.start()
        self._forget_return = self.broker.on_return(self.look_again)

    def look_again(self) -> int:
        """Let everybody who follows a state here read it anew: another process may have said what we did not hear."""
        look = (StateNews, PresenceNews, NowPlayingNews)
        found = sum(carrier.look_again() for carrier in self.carriers if isinstance(carrier, look))
        log.info("states are read anew", extra={"followers": found})
        return found

    def stop(self) -> None:
        """Carry no more, in reverse."""
        self._forget_return()
        for carrier in reversed(self.carriers):
            carrier.stop()
