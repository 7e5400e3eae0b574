"""Doors for what belongs to one song: a caller shows a Bearer token, or the song's ticket in the URL.

Owns who asks, and that an answer under way ends with its session. Refuses to know what is behind the door.
"""

from __future__ import annotations

from typing import Any, ClassVar

from handlers.base import BaseHandler
from handlers.hanging_up import drop_unsent
from realtime.streams import OpenStreams
from services.accounts.tickets import Ticket
from services.accounts.tokens import token_invalid
from services.errors import Unavailable
from services.rooms.guests import is_guest_ticket
from services.viewer import Viewer


class TicketedHandler(BaseHandler):
    """A door whose first path argument is a song's id."""

    takes_guests: ClassVar[bool] = False
    """Whether guests of rooms find something here, by a ticket for a song of their room."""

    streams: OpenStreams | None = None
    _ticket: Ticket | None = None

    @property
    def session_id(self) -> str | None:
        """The sign-in session this answer is given to."""
        return self.current_viewer.session_id

    async def prepare(self) -> None:
        """As every door; beyond it an answer stands in the register of open streams until it is over."""
        await super().prepare()
        if self.streams is not None and not self.streams.add(self):
            if self.streams.has_ended(self.session_id):
                raise token_invalid()
            raise Unavailable("Too many are listening just now; try again later.", code="TOO_MANY_STREAMS")

    def on_finish(self) -> None:
        """The answer is out, or was broken off."""
        super().on_finish()
        if self.streams is not None:
            self.streams.discard(self)

    def cut(self) -> None:
        """The session is over: hang up, whatever was sent of the answer."""
        connection: Any = self.request.connection
        if not connection.stream.closed():
            drop_unsent(connection.stream.socket)
            connection.stream.close()

    def admit(self, viewer: Viewer) -> None:
        """Whom `access` names, and guests where there is something for them."""
        if viewer.guest_id is None or not self.takes_guests:
            super().admit(viewer)

    async def viewer(self) -> Viewer:
        """Who asks: by Bearer token, else by the ticket in the URL. Unauthenticated for a bad one of either."""
        ticket = self._argument("ticket")
        if ticket is None or "Authorization" in self.request.headers:
            return await super().viewer()
        self._ticket = self.house.tickets.open(ticket, self._ticket_subject())
        if is_guest_ticket(self._ticket):
            return await self.house.room_guests.viewer_of_ticket(self._ticket)
        return await self.house.accounts.viewer_of_session(self._ticket.user_id, self._ticket.session_id)

    def _ticket_subject(self) -> str:
        """What a ticket for this door must name."""
        return self.path_args[0]

    def _argument(self, name: str) -> str | None:
        values = self.request.query_arguments.get(name)
        if not values:
            return None
        try:
            return values[-1].decode("utf-8")
        except UnicodeDecodeError:
            return "\ufffd"
