"""The operation by which a player finds the house's time: `clock`. docs/protocol/clock.md describes it."""

from __future__ import annotations

from realtime.player.frames import Body
from realtime.player.verbs import Answer, Player, Verbs

CLOCK = Verbs()

_FARTHEST_MS = 1e15
"""Beyond the epoch milliseconds of any century to come; doubles still count whole milliseconds there."""


@CLOCK.verb("clock", guests=True, anybody=True)
async def clock(player: Player, _: str, body: Body) -> Answer:
    """One probe: the player's `t0` comes back with the house's times of hearing it (`t1`) and of answering (`t2`), and
    the name of the clock that told them. Invalid for a `t0` that is no number."""
    t0 = body.number("t0", -_FARTHEST_MS, _FARTHEST_MS)
    time = player.house.house_time
    t1 = time.at_ms(player.heard_at)
    # Last, so that nothing of what we did ourselves counts as the network's.
    return {"t0": t0, "t1": t1, "epoch": time.epoch, "t2": max(t1, time.now_ms())}
