"""What the viewer plays on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.audio.renditions import Quality
from services.connect.devices import Capabilities, DeviceKind, Introduction, SeenDevice, SeenDevices
from storage.records.device import DeviceCapabilities


@dataclass(slots=True)
class DevicesPayload:
    """What a change gives."""

    devices: list[SeenDevice]


RECORDS = {
    "Device": SeenDevice,
    "DeviceCapabilities": DeviceCapabilities,
    "DevicesPayload": DevicesPayload,
    "DeviceCapabilitiesInput": Capabilities,
}
ENUMS = {"DeviceKind": DeviceKind}


@resolves("Query.devices")
async def devices(_: None, info: Info) -> list[SeenDevice]:
    """The viewer's."""
    return list((await info.context.house.devices.own(info.context.viewer)).devices)


@resolves("Subscription.devices")
async def devices_changes(_: None, info: Info) -> Any:
    """The devices, then each change."""
    viewer = info.context.viewer
    return _Lists(await info.context.feeds.devices(viewer, viewer.user_id or ""))


@resolves("Mutation.registerDevice")
async def register_device(
    _: None, info: Info, device_id: str, name: str, kind: DeviceKind, capabilities: Capabilities | None = None
) -> DevicesPayload:
    """One more, or the same again."""
    viewer, devices = info.context.viewer, info.context.house.devices
    await devices.register(viewer, None, Introduction(device_id, name, kind, capabilities or Capabilities()))
    return DevicesPayload(list((await devices.own(viewer)).devices))


@resolves("Mutation.renameDevice")
async def rename_device(_: None, info: Info, device_id: str, name: str) -> DevicesPayload:
    """Another name."""
    return DevicesPayload(list((await info.context.house.devices.rename(info.context.viewer, device_id, name)).devices))


@resolves("Mutation.forgetDevice")
async def forget_device(_: None, info: Info, device_id: str) -> DevicesPayload:
    """One less."""
    return DevicesPayload(list((await info.context.house.devices.forget(info.context.viewer, device_id)).devices))


@resolves("Device.id")
def device_id(seen: SeenDevice, _: Info) -> str:
    """Its own id."""
    return seen.device.id


@resolves("Device.name")
def name(seen: SeenDevice, _: Info) -> str:
    """What it is called."""
    return seen.device.name


@resolves("Device.kind")
def kind(seen: SeenDevice, _: Info) -> DeviceKind:
    """What it is."""
    return DeviceKind(seen.device.kind)


@resolves("Device.seenAt")
def seen_at(seen: SeenDevice, _: Info) -> Any:
    """When it came or left last."""
    return seen.device.seen_at


@resolves("Device.addedAt")
def added_at(seen: SeenDevice, _: Info) -> Any:
    """When it came first."""
    return seen.device.added_at


@resolves("Device.capabilities")
def capabilities(seen: SeenDevice, _: Info) -> DeviceCapabilities:
    """What it can do."""
    return seen.device.capabilities


@resolves("DeviceCapabilities.maxQuality")
def max_quality(can: DeviceCapabilities, _: Info) -> Quality | None:
    """The best it is made for."""
    return None if can.max_quality is None else Quality(can.max_quality)


class _Lists:
    """The devices of each state of a feed; `aclose` lets it go."""

    def __init__(self, states: Any) -> None:
        self._states = states

    def __aiter__(self) -> _Lists:
        return self

    async def __anext__(self) -> list[SeenDevice]:
        state: SeenDevices = await anext(self._states)
        return list(state.devices)

    async def aclose(self) -> None:
        await self._states.aclose()
