"""The line to the payment service: how its library's requests leave the house, without ever holding the loop up.

Owns timeouts, bounds and where a request may go. Refuses to know what is asked. Imported only when money is taken,
for the library is large.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any, NoReturn

import stripe
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from services.outgoing.addresses import OutsideResolver

CONNECTIONS = 10
MOST_BYTES = 10_000_000


class Line(stripe.HTTPClient):
    """Carries the library's requests. `allow_private` lets them go anywhere: for a stand-in of the service."""

    name = "tornado"

    def __init__(self, *, timeout_s: float, allow_private: bool = False) -> None:
        super().__init__()
        self._timeout_s = timeout_s
        self._http = SimpleAsyncHTTPClient(
            force_instance=True,
            resolver=OutsideResolver(inside_too=allow_private),
            max_clients=CONNECTIONS,
            max_body_size=MOST_BYTES,
        )

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Body, status and headers of one answer. APIConnectionError when there is none in time."""
        posts = method.lower() == "post"
        request = HTTPRequest(
            url,
            method=method.upper(),
            headers=dict(headers),
            body=(post_data or "") if posts else None,
            follow_redirects=False,
            connect_timeout=self._timeout_s,
            request_timeout=self._timeout_s,
            decompress_response=False,
        )
        try:
            answer = await self._http.fetch(request, raise_error=False)
        except (OSError, HTTPClientError) as trouble:
            self._away(trouble)
        # A status of Tornado's own, for an answer that did not come whole or in time.
        if answer.code == 599:
            self._away(answer.error)
        return answer.body, answer.code, answer.headers

    def sleep_async(self, secs: float) -> Awaitable[None]:
        """The wait before another try."""
        return asyncio.sleep(secs)

    def close(self) -> None:
        """Let go of every connection."""
        self._http.close()

    async def close_async(self) -> None:
        """As `close`."""
        self.close()

    def _away(self, trouble: BaseException | None) -> NoReturn:
        raise stripe.APIConnectionError("The payment service does not answer.", should_retry=True) from trouble
