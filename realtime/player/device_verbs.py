"""The operations of devices: which there are, and which of them this player is.

Owns the words (`docs/protocol/devices.md`). Refuses to know the rules: each operation is one call of a service. Nothing
here commands a device: what it plays, and how loud, its person's queue says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime.player.attendance import be_here
from realtime.player.frames import Body
from realtime.player.telling import Telling
from realtime.player.verbs import Answer, Followed, Player, Verbs
from services.audio.renditions import Quality
from services.connect.devices import (
    FORMAT_CHARACTERS,
    FORMATS_LIMIT,
    Capabilities,
    DeviceKind,
    Introduction,
    SeenDevices,
    face_of,
)
from services.errors import Invalid, NotFound

DEVICES = Verbs()

_KINDS = tuple(kind.value for kind in DeviceKind)
_QUALITIES = tuple(quality.value for quality in Quality)


@DEVICES.topic("devices")
async def opened(player: Player, id: str, _: Body) -> Followed:
    """One's own devices, now and after each change."""
    if id not in ("", player.viewer.user_id):
        raise NotFound("There are no such devices.", field="topic")
    states = await player.feeds.devices(player.viewer, player.viewer.user_id or "")
    return Followed(Telling(states, _tell))


@DEVICES.verb("device.follow", price=2)
async def follow(player: Player, _: str, body: Body) -> Answer:
    """As `follow` with the topic `devices`."""
    player.follow("devices", (await opened(player, "", body)).source)
    return {"topic": "devices"}


@DEVICES.verb("device.register", price=2)
async def register(player: Player, _: str, body: Body) -> Answer:
    """This player is that device from now on."""
    device = introduction(body)
    await be_here(player, device)
    return {"deviceId": device.id}


@DEVICES.verb("device.list")
async def show(player: Player, _: str, __: Body) -> Answer:
    """One's own devices."""
    return shown(await player.house.devices.own(player.viewer))


@DEVICES.verb("device.rename")
async def rename(player: Player, _: str, body: Body) -> Answer:
    """Call a device so."""
    device_id, name = body.text("deviceId", most=64), body.text("name")
    return shown(await player.house.devices.rename(player.viewer, device_id, name))


@DEVICES.verb("device.forget")
async def forget(player: Player, _: str, body: Body) -> Answer:
    """Take a device that is not connected off the list."""
    return shown(await player.house.devices.forget(player.viewer, body.text("deviceId", most=64)))


def introduction(body: Body) -> Introduction:
    """What a device says of itself. Invalid names the member that is wrong."""
    can = body.inner("capabilities")
    quality = can.choice("maxQuality", _QUALITIES) if can.has("maxQuality") else None
    capabilities = Capabilities(
        _formats(can),
        volume=can.flag("volume", True),
        gapless=can.flag("gapless"),
        crossfade=can.flag("crossfade"),
        max_quality=None if quality is None else Quality(quality),
    )
    kind = DeviceKind(body.choice("kind", _KINDS, default="other"))
    return Introduction(body.text("deviceId", most=64), body.text("name"), kind, capabilities)


def shown(seen: SeenDevices) -> dict[str, Any]:
    """Devices as `/ws` tells them."""
    return {"rev": seen.rev, "devices": [face_of(each) for each in seen.devices]}


def _formats(can: Body) -> list[str]:
    formats = can.texts("formats", most=FORMATS_LIMIT, each=FORMAT_CHARACTERS) if can.has("formats") else []
    if not all("/" in each for each in formats):
        raise Invalid("formats are MIME types.", field="formats")
    return formats


async def _tell(seen: SeenDevices) -> Mapping[str, Any]:
    return shown(seen)
