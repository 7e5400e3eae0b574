"""The devices on which people play: which there are, what they can do, which are connected.

Owns the list of each person, its bound and its words. Refuses to know queues: what follows when a device is gone, those
who hear it know. Nothing is ever commanded of a device: it plays what its person's queue says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from weakref import WeakValueDictionary

from services.audio.renditions import Quality
from services.clock import Clock
from services.downloads.rules import read_device_id
from services.entitlements.table import TierTable
from services.errors import Conflict, Invalid, NotFound, Unavailable
from services.events import Bus, DevicesChanged
from services.presence.board import PresenceBoard
from services.presence.reducer import devices_of
from services.presence.watching import PresenceWatch
from services.typed_text import is_id, is_printable, read_plain
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.live.interface import LiveStateAway
from storage.records.device import Device, DeviceCapabilities, DeviceList

NAME_LIMIT = 60
FORMATS_LIMIT = 20
FORMAT_CHARACTERS = 100
ATTEMPTS = 20


class DeviceKind(StrEnum):
    """What a device is."""

    COMPUTER = "computer"
    PHONE = "phone"
    SPEAKER = "speaker"
    TV = "tv"
    WEB = "web"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a device can do; `max_quality` None for no bound of its own."""

    formats: Sequence[str] = ()
    volume: bool = True
    gapless: bool = False
    crossfade: bool = False
    max_quality: Quality | None = None


@dataclass(frozen=True, slots=True)
class Introduction:
    """What a device says of itself."""

    id: str
    name: str
    kind: DeviceKind = DeviceKind.OTHER
    capabilities: Capabilities = field(default_factory=Capabilities)


@dataclass(frozen=True, slots=True)
class SeenDevice:
    """A device with what is known of it now."""

    device: Device
    is_online: bool


@dataclass(frozen=True, slots=True)
class SeenDevices:
    """A person's devices at `rev`: those connected first, then the last seen."""

    rev: int
    devices: Sequence[SeenDevice]


Gone = Callable[[str, str], Awaitable[None]]
"""Told of somebody (the first) whose device (the second) is connected no more."""
_Change = Callable[[DeviceList], list[Device]]


class Devices:
    """Everybody's devices, each list its owner's alone."""

    def __init__(
        self, store: Store, clock: Clock, bus: Bus, board: PresenceBoard, watch: PresenceWatch, tiers: TierTable
    ) -> None:
        self._store = store
        self._tiers = tiers
        self._clock = clock
        self._bus = bus
        self._board = board
        self._watch = watch
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._gone: list[Gone] = []
        watch.hear_devices(self._moved)

    def hear_gone(self, hearer: Gone) -> None:
        """Call `hearer` whenever a device is connected no more: after its grace, or its lease when it died."""
        self._gone.append(hearer)

    async def own(self, viewer: Viewer) -> SeenDevices:
        """The viewer's devices."""
        return await self._seen(viewer.require(Role.LISTENER))

    async def read(self, viewer: Viewer, user_id: str) -> SeenDevices:
        """The same for a feed, which names the person. NotFound for somebody else's."""
        if viewer.require(Role.LISTENER) != user_id:
            raise NotFound("There are no such devices.")
        return await self._seen(user_id)

    async def known(self, user_id: str, device_id: str) -> bool:
        """Whether this is a device of theirs, connected or not."""
        found = await self._store.device_lists.get(user_id)
        return found is not None and any(device.id == device_id for device in found.devices)

    async def register(self, viewer: Viewer, seat: str | None, introduction: Introduction) -> Device:
        """The connection `seat` of this process speaks for this device from now on; without one, it is only listed.

        Invalid for what is no id, name or format. A name that its owner gave it stays. Beyond the devices that the
        tier gives, the one that was seen longest ago and is not connected is forgotten; Conflict (TOO_MANY_DEVICES)
        when all are.
        """
        user_id = viewer.require(Role.LISTENER)
        id = read_device_id(introduction.id)
        name = _name(introduction.name)
        capabilities = _capabilities(introduction.capabilities)
        most = self._tiers.of_viewer(viewer).devices
        online, now = await self._online(user_id), self._clock.now()

        def entered(shelf: DeviceList) -> list[Device]:
            there = next((device for device in shelf.devices if device.id == id), None)
            others = [device for device in shelf.devices if device.id != id]
            if there is None:
                return [Device(id, name, introduction.kind, now, now, capabilities), *_bounded(others, online, most)]
            kept = there.name if there.is_renamed else name
            return [
                replace(there, name=kept, kind=introduction.kind.value, seen_at=now, capabilities=capabilities),
                *others,
            ]

        changed = await self._change(user_id, entered)
        if seat is not None:
            connection = self._watch.connection_of(user_id, seat)
            await self._watch.come(user_id, seat, replace(connection, device_id=id))
        return changed.devices[0]

    async def rename(self, viewer: Viewer, device_id: str, name: str) -> SeenDevices:
        """Call one of the viewer's devices so, whatever it calls itself. NotFound for no device of theirs."""
        user_id, name = viewer.require(Role.LISTENER), _name(name)

        def renamed(shelf: DeviceList) -> list[Device]:
            found = _find(shelf, device_id)
            return [replace(d, name=name, is_renamed=True) if d is found else d for d in shelf.devices]

        await self._change(user_id, renamed)
        return await self._seen(user_id)

    async def forget(self, viewer: Viewer, device_id: str) -> SeenDevices:
        """Take a device off the viewer's list. NotFound for no device of theirs, Conflict (CONNECTED) while it is."""
        user_id = viewer.require(Role.LISTENER)
        online = await self._online(user_id)

        def without(shelf: DeviceList) -> list[Device]:
            found = _find(shelf, device_id)
            if device_id in online:
                raise Conflict("The device is connected; close its player first.", code="CONNECTED", field="deviceId")
            return [device for device in shelf.devices if device is not found]

        await self._change(user_id, without)
        return await self._seen(user_id)

    async def _moved(self, user_id: str, came: frozenset[str], gone: frozenset[str]) -> None:
        now = self._clock.now()

        def seen(shelf: DeviceList) -> list[Device]:
            moved = came | gone
            return [replace(device, seen_at=now) if device.id in moved else device for device in shelf.devices]

        await self._change(user_id, seen, anyway=False)
        for device_id in sorted(gone):
            for hearer in self._gone:
                await hearer(user_id, device_id)

    async def _change(self, user_id: str, change: _Change, *, anyway: bool = True) -> DeviceList:
        turn = self._turns.setdefault(user_id, asyncio.Lock())
        async with turn:
            for _ in range(ATTEMPTS):
                before = await self._store.device_lists.get(user_id) or DeviceList(user_id)
                devices = change(before)
                if not anyway and not devices:
                    return before
                after = DeviceList(user_id, before.rev + 1, devices)
                if await self._write(before, after):
                    self._bus.publish(DevicesChanged(user_id, after.rev))
                    return after
        raise Conflict("Too much happens to these devices just now; try again.", code="BUSY")

    async def _write(self, before: DeviceList, after: DeviceList) -> bool:
        if before.rev > 0:
            devices = self._store.device_lists.codec.encode(after)["devices"]
            change = {"$set": {"rev": after.rev, "devices": devices}}
            written = await self._store.device_lists.update({"_id": before.id, "rev": before.rev}, change)
            return written.matched == 1
        try:
            await self._store.device_lists.insert(after)
        except DuplicateKey:
            return False
        return True

    async def _online(self, user_id: str) -> frozenset[str]:
        try:
            return devices_of(await self._board.connections(user_id))
        except LiveStateAway:
            raise Unavailable("Which devices are connected cannot be told just now.") from None

    async def _seen(self, user_id: str) -> SeenDevices:
        found = await self._store.device_lists.get(user_id) or DeviceList(user_id)
        online = await self._online(user_id)
        devices = [SeenDevice(device, device.id in online) for device in found.devices]
        devices.sort(key=lambda each: (each.is_online, each.device.seen_at), reverse=True)
        return SeenDevices(found.rev, devices)


def face_of(seen: SeenDevice) -> Mapping[str, object]:
    """A device as `/ws` tells it."""
    device, can = seen.device, seen.device.capabilities
    return {
        "id": device.id,
        "name": device.name,
        "kind": device.kind,
        "online": seen.is_online,
        "seenAt": device.seen_at.isoformat(timespec="milliseconds"),
        "capabilities": {
            "formats": can.formats,
            "volume": can.volume,
            "gapless": can.gapless,
            "crossfade": can.crossfade,
            "maxQuality": can.max_quality,
        },
    }


def _bounded(devices: list[Device], online: frozenset[str], most: int) -> list[Device]:
    """Room for one more: those seen longest ago go, as far as there are too many."""
    too_many = len(devices) - most + 1
    if too_many <= 0:
        return devices
    offline = sorted((device for device in devices if device.id not in online), key=lambda device: device.seen_at)
    if len(offline) < too_many:
        raise Conflict(f"You have {most} devices connected; close one.", code="TOO_MANY_DEVICES")
    gone = {device.id for device in offline[:too_many]}
    return [device for device in devices if device.id not in gone]


def _find(shelf: DeviceList, device_id: str) -> Device:
    for device in shelf.devices:
        if is_id(device_id) and device.id == device_id:
            return device
    raise NotFound("There is no such device.", field="deviceId")


def _name(name: str) -> str:
    read = read_plain(name, "name", "A device's name", NAME_LIMIT)
    if not read:
        raise Invalid("A device has a name.", field="name")
    return read


def _capabilities(told: Capabilities) -> DeviceCapabilities:
    fits = all(0 < len(each) <= FORMAT_CHARACTERS and is_printable(each) for each in told.formats)
    if not fits or len(told.formats) > FORMATS_LIMIT:
        raise Invalid(f"formats are at most {FORMATS_LIMIT} MIME types.", field="formats")
    quality = None if told.max_quality is None else told.max_quality.value
    return DeviceCapabilities(list(dict.fromkeys(told.formats)), told.volume, told.gapless, told.crossfade, quality)
