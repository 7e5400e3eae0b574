"""Fetches from other servers, bounded in time, size and number, and never from our own network unless it is allowed.

Owns requests and redirects; what is outside is `addresses.py`'s, what a URL may be `destination.py`'s. Takes no proxy
from the environment, keeps no cookies, opens nothing compressed. Refuses to know what an answer means.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.netutil import Resolver
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from services.outgoing.addresses import Forbidden, OutsideResolver, Unreachable, is_outside
from services.outgoing.destination import Destination, OutgoingRules, read_destination

AT_ONCE = 16
WAITING = 256
"""Requests under way, and those that may wait for their turn, of one `Outgoing`."""
LIMIT_BYTES = 1_000_000
TIMEOUT_S = 10.0
REDIRECTS = 3
_HEADER_BYTES = 65_536
_REDIRECTS = (301, 302, 303, 307, 308)
_SECRETS = ("authorization", "cookie", "proxy-authorization")
AGENT = "Tutti"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said. `headers` may be asked for in any letter case; `url` is where the last redirect led."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class Outgoing:
    """The house's way out. `names` and `outside` are how names are looked up and their addresses judged."""

    def __init__(
        self,
        rules: OutgoingRules | None = None,
        *,
        at_once: int = AT_ONCE,
        names: Resolver | None = None,
        outside: Callable[[str], bool] = is_outside,
    ) -> None:
        self._rules = rules or OutgoingRules()
        self._names = names
        self._outside = outside
        self._turns = asyncio.Semaphore(at_once)
        self._most = at_once + WAITING
        self._inside_now = 0
        self._trust = _trust(self._rules.ca_file)

    async def fetch(
        self,
        url: str,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        limit_bytes: int = LIMIT_BYTES,
        timeout_s: float = TIMEOUT_S,
        redirects: int = REDIRECTS,
    ) -> Answer:
        """The answer, whatever its status. GET and HEAD follow up to three redirects, each held to the same rules.

        Forbidden for what is not outside (or an allowed host); Unreachable when no whole answer of at most
        `limit_bytes` came in `timeout_s` seconds, waiting for a turn included.
        """
        to = read_destination(url, self._rules)
        if self._inside_now >= self._most:
            raise Unreachable("too many requests are waiting")
        self._inside_now += 1
        deadline = asyncio.get_running_loop().time() + timeout_s
        try:
            try:
                async with asyncio.timeout_at(deadline):
                    await self._turns.acquire()
            except TimeoutError:
                raise Unreachable("no turn in time") from None
            try:
                # From here on the client keeps the time: one that is cut off from outside would still write a log line.
                return await self._follow(to, method, dict(headers or {}), body, limit_bytes, deadline, redirects)
            finally:
                self._turns.release()
        finally:
            self._inside_now -= 1

    async def check(self, url: str, timeout_s: float = TIMEOUT_S) -> None:
        """Whether a URL may be fetched from just now. Forbidden or Unreachable when not; nothing is sent."""
        to = read_destination(url, self._rules)
        try:
            async with asyncio.timeout(timeout_s):
                await self._resolver(to).resolve(to.host, to.port)
        except Forbidden:
            raise
        except (OSError, UnicodeError):  # TimeoutError is one of them
            raise Unreachable("no such host") from None

    async def _follow(
        self,
        to: Destination,
        method: str,
        headers: dict[str, str],
        body: bytes | None,
        limit_bytes: int,
        deadline: float,
        redirects: int,
    ) -> Answer:
        first = to
        while True:
            answer = await self._ask(to, method, headers, body, limit_bytes, deadline)
            onward = answer.headers.get("Location")
            if answer.status not in _REDIRECTS or onward is None or method not in ("GET", "HEAD"):
                return answer
            if redirects == 0:
                raise Unreachable("too many redirects")
            redirects -= 1
            # An outsider must not use what the operator allowed as its way in: that holds for the host first asked.
            before, to = to, read_destination(urljoin(to.url, onward).partition("#")[0], self._rules)
            if to.inside and not self._rules.everything and to.host != first.host:
                raise Forbidden("a redirect inside")
            if before.scheme == "https" and to.scheme == "http":
                raise Forbidden("a redirect away from TLS")
            if before.origin != to.origin:
                headers = {name: value for name, value in headers.items() if name.lower() not in _SECRETS}

    async def _ask(
        self,
        to: Destination,
        method: str,
        headers: Mapping[str, str],
        body: bytes | None,
        limit_bytes: int,
        deadline: float,
    ) -> Answer:
        left_s = deadline - asyncio.get_running_loop().time()
        if left_s <= 0:
            raise Unreachable("no whole answer in time")
        # One for each request: its bounds are the request's own, and connections are never shared.
        client = SimpleAsyncHTTPClient(
            force_instance=True,
            resolver=self._resolver(to),
            max_clients=1,
            max_buffer_size=limit_bytes + _HEADER_BYTES,
            max_header_size=_HEADER_BYTES,
            max_body_size=limit_bytes,
        )
        try:
            request = HTTPRequest(
                to.url,
                method=method,
                headers={"User-Agent": AGENT, **headers, "Accept-Encoding": "identity"},
                body=body,
                follow_redirects=False,
                decompress_response=False,
                connect_timeout=left_s,
                request_timeout=left_s,
                ssl_options=self._trust,
            )
            response = await client.fetch(request, raise_error=False)
        except Unreachable:
            raise
        except (OSError, HTTPClientError, UnicodeError) as error:
            raise Unreachable(type(error).__name__) from None
        finally:
            client.close()
        if response.code == 599:
            raise Unreachable("no whole answer")
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise Unreachable("an answer in a form nobody asked for")
        if len(response.body) > limit_bytes:
            raise Unreachable("too long an answer")
        return Answer(response.code, response.headers, response.body, to.url)

    def _resolver(self, to: Destination) -> OutsideResolver:
        resolver: OutsideResolver = OutsideResolver(inside_too=to.inside, names=self._names, outside=self._outside)
        return resolver


def _trust(ca_file: str) -> ssl.SSLContext | None:
    if not ca_file:
        return None
    trust = ssl.create_default_context()
    trust.load_verify_locations(ca_file)
    return trust
