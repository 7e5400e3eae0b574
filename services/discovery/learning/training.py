"""Training: reads what people play, has a process learn from it, and gives the new version its place.

Owns when it is worth while and every bound: one training at a time in a data folder and in a house, a process last in
line for the processor with limited memory and time. What a killed training left is used when it is whole and of today,
swept otherwise. Refuses to know how the model is made and who asks it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
from datetime import timedelta
from pathlib import Path

from services.clock import Clock
from services.discovery.collaborative.affinities import Affinities
from services.discovery.learning.gathering import Gathering
from services.discovery.learning.learner import Learner
from services.discovery.learning.models import Models
from services.discovery.learning.rows import Gathered, read_summary
from services.discovery.learning.rules import TrainingRules
from services.discovery.learning.versions import Versions
from services.leases import Leases
from storage.collections.store import Store

log = logging.getLogger("tutti.discovery")

LEAST_NEW_PLAYS = 20
LEAST_AGE = timedelta(hours=1)
MOST_AGE = timedelta(days=1)
REST = timedelta(hours=1)
"""After what there was proved too little, or the process failed, so long nothing is tried."""

_LEASE = "learn what goes together"
_LEASE_S = 60.0


class Training:
    """The periodic job. Cancelling it ends its process; nothing of it is in anybody's way then."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        leases: Leases,
        versions: Versions,
        models: Models,
        affinities: Affinities,
        rules: TrainingRules,
    ) -> None:
        self._store = store
        self._clock = clock
        self._leases = leases
        self._versions = versions
        self._models = models
        self._affinities = affinities
        self._rules = rules
        self._learner = Learner(rules)
        self._rests_until = clock.now()

    async def train_when_due(self) -> bool:
        """Learn anew when it is worth while and nobody else does; whether there is a new model."""
        await self._models.look()
        return self._rules.wanted and await self.is_due() and await self.train()

    async def is_due(self) -> bool:
        """Whether there are people enough, and no model, or so many new plays, or an older one than a day with some."""
        people = self._rules.least_listeners
        if self._clock.now() < self._rests_until:
            return False
        if await self._store.users.count({}, limit=people) < people:
            return False
        origin = self._affinities.origin
        if origin is None or self._models.is_damaged:
            return await self._store.listens.count({}, limit=1) > 0
        age = self._clock.now() - origin.made_at
        if age < LEAST_AGE:
            return False
        worthy = 1 if age >= MOST_AGE else max(LEAST_NEW_PLAYS, int(origin.plays * self._rules.growth))
        new = {"started_at": {"$gt": origin.made_at}}
        return await self._store.plays.count(new, limit=worthy) >= worthy

    async def train(self) -> bool:
        """Learn now; whether there is a new model. False while another process does, or where there is too little."""
        async with self._leases.held(_LEASE, _LEASE_S) as ours:
            if not ours:
                return False
            with contextlib.ExitStack() as locked:
                if not await asyncio.to_thread(locked.enter_context, self._versions.writing()):
                    return False
                return await self._train()

    async def _train(self) -> bool:
        workplace = self._versions.workplace
        gathered = await self._gathered(workplace)
        if gathered.people < self._rules.least_listeners or gathered.rows == 0:
            log.info("too little to learn from", extra={"people": gathered.people, "rows": gathered.rows})
            await asyncio.to_thread(shutil.rmtree, workplace, True)
            self._rests_until = self._clock.now() + REST
            return False
        version = self._clock.new_id()
        began = self._clock.monotonic()
        if not await self._learner.learn(workplace, version):
            # Not to be met again as it is: the next training reads anew, and not at once.
            self._rests_until = self._clock.now() + REST
            await asyncio.to_thread(shutil.rmtree, workplace, True)
            return False
        await asyncio.to_thread(self._versions.publish, workplace / "made", version)
        await asyncio.to_thread(shutil.rmtree, workplace, True)
        log.info(
            "learned what goes together",
            extra={
                "version": version,
                "plays": gathered.plays,
                "people": gathered.people,
                "seconds": round(self._clock.monotonic() - began, 1),
            },
        )
        return await self._models.look()

    async def _gathered(self, workplace: Path) -> Gathered:
        """What an earlier training read today and did not finish, or else a new reading."""
        left = await asyncio.to_thread(read_summary, workplace)
        if left is not None and self._clock.now() - left.read_at < MOST_AGE:
            log.info("going on with what was read", extra={"rows": left.rows, "read_at": left.read_at.isoformat()})
            return left
        await asyncio.to_thread(shutil.rmtree, workplace, True)
        reading = Gathering(self._store, self._clock, workplace, most_rows=self._rules.most_rows)
        gathered = await reading.write()
        if reading.is_cut:
            log.warning("more was played than training may read", extra={"rows": gathered.rows})
        return gathered
