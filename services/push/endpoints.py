"""Where a push may go: never inside our own network, whatever a browser (or who says to be one) names.

Owns the check of addresses, at the moment of connecting, so that a name that means something else by then is refused
too. Refuses to know what is sent.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

from tornado.netutil import Resolver

from services.errors import Invalid

LONGEST = 1024
_WRAPPED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
"""Networks of IPv6 whose addresses mean one of IPv4, which may be anybody's."""


class Forbidden(OSError):
    """A name that leads into our own network."""


class OutsideResolver(Resolver):
    """Resolves names to addresses outside alone. Forbidden when one of them is not."""

    def initialize(self, allow_private: bool = False) -> None:
        """`allow_private` lets everything pass."""
        self._allow_private = allow_private
        self._inner = Resolver()

    async def resolve(
        self, host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[tuple[int, Any]]:
        """As `Resolver.resolve`."""
        found: list[tuple[int, Any]] = await self._inner.resolve(host, port, family)
        if not self._allow_private and not all(is_outside(address[0]) for _, address in found):
            raise Forbidden("an address inside")
        return found


def is_outside(address: str) -> bool:
    """Whether an IP address is one of the open internet."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif any(ip in network for network in _WRAPPED):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def check_endpoint(endpoint: str, *, allow_private: bool) -> tuple[str, int]:
    """Host and port of an endpoint. Invalid for anything but https on the usual port, without credentials."""
    wrong = Invalid("endpoint is the https address of a push service.", field="endpoint")
    if len(endpoint) > LONGEST or not endpoint.isascii() or any(sign.isspace() for sign in endpoint):
        raise wrong
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        raise wrong from None
    if not parts.hostname or "@" in parts.netloc or parts.fragment:
        raise wrong
    if not allow_private and (parts.scheme != "https" or port not in (None, 443)):
        raise wrong
    if parts.scheme not in ("https", "http"):
        raise wrong
    return parts.hostname, port or (443 if parts.scheme == "https" else 80)
