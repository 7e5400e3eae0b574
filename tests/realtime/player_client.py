"""A reference client of `/ws`: finds the house's time as docs/timing.md says, follows an anchor, corrects itself.

A model for clients in other languages: what it does is what one has to do. `local_ms` is its monotonic clock.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect

from services.timing.anchor import position_ms
from services.timing.clock_filter import BURST_EVERY_MS, PROBES, ClockFilter, Probe
from services.timing.correction import NOTHING, Correction, Step, correction
from storage.records.anchor import Anchor


@dataclass
class SoundCard:
    """Where the song really is, by a card that plays at `rate`: position `position_ms` at `at_ms` of the own clock."""

    at_ms: float
    position_ms: float
    rate: float = 1.0

    def position(self, local_ms: float) -> float:
        return self.position_ms + (local_ms - self.at_ms) * self.rate

    def play(self, local_ms: float, rate: float, position: float | None = None) -> None:
        """Go on at another rate, or from another position, from now on."""
        here = self.position(local_ms) if position is None else position
        self.at_ms, self.position_ms, self.rate = local_ms, here, rate


class PlayerClient:
    """Use it as `async with`; `find_time` once, then `keep_time` for as long as it plays."""

    def __init__(self, url: str, local_ms: Callable[[], float]) -> None:
        self._url = url
        self._ids = itertools.count(1)
        self._before: Correction = NOTHING
        self.local_ms = local_ms
        self.clock = ClockFilter()
        self.anchor = Anchor()
        self.ws: ClientConnection

    async def __aenter__(self) -> PlayerClient:
        self.ws = await connect(self._url, compression=None, open_timeout=5)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.ws.close()

    async def ask(self, op: str, **members: Any) -> dict[str, Any]:
        """The answer to an operation; events are not this client's business."""
        id = str(next(self._ids))
        await self.ws.send(orjson.dumps({"op": op, "id": id, **members}).decode())
        async with asyncio.timeout(5):
            while True:
                frame: dict[str, Any] = orjson.loads(await self.ws.recv())
                if frame.get("re") == id:
                    return frame

    async def find_time(self) -> bool:
        """One burst; whether the filter believed it."""
        probes, epoch = [], ""
        for _ in range(PROBES):
            t0 = self.local_ms()
            told = await self.ask("clock", t0=t0)
            t3 = self.local_ms()
            if told["epoch"] != epoch:
                probes, epoch = [], told["epoch"]
            probes.append(Probe(told["t0"], told["t1"], told["t2"], t3))
        return self.clock.burst(probes, epoch)

    async def keep_time(self) -> None:
        """A burst every ten seconds, until cancelled."""
        while True:
            await self.find_time()
            await asyncio.sleep(BURST_EVERY_MS / 1000)

    def position_ms(self, local_ms: float) -> float:
        """Where the song shall be at a moment of the own clock."""
        return position_ms(self.anchor, self.clock.time_ms(local_ms))

    def error_ms(self, local_ms: float) -> float:
        """How well the house's time is known: what a member reports."""
        return self.clock.error_ms(local_ms)

    def correct(self, card: SoundCard, local_ms: float) -> Correction:
        """Compare a sound card with the anchor and do the ladder's next step to it."""
        shall = self.position_ms(local_ms)
        step = correction(card.position(local_ms) - shall, self.error_ms(local_ms), self._before)
        card.play(local_ms, self.anchor.rate * step.rate, shall if step.step is Step.CUT else None)
        self._before = step
        return step
