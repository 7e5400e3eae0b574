"""How often somebody may try to get in: log-ins by (account, address) and by address, registrations by address.

Tries at one account from anywhere are slowed, never stopped, and not at all from where its owner was before: whoever
knows an e-mail could else keep its owner out. What was typed is kept only as a digest, and an account that does not
exist is counted like one that does. Counts are this process's, and all processes' where they share a live state.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.accounts.details import fold
from services.clock import Clock
from services.errors import TooMany
from services.shared_throttle import SharedBuckets, SharedCounts, SharedSlowing
from services.throttle import TokenBuckets
from storage.live.interface import LiveState


@dataclass(frozen=True, slots=True)
class GateLimits:
    """Tries at once, and seconds until one more, for each of the three buckets; how many tries at one account from
    anywhere come unslowed, and the longest pause after them."""

    pair_tries: int = 10
    pair_seconds: float = 30.0
    address_tries: int = 60
    address_seconds: float = 5.0
    register_tries: int = 20
    register_seconds: float = 120.0
    weigh_tries: int = 60
    weigh_seconds: float = 1.0
    account_tries: int = 30
    account_pause_s: float = 60.0
    reproof_tries: int = 10
    reproof_seconds: float = 30.0


class Gate:
    """Counts tries. A log-in is paid for before the password is looked at and given back when it was right."""

    def __init__(self, clock: Clock, limits: GateLimits | None = None, live: LiveState | None = None) -> None:
        bounds = limits or GateLimits()
        self._pairs = TokenBuckets(clock, capacity=bounds.pair_tries, seconds_per_token=bounds.pair_seconds)
        self._addresses = TokenBuckets(clock, capacity=bounds.address_tries, seconds_per_token=bounds.address_seconds)
        self._newcomers = TokenBuckets(clock, capacity=bounds.register_tries, seconds_per_token=bounds.register_seconds)
        self._weighed = TokenBuckets(clock, capacity=bounds.weigh_tries, seconds_per_token=bounds.weigh_seconds)

        counts = SharedCounts(clock, live)
        self._all_pairs = SharedBuckets(
            counts, "log-in pair", capacity=bounds.pair_tries, seconds_per_token=bounds.pair_seconds
        )
        self._all_addresses = SharedBuckets(
            counts, "log-in address", capacity=bounds.address_tries, seconds_per_token=bounds.address_seconds
        )
        self._all_newcomers = SharedBuckets(
            counts, "newcomers", capacity=bounds.register_tries, seconds_per_token=bounds.register_seconds
        )
        self._all_reproofs = SharedBuckets(
            counts, "reproofs", capacity=bounds.reproof_tries, seconds_per_token=bounds.reproof_seconds
        )
        self._accounts = SharedSlowing(
            counts, "log-in account", free=bounds.account_tries, longest_s=bounds.account_pause_s
        )

    async def enter(self, login: str, address: str) -> Callable[[], Awaitable[None]]:
        """As `try_log_in`, counted for all processes."""
        give_back_here = self.try_log_in(login, address)
        place = network_of(address)
        pair = f"{_digest(login).hex()}:{place}"
        await self._all_pairs.take(pair)
        try:
            await self._all_addresses.take(place)
        except TooMany:
            await self._all_pairs.give_back(pair)
            raise

        async def give_back() -> None:
            give_back_here()
            await self._all_pairs.give_back(pair)
            await self._all_addresses.give_back(place)

        return give_back

    async def slow(
        self, user_id: str | None, login: str, is_known: Callable[[], Awaitable[bool]]
    ) -> Callable[[], Awaitable[None]]:
        """Count a try at this account from anywhere; the function returned takes it back. TooMany when tries come too
        fast for a place that is not known there."""
        return await self._accounts.take(user_id or _digest(login).hex(), is_known)

    async def prove_again(self, user_id: str) -> Callable[[], Awaitable[None]]:
        """Pay for one password of somebody who is signed in; the function returned gives it back. TooMany by account:
        whoever is counted here is in already, and keeps nobody out."""
        await self._all_reproofs.take(user_id)
        return lambda: self._all_reproofs.give_back(user_id)

    async def join(self, address: str) -> None:
        """As `try_register`, counted for all processes."""
        self.try_register(address)
        await self._all_newcomers.take(network_of(address))

    def try_log_in(self, login: str, address: str) -> Callable[[], None]:
        """Pay for one try; the function returned gives it back. TooMany when this pair or address tried too often."""
        place = network_of(address)
        pair = (_digest(login), place)
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

    def try_weigh(self, address: str) -> None:
        """Pay for one password that is to be weighed; nothing gives it back."""
        self._weighed.take(network_of(address))


def _digest(login: str) -> bytes:
    return hashlib.sha256(fold(login[:512]).encode(errors="surrogatepass")).digest()


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
