"""The watch: reads what people just wrote, beside their requests, and opens cases for what looks wrong.

Owns the bounded queue between them: nobody waits for the watch, and what is too much is passed over. Refuses to know
how words are found (`words.py`) and what becomes of cases.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from services.attention import Attention, Posted
from services.clock import Clock
from services.errors import TuttiError, Unavailable
from services.events import Bus, Event, UserFollowed
from services.moderation.flags.haste import Haste
from services.moderation.flags.rules import FlagRules
from services.moderation.flags.words import count_links
from services.moderation.policy import BY_CODE, ReasonCode, ReportedKind
from services.moderation.reports import Reports
from services.moderation.subjects.subject import SubjectShelf
from services.viewer import SYSTEM, Role
from storage.collections.store import Store

log = logging.getLogger("tutti.moderation")

WAITING_LIMIT = 5_000
_STOP_S = 2.0


class Watch:
    """Between `start` and `stop` what is posted is looked at."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        attention: Attention,
        rules: FlagRules,
        shelves: Mapping[ReportedKind, SubjectShelf],
        reports: Reports,
    ) -> None:
        self._store = store
        self._bus = bus
        self._attention = attention
        self._rules = rules
        self._shelves = shelves
        self._reports = reports
        self._haste = Haste(clock, rules.hourly, rules.new_account, self._joined)
        self._queue: asyncio.Queue[Posted] = asyncio.Queue(WAITING_LIMIT)
        self._passed_over = 0
        self._task: asyncio.Task[None] | None = None
        self._undo: list[Callable[[], None]] = []

    async def start(self) -> None:
        """Begin to look."""
        if self._task is None:
            self._undo = [self._attention.hear(self._note), self._bus.hear(UserFollowed, self._hear)]
            self._task = asyncio.create_task(self._work(), name="moderation watch")

    async def stop(self) -> None:
        """Look at what waits for at most two seconds, and end. Safe in any state."""
        while self._undo:
            self._undo.pop()()
        task, self._task = self._task, None
        if task is None:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._queue.join(), _STOP_S)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def settled(self) -> None:
        """Return once everything posted so far has been looked at."""
        await self._queue.join()

    def _hear(self, event: Event) -> None:
        if isinstance(event, UserFollowed):
            self._note(Posted("follow", event.target_id, event.user_id))

    def _note(self, posted: Posted) -> None:
        try:
            self._queue.put_nowait(posted)
        except asyncio.QueueFull:
            self._passed_over += 1
            if self._passed_over == 1:
                log.warning("the watch falls behind, some of what is posted is passed over")

    async def _work(self) -> None:
        while True:
            posted = await self._queue.get()
            try:
                await self._look(posted)
            except (TuttiError, Unavailable):
                # Gone meanwhile, or the store is away: people can still report it.
                log.info("something posted was not looked at", extra={"kind": posted.kind})
            except Exception:
                # One posting's bug is not the others'.
                log.exception("something posted could not be looked at", extra={"kind": posted.kind})
            finally:
                self._queue.task_done()

    async def _look(self, posted: Posted) -> None:
        if posted.is_new:
            await self._look_at_haste(posted)
        if not posted.texts:
            return
        # In a thread, for a long text takes a while.
        found = await asyncio.to_thread(self.look_at, posted.texts)
        if found is None:
            return
        reason, finding = found
        kind = ReportedKind(posted.kind)
        subject = await self._shelves[kind].seen(SYSTEM, posted.id, posted.place_id)
        reason = reason if kind in BY_CODE[reason].kinds else ReasonCode.OTHER
        await self._reports.flag(kind, posted.id, posted.place_id, subject, reason, finding)

    def look_at(self, texts: Sequence[str]) -> tuple[ReasonCode, str] | None:
        """What is wrong with somebody's words: a word of the list, or too many links."""
        for text in texts:
            hit = self._rules.words.find(text)
            if hit is not None:
                return hit[1], f"The word list has: {hit[0]}"
        links = sum(count_links(text) for text in texts)
        if self._rules.most_links and links > self._rules.most_links:
            return ReasonCode.SPAM, f"{links} links in one text."
        return None

    async def _look_at_haste(self, posted: Posted) -> None:
        finding = await self._haste.count(posted.kind, posted.by_id)
        if finding is None:
            return
        user = await self._store.users.get(posted.by_id)
        if user is None or {Role.MODERATOR.value, Role.ADMIN.value} & set(user.roles):
            return
        subject = await self._shelves[ReportedKind.USER].seen(SYSTEM, user.id, None)
        await self._reports.flag(ReportedKind.USER, user.id, None, subject, ReasonCode.SPAM, finding)

    async def _joined(self, user_id: str) -> datetime | None:
        user = await self._store.users.get(user_id)
        return None if user is None else user.created_at
