"""Proof that counters equal their edges: recounts every target, and puts right what a crash left behind.

Owns which counters those are. Refuses to know when it runs, what the counters mean, and how a live request is told
from a crash: that is `services/counter_proof.py`'s.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from services.counter_proof import SETTLE_S, CounterProof, Pause
from services.interactions.edges import Edges

log = logging.getLogger("tutti.interactions")


class EdgeCounts:
    """The counters of several kinds of edge, against their rows. `pause` waits for that many seconds."""

    def __init__(self, kinds: Sequence[Edges[Any]], *, pause: Pause = asyncio.sleep) -> None:
        self._proofs = [
            CounterProof(edges.targets, edges.counter, partial(edges.counts, end="target_id"), pause=pause)
            for edges in kinds
        ]

    async def recount(self, *, settle_s: float = SETTLE_S) -> int:
        """How many counters were wrong and are right now. Safe beside live traffic and twice.

        Takes `settle_s` seconds longer where something differs.
        """
        async with asyncio.TaskGroup() as group:
            # Side by side, so that they wait together for what is under way.
            proofs = [group.create_task(proof.recount(settle_s=settle_s)) for proof in self._proofs]
        corrected = sum(proof.result() for proof in proofs)
        if corrected:
            log.info("edge counts corrected", extra={"counters": corrected})
        return corrected
