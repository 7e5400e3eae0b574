"""How many sockets one person and one address may hold, and how much they may ask through all of them together.

Owns the counts and the buckets. Refuses to know what is asked and over which socket.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from services.clock import Clock
from services.errors import TooMany
from services.rates import CostRates, Rate, network_of
from services.viewer import Viewer


@dataclass(frozen=True, slots=True)
class CrowdLimits:
    """Sockets at once, and operations by their price: a second on average, and at once. 0 a second: no bound."""

    per_user: int = 32
    per_address: int = 512
    user_rate: Rate = field(default_factory=lambda: Rate(50.0, 200))
    address_rate: Rate = field(default_factory=lambda: Rate(50.0, 400))


class Crowd:
    """The sockets of this process, players and `/graphql` alike. An IPv6 network of 64 bits is one address."""

    def __init__(self, clock: Clock, limits: CrowdLimits | None = None) -> None:
        self._limits = limits or CrowdLimits()
        self._addresses: Counter[str] = Counter()
        self._people: Counter[str] = Counter()
        self._rates = CostRates(clock, signed_in=self._limits.user_rate, anonymous=self._limits.address_rate)

    def __len__(self) -> int:
        return self._addresses.total()

    def enter(self, address: str) -> bool:
        """Count a socket of this address; False, uncounted, when it has enough."""
        network = network_of(address)
        if self._addresses[network] >= self._limits.per_address:
            return False
        self._addresses[network] += 1
        return True

    def leave(self, address: str) -> None:
        """A socket of this address is gone."""
        _fewer(self._addresses, network_of(address))

    def seat(self, user_id: str) -> None:
        """Count a socket of this person. TooMany, uncounted, when they have enough."""
        if self._people[user_id] >= self._limits.per_user:
            raise TooMany(f"You have {self._limits.per_user} sockets open; close one first.", retry_after=10.0)
        self._people[user_id] += 1

    def unseat(self, user_id: str) -> None:
        """A socket of this person is gone."""
        _fewer(self._people, user_id)

    def spend(self, viewer: Viewer, address: str, price: int) -> None:
        """Take an operation's price from its person's bucket, or its address's. TooMany says how long to wait."""
        self._rates.spend(viewer, address, price)


def _fewer(counts: Counter[str], key: str) -> None:
    counts[key] -= 1
    if counts[key] <= 0:
        del counts[key]
