"""Where somebody signed in from before: their devices, kinds of device and networks, as digests.

Owns what counts as new. Refuses to know sessions, and who is told.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from services.accounts.gate import network_of
from services.sign_ins.device_names import device_name
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records.known_places import KnownPlaces as Places

DEVICES = 30
PLACES = 50
"""How many devices, and how many kinds and networks, are remembered; the oldest are forgotten."""
_TOKEN_BYTES = 24
_TOKEN_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody signed in: the token by which their device is known next time, and whether they never came so before.

    Nobody's first arrival is new: there is nobody yet to be surprised.
    """

    device_token: str
    is_new: bool


class KnownPlaces:
    """Remembers and recognises."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def arrive(self, user_id: str, *, device_token: str, user_agent: str, address: str) -> Arrival:
        """Note where somebody signs in from. One store command where all of it is known, two otherwise."""
        given = device_token if 0 < len(device_token) <= _TOKEN_LIMIT else ""
        device = _digest(user_id, "device", given)
        kind = _digest(user_id, "kind", device_name(user_agent))
        network = _digest(user_id, "network", network_of(address))
        known = await self._store.known_places.get(user_id)
        knows_device = known is not None and bool(given) and device in known.devices
        knows_place = known is not None and kind in known.kinds and network in known.networks
        if knows_device and knows_place:
            return Arrival(given, is_new=False)
        fresh = given if knows_device else secrets.token_urlsafe(_TOKEN_BYTES)
        device = _digest(user_id, "device", fresh)
        if known is None:
            try:
                await self._store.known_places.insert(Places(user_id, [device], [kind], [network]))
                return Arrival(fresh, is_new=False)
            except DuplicateKey:
                known = await self._store.known_places.get(user_id) or Places(user_id)
        added = {
            name: {"$each": [mark], "$slice": -most}
            for name, mark, most, before in (
                ("devices", device, DEVICES, known.devices),
                ("kinds", kind, PLACES, known.kinds),
                ("networks", network, PLACES, known.networks),
            )
            if mark not in before
        }
        if added:
            await self._store.known_places.update({"_id": user_id}, {"$push": added})
        return Arrival(fresh, is_new=not knows_device and not knows_place)

    async def knows(self, user_id: str | None, *, device_token: str, address: str) -> bool:
        """Whether this device, or this network, is one from which this account was entered. One store command, for
        nobody as well."""
        # No account has the empty id; asking for it takes as long.
        known = await self._store.known_places.get(user_id or "")
        if known is None or user_id is None:
            return False
        device = _digest(user_id, "device", device_token[:_TOKEN_LIMIT])
        return (bool(device_token) and device in known.devices) or (
            _digest(user_id, "network", network_of(address)) in known.networks
        )

    async def forget(self, user_id: str) -> None:
        """From now on every place is new again, but the first."""
        empty: dict[str, list[str]] = {"devices": [], "kinds": [], "networks": []}
        await self._store.known_places.update({"_id": user_id}, {"$set": empty})


def _digest(user_id: str, what: str, value: str) -> str:
    return hashlib.sha256(f"{user_id}\0{what}\0{value}".encode(errors="surrogatepass")).hexdigest()[:24]
