"""How much of the house's work one caller may ask for: token buckets that hold cost instead of tries.

Owns whose bucket it is (a signed-in person's by their id, anybody else's by their address, where an IPv6 network of
64 bits is one caller) and how it fills. Refuses to know what costs how much, and over what it was asked.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache

from services.clock import Clock
from services.errors import TooMany
from services.throttle import TokenBuckets
from services.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Rate:
    """So much cost a second, on average, and so much at once. 0 a second means no bound."""

    per_second: float
    burst: int


class CostRates:
    """A bucket of cost for each caller, in bounded memory: at most `limit` callers of either kind are remembered."""

    def __init__(self, clock: Clock, *, signed_in: Rate, anonymous: Rate, limit: int = 20_000) -> None:
        self._signed_in = _buckets(clock, signed_in, limit)
        self._anonymous = _buckets(clock, anonymous, limit)

    def spend(self, viewer: Viewer, address: str, cost: int) -> int | None:
        """Take `cost` from the caller's bucket; what is left there, None where nothing bounds them.

        TooMany, with the seconds to wait, when there is not enough; nothing is taken then. Who asks for more than a
        full bucket holds gets it from a full one.
        """
        buckets, key = self._bucket(viewer, address)
        if buckets is None:
            return None
        try:
            buckets.take(key, min(cost, buckets.capacity))
        except TooMany as error:
            raise _too_many(error) from None
        return int(buckets.left(key))

    def require(self, viewer: Viewer, address: str, cost: int) -> None:
        """TooMany, as `spend` raises it, where `cost` is not there; takes nothing."""
        buckets, key = self._bucket(viewer, address)
        if buckets is not None:
            try:
                buckets.require(key, min(cost, buckets.capacity))
            except TooMany as error:
                raise _too_many(error) from None

    def _bucket(self, viewer: Viewer, address: str) -> tuple[TokenBuckets | None, Hashable]:
        if viewer.user_id is not None:
            return self._signed_in, viewer.user_id
        return self._anonymous, network_of(address)


def _too_many(error: TooMany) -> TooMany:
    return TooMany("You asked for much in a short time; try again later.", retry_after=error.retry_after)


def _buckets(clock: Clock, rate: Rate, limit: int) -> TokenBuckets | None:
    if rate.per_second <= 0:
        return None
    return TokenBuckets(clock, capacity=rate.burst, seconds_per_token=1 / rate.per_second, limit=limit)


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """Whom an address stands for: itself, or its network of 64 bits for IPv6, of which one household has one."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))
    return str(found)
