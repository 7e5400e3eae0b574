"""Which addresses are the open internet's, and the look-up of names that gives no others.

Owns the one rule that keeps requests out of our own network. Refuses to know who asks and for what.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

from tornado.netutil import Resolver

_INSIDE = tuple(
    map(
        ipaddress.ip_network,
        (
            "64:ff9b::/96",  # NAT64 (RFC 6052): any address of IPv4, ours too
            "64:ff9b:1::/48",  # the same inside one network (RFC 8215)
            "2002::/16",  # 6to4
            "2001::/23",  # IETF protocols: Teredo, benchmarks, ORCHID
            "::/96",  # IPv4-compatible, long since retired
            "fec0::/10",  # site-local, retired too, routed by some
            "3fff::/20",  # for documentation
            "5f00::/16",  # segment routing inside one network
            "168.63.129.16/32",  # what tells a machine at Azure about itself
            "192.0.0.0/24",  # IETF protocols; a cloud keeps its metadata here
            "192.88.99.0/24",  # relays of 6to4
        ),
    )
)
"""What Python's own table takes for global, at least in one of the versions we run on, and no fetch may reach."""


class Unreachable(OSError):
    """No answer could be had: the other end is away, too slow, too talkative or no server at all."""


class Forbidden(Unreachable):
    """What was asked for is not outside, or not asked for in a way we do."""


def is_outside(address: str) -> bool:
    """Whether an IP address is one of the open internet, whichever way it is written or wrapped."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if any(ip in network for network in _INSIDE if network.version == ip.version):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


class OutsideResolver(Resolver):
    """Resolves names to addresses outside alone. Forbidden when one of several is not: such a name is a trap.

    A client that connects to what this returns needs no second look-up, so a name that changes cannot deceive it.
    """

    def initialize(
        self,
        inside_too: bool = False,
        names: Resolver | None = None,
        outside: Callable[[str], bool] = is_outside,
    ) -> None:
        """`inside_too` lets every address pass; `names` looks names up, `outside` judges their addresses."""
        self._inside_too = inside_too
        self._names = names or Resolver()
        self._outside = outside

    async def resolve(
        self, host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[tuple[int, Any]]:
        """As `Resolver.resolve`."""
        found: list[tuple[int, Any]] = await self._names.resolve(host, port, family)
        if not self._inside_too and not all(self._outside(address[0]) for _, address in found):
            raise Forbidden("an address inside")
        return found
