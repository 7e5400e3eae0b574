"""A player's socket makes its person be here, and its device be connected, until it is gone.

Owns that a seat is given up whyever the socket ends. Refuses to know what being here means.
"""

from __future__ import annotations

from realtime.player.verbs import Player
from services.connect.devices import Introduction
from services.viewer import Role


async def be_here(player: Player, device: Introduction | None = None) -> None:
    """Be counted from now on, as this device if it is told. Refuses as `Devices.register`."""
    user_id, watch = player.viewer.require(Role.LISTENER), player.house.presence_watch
    seat = watch.seat_of(player)

    async def go() -> None:
        await watch.go(user_id, seat)

    player.on_leaving("presence", go)
    if device is None:
        await watch.come(user_id, seat)
        return
    player.device_id = (await player.house.devices.register(player.viewer, seat, device)).id
