"""Whose word about the address of a request is believed: the web servers that the settings name, and nobody else's.

Anybody can write X-Forwarded-For; believing it from everybody would let each guess at passwords come from a new place.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerConnectionDelegate

KNOWN = 4096
"""How many addresses are remembered to be a proxy's or not."""


class Proxies:
    """Networks of web servers in front. None at all believes nobody."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        """ValueError for what is no address or network."""
        self._networks = [ipaddress.ip_network(each.strip()) for each in networks]
        self._known = lru_cache(KNOWN)(self._look)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def believes(self, peer: str) -> bool:
        """Whether the other end of a connection is one of them."""
        return bool(self._networks) and self._known(peer)

    def _look(self, peer: str) -> bool:
        try:
            address = ipaddress.ip_address(peer.partition("%")[0])
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in self._networks)


class FrontedServer(HTTPServer):
    """Tornado's server, which reads X-Forwarded-For and -Proto of requests that come from a proxy, and of no others."""

    proxies: Proxies = Proxies()

    def start_request(self, server_conn: object, request_conn: Any) -> HTTPServerConnectionDelegate:
        """As Tornado's, which asks `xheaders` here and nowhere else."""
        self.xheaders = self.proxies.believes(str(request_conn.context.remote_ip))
        return super().start_request(server_conn, request_conn)
