"""The devices on which somebody keeps downloads: so many and no more, however many ask at once.

Owns the places on the list. Refuses to know what is kept on a device.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.clock import Clock
from services.downloads.rules import read_device_id
from services.entitlements.table import TierTable
from services.errors import Conflict, NotFound
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records.download import DownloadDevice

MOST_DEVICES = 100


@dataclass(frozen=True, slots=True)
class Place:
    """A device's place on the list; `is_new` tells that it was taken just now."""

    device: DownloadDevice
    is_new: bool


class DownloadDevices:
    """Lists of as many devices as a person's tier gives."""

    def __init__(self, store: Store, clock: Clock, tiers: TierTable) -> None:
        self._store = store
        self._clock = clock
        self._tiers = tiers

    async def own(self, viewer: Viewer) -> list[DownloadDevice]:
        """The viewer's devices, the first added first."""
        user_id = viewer.require(Role.LISTENER)
        return await self._of(user_id)

    async def of_devices(self, pairs: list[tuple[str, str]]) -> dict[tuple[str, str], DownloadDevice]:
        """Devices by (user id, device id); one store command."""
        users = sorted({user_id for user_id, _ in pairs})
        found = await self._store.download_devices.find({"user_id": {"$in": users}}, limit=10_000)
        return {(device.user_id, device.device_id): device for device in found}

    async def take(self, viewer: Viewer, device_id: str, name: str) -> Place:
        """A place for the device, the one it has or a free one. Conflict (TOO_MANY_DEVICES) when there is none.

        Each place is a row with an id of its own, so that two requests cannot both have the last.
        """
        user_id, limit = viewer.require(Role.LISTENER), self._tiers.of_viewer(viewer).download_devices
        now = self._clock.now()
        seen = {"seen_at": now, **({"name": name} if name else {})}
        shelf, theirs = self._store.download_devices, {"user_id": user_id, "device_id": device_id}
        known = await shelf.update_and_get(theirs, {"$set": seen})
        if known is not None:
            return Place(known, is_new=False)
        there = await self._of(user_id)
        taken = {device.id for device in there}
        for slot in range(limit if len(there) < limit else 0):
            id = f"{user_id}:{slot:03d}"
            if id in taken:
                continue
            device = DownloadDevice(id, user_id, device_id, name, now, now)
            try:
                await shelf.insert(device)
            except DuplicateKey as error:
                if error.index == "_id":
                    continue
                known = await shelf.update_and_get(theirs, {"$set": seen})
                if known is not None:
                    return Place(known, is_new=False)
                continue
            return Place(device, is_new=True)
        raise Conflict(
            f"You keep downloads on {limit} devices already; remove one first.",
            code="TOO_MANY_DEVICES",
            field="deviceId",
        )

    async def seen(self, user_id: str, device_id: str) -> bool:
        """Note that the device came by; False when it is not on the list."""
        theirs = {"user_id": user_id, "device_id": device_id}
        return (
            await self._store.download_devices.update(theirs, {"$set": {"seen_at": self._clock.now()}})
        ).matched == 1

    async def drop(self, viewer: Viewer, device_id: str) -> str:
        """Take a device of the viewer's off the list; its id. NotFound when it is not there."""
        user_id = viewer.require(Role.LISTENER)
        gone = await self._store.download_devices.delete({"user_id": user_id, "device_id": read_device_id(device_id)})
        if not gone:
            raise NotFound("There is no such device.", field="deviceId")
        return device_id

    async def release(self, place: Place) -> None:
        """Give a place back that was taken for nothing."""
        if place.is_new:
            await self._store.download_devices.delete({"_id": place.device.id, "device_id": place.device.device_id})

    async def _of(self, user_id: str) -> list[DownloadDevice]:
        order = {"user_id": user_id}
        return await self._store.download_devices.find(order, sort=[("added_at", 1)], limit=MOST_DEVICES)
