"""Doors for what belongs to one song: a caller shows a Bearer token, or the song's ticket in the URL.

Owns who asks. Refuses to know what is behind the door.
"""

from __future__ import annotations

from handlers.base import BaseHandler
from services.accounts.tickets import Ticket
from services.rooms.guests import is_guest_ticket
from services.viewer import Viewer


class TicketedHandler(BaseHandler):
    """A door whose first path argument is a song's id."""

    _ticket: Ticket | None = None

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
