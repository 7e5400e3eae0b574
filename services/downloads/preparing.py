"""Making downloads ready, a few songs at a time, in the background: whoever waits longest goes next.

Owns the workers and the claims by which several processes share the work: a download is claimed by setting the time it
is due to a little later, so what a killed process leaves is taken up by the next one. Refuses to know how songs are
summed. Nothing is counted here that does not follow from the songs themselves.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.clock import Clock
from services.downloads.licences import Licences
from services.downloads.song_list import Prepared, waiting, with_prepared
from services.downloads.sums import Sums
from services.entitlements.folding import tier_of
from services.errors import TuttiError, Unavailable
from services.viewer import Viewer
from storage.collections.store import Store
from storage.engine import EngineAway
from storage.records.download import Download

log = logging.getLogger("tutti.downloads")

WORKERS = 2
TURN_SONGS = 20
TURN_SECONDS = 10.0
CLAIM = timedelta(seconds=10)
HEARTBEAT_SECONDS = 3.0
POLL_SECONDS = 2.0
RETRY = timedelta(seconds=10)
_PASSING = frozenset({"STOPPING", "CANCELLED", "SOURCE_CHANGED", "TOO_MANY", "ENCODERS_BUSY"})
"""Codes of what is over soon: the song waits on."""


class Preparing:
    """The workers. `start` and `stop` them; `nudge` tells that there is something to do."""

    def __init__(self, store: Store, clock: Clock, sums: Sums, licences: Licences) -> None:
        self._store = store
        self._clock = clock
        self._sums = sums
        self._licences = licences
        self._me = clock.new_id()
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin, with what was left over first."""
        self._tasks = [
            asyncio.create_task(self._work(), name=f"prepare-downloads-{number}") for number in range(WORKERS)
        ]

    async def stop(self) -> None:
        """End, and leave what was under way to whoever comes next. Safe to call twice."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def nudge(self) -> None:
        """There is something to do."""
        self._news.set()

    async def turn(self) -> bool:
        """Prepare some songs of the download that waits longest; False when none waits."""
        now = self._clock.now()
        found = await self._store.downloads.find({"due_at": {"$lte": now}}, sort=[("due_at", 1)], limit=WORKERS + 1)
        for frame in found:
            claimed = await self._store.downloads.update(
                {"_id": frame.id, "due_at": frame.due_at}, {"$set": {"due_at": now + CLAIM, "claimed_by": self._me}}
            )
            if claimed.matched:
                await self._with_heartbeat(frame.id, self._prepare(frame))
                return True
        return False

    async def _work(self) -> None:
        while True:
            try:
                busy = await self.turn()
            except (EngineAway, Unavailable):
                busy = False
            except Exception:
                # One download's bug must not end the work on all others; its claim keeps it away for a while.
                log.exception("a download could not be prepared")
                busy = False
            if not busy:
                self._news.clear()
                with contextlib.suppress(TimeoutError):
                    # Not `wait_for`, which before Python 3.12 can lose a cancellation that comes with the news.
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._news.wait()

    async def _with_heartbeat(self, id: str, work: Coroutine[Any, Any, None]) -> None:
        """Run the work; its claim is renewed meanwhile, and given back when it is broken off."""
        mine = {"_id": id, "claimed_by": self._me, "due_at": {"$exists": True}}

        async def beat() -> None:
            while True:
                await asyncio.sleep(HEARTBEAT_SECONDS)
                with contextlib.suppress(EngineAway):
                    await self._store.downloads.update(mine, {"$set": {"due_at": self._clock.now() + CLAIM}})

        beating = asyncio.create_task(beat(), name=f"claim-{id}")
        try:
            await work
        except asyncio.CancelledError:
            with contextlib.suppress(EngineAway):
                await self._store.downloads.update(mine, {"$set": {"due_at": self._clock.now()}})
            raise
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)

    async def _prepare(self, frame: Download) -> None:
        now = self._clock.now()
        user = await self._store.users.get(frame.user_id)
        reason = self._licences.unfit(user)
        if user is None or reason is not None:
            if reason is not None:
                await self._licences.revoke({"user_id": frame.user_id}, reason)
            return
        download = await self._store.downloads.get(frame.id)
        if download is None:
            return
        viewer = Viewer(
            user.id,
            frozenset(user.roles),
            tier=tier_of(user, now),
            explicit_content=user.preferences.explicit_content,
        )
        began, results, passing = self._clock.monotonic(), dict[str, Prepared](), False
        for song_id, stamp in waiting(download, TURN_SONGS):
            result = await self._prepared(viewer, download, song_id, stamp)
            if result is None:
                passing = True
            else:
                results[song_id] = result
            if self._clock.monotonic() - began > TURN_SECONDS:
                break
        await self._keep(download, results, passing=passing)

    async def _prepared(self, viewer: Viewer, download: Download, song_id: str, stamp: str) -> Prepared | None:
        try:
            sums = await self._sums.of(viewer, song_id, download.quality, download.format)
        except TuttiError as refusal:
            if refusal.reason in _PASSING:
                return None
            log.info("a song cannot be downloaded", extra={"song_id": song_id, "reason": refusal.reason})
            return Prepared(stamp, failure=refusal.reason)
        return Prepared(stamp, sums.id, sums.size)

    async def _keep(self, download: Download, results: dict[str, Prepared], *, passing: bool) -> None:
        """Write down what is ready; somebody else's change in between is taken up, not overwritten."""
        known: Download | None = download
        while known is not None:
            now = self._clock.now()
            made = with_prepared(known, results, now)
            due = None if made.due_at is None else now + RETRY if passing else now
            if made is known:
                # Nothing new: it waits for its next turn, or is ready already.
                still = bool(waiting(known, 1))
                change: dict[str, Any] = {"$set": {"due_at": now + RETRY}} if still else {"$unset": {"due_at": ""}}
                await self._store.downloads.update({"_id": known.id, "revision": known.revision}, change)
                return
            if await self._store.downloads.replace_songs(known, replace(made, due_at=due)):
                return
            known = await self._store.downloads.get(known.id)
            if known is not None and known.state == "revoked":
                return
