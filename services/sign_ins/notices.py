"""Hears what happens to the ways into an account, and tells its owner: in their list, by push, and always by mail.

Owns the one task that works through a bounded queue. Refuses to know the words (`wording.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime

from services.accounts.gate import network_of
from services.accounts.time_zones import zone_named
from services.clock import Clock
from services.errors import Unavailable
from services.events import Bus, Event
from services.keys.key_ring import ID_START
from services.mail.outbox import Outbox
from services.notifications.kinds import Kind, News, TargetKind
from services.notifications.notifications import Notifications
from services.security_events import SecurityMattered
from services.sign_ins import wording
from services.sign_ins.device_names import device_name
from storage.collections.store import Store
from storage.records import User

log = logging.getLogger("tutti.accounts")

_RETRIES_S = (0.5, 2.0, 8.0)
_STOP_S = 5.0


class SecurityNotices:
    """Between `start` and `stop`, owners are told. At most 1,000 notices wait; beyond they are dropped."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        notifications: Notifications,
        outbox: Outbox,
        *,
        public_url: str = "",
        house_zone: str = "UTC",
        queue_limit: int = 1000,
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._notifications = notifications
        self._outbox = outbox
        self._home = (public_url.rstrip("/") or "http://localhost") + "/"
        self._house_zone = house_zone
        self._queue: asyncio.Queue[SecurityMattered] = asyncio.Queue(queue_limit)
        self._task: asyncio.Task[None] | None = None
        self._undo: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin to hear and to tell."""
        if self._task is None:
            self._undo = [self._bus.hear(SecurityMattered, self._note)]
            self._task = asyncio.create_task(self._work(), name="security notices")

    async def stop(self) -> None:
        """Hear no more, tell what waits for at most five seconds, and end. Safe in any state."""
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
        """Return once everything heard so far was told."""
        await self._queue.join()

    def _note(self, event: Event) -> None:
        if isinstance(event, SecurityMattered):
            try:
                self._queue.put_nowait(event)
            except asyncio.QueueFull:
                log.warning("security notices are falling behind, one is dropped", extra={"user_id": event.user_id})

    async def _work(self) -> None:
        while True:
            event = await self._queue.get()
            try:
                await self._try_to_tell(event)
            finally:
                self._queue.task_done()

    async def _try_to_tell(self, event: SecurityMattered) -> None:
        for wait_s in (*_RETRIES_S, None):
            try:
                await self._tell(event)
                return
            except Unavailable:
                if wait_s is None:
                    log.warning("a security notice was not told, the store is away", extra={"step": event.step})
                    return
                await asyncio.sleep(wait_s)
            except Exception:
                # One notice's bug is not the others'.
                log.exception("a security notice could not be told", extra={"step": event.step})
                return

    async def _tell(self, event: SecurityMattered) -> None:
        user = await self._store.users.get(event.user_id)
        if user is None or user.is_demo:
            return
        about = await self._about(event)
        key = f"security:{event.step}:{event.about_id or ''}:{event.at.isoformat(timespec='seconds')}"
        await self._notifications.tell(
            News(
                Kind.SECURITY,
                key,
                wording.title(event.step),
                wording.sentence(event.step, about),
                TargetKind.USER,
                user.id,
            ),
            [user.id],
        )
        words = wording.mail(
            event.step, name=user.username, about=about, at=self._moment(event.at, user), home=self._home
        )
        await self._outbox.put(f"{key}:{user.id}", user.email, words)

    async def _about(self, event: SecurityMattered) -> str:
        if event.about_id is None:
            return ""
        if event.about_id.startswith(ID_START):
            made = await self._store.access_keys.get(event.about_id)
            return "one that is gone already" if made is None else f"“{made.name}”"
        session = await self._store.sessions.get(event.about_id)
        if session is None:
            return "a session that is gone already"
        network = network_of(session.address)
        where = "" if network == "unknown" else f", {network}"
        return f"{device_name(session.user_agent)}{where}"

    def _moment(self, at: datetime, user: User) -> str:
        local = at.astimezone(zone_named(user.preferences.time_zone or self._house_zone))
        return f"{local.day} {local:%B %Y, %H:%M} {local.tzname()}"
