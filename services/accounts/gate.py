"""How often somebody may try to get in: log-ins by (account, address) and by address, registrations by address.

Never by account alone: whoever knows an e-mail could then keep its owner out from anywhere. What was typed is kept
only as a digest, and an account that does not exist is counted like one that does.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

from services.accounts.details import fold
from services.clock import Clock
from services.errors import TooMany
from services.throttle import TokenBuckets


@dataclass(frozen=True, slots=True)
class GateLimits:
    """Tries at once, and seconds until one more, for each of the three buckets."""

    pair_tries: int = 10
    pair_seconds: float = 30.0
    address_tries: int = 60
    address_seconds: float = 5.0
    register_tries: int = 20
    register_seconds: float = 120.0


class Gate:
    """Counts tries. A log-in is paid for before the password is looked at and given back when it was right."""

    def __init__(self, clock: Clock, limits: GateLimits | None = None) -> None:
        bounds = limits or GateLimits()
        self._pairs = TokenBuckets(clock, capacity=bounds.pair_tries, seconds_per_token=bounds.pair_seconds)
        self._addresses = TokenBuckets(clock, capacity=bounds.address_tries, seconds_per_token=bounds.address_seconds)
        self._newcomers = TokenBuckets(clock, capacity=bounds.register_tries, seconds_per_token=bounds.register_seconds)

    def try_log_in(self, login: str, address: str) -> Callable[[], None]:
        """Pay for one try; the function returned gives it back. TooMany when this pair or address tried too often."""
        place = network_of(address)
        digest = hashlib.sha256(fold(login[:512]).encode(errors="surrogatepass")).digest()
        pair = (digest, place)
        self._pairs.take(pair)
        try:
            self._addresses.take(place)
        except TooMany:
            self._pairs.give_back(pair)
            raise

        def give_back() -> None:
            self._pairs.give_back(pair)
            self._addresses.give_back(place)

        return give_back

    def try_code(self, address: str) -> Callable[[], None]:
        """Pay for one code at a second factor; the function returned gives it back. TooMany by address."""
        place = network_of(address)
        self._addresses.take(place)
        return lambda: self._addresses.give_back(place)

    def try_register(self, address: str) -> None:
        """Pay for one registration, taken names included; nothing gives it back."""
        self._newcomers.take(network_of(address))


def network_of(address: str) -> str:
    """Whom an address stands for: an IPv4 address itself, the /64 of an IPv6 one, `unknown` for anything else."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), 64), strict=False))
    return str(parsed)
