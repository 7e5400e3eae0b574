"""One answer of the express lane as those see it who count and log requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.express.head import Request

if TYPE_CHECKING:
    from handlers.express.connection import Connection


class Stream:
    """One answer, told to those who count and log requests by their door: as much of a handler as they look at."""

    SUPPORTED_METHODS = ("GET",)
    method = "GET"

    def __init__(self, connection: Connection, request: Request, status: int, seconds: float) -> None:
        self._connection, self._asked, self._status, self._seconds = connection, request, status, seconds

    @property
    def request(self) -> Stream:
        """Itself."""
        return self

    @property
    def path(self) -> str:
        """The path without its query."""
        return self._asked.path

    @property
    def remote_ip(self) -> str:
        """Who asked: behind a proxy, whom it says."""
        return self._connection.lane.address_of(self._asked, self._connection.peer)

    def request_time(self) -> float:
        """Seconds from the request to the last byte handed to the kernel."""
        return self._seconds

    def get_status(self) -> int:
        """The status that was sent."""
        return self._status
