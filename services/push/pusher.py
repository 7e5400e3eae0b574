"""Pushes news to browsers, in the background: sealed for each, tried again a few times, forgotten when gone.

Owns the queue and its tasks. A process that is killed loses what its queue held: the notifications themselves are kept,
and a push is a hint. Refuses to know who wants what (`services/notifications/channels.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import orjson

from services.clock import Clock
from services.errors import Unavailable
from services.events import Bus, Event, PushDue, SessionEnded
from services.notifications.kinds import path_to
from services.notifications.notifications import Notifications
from services.outgoing.addresses import Forbidden, Unreachable
from services.outgoing.outgoing import Outgoing
from services.push.rules import PushRules
from services.push.sealing import HouseKey, encoded, seal
from services.push.subscriptions import PushSubscriptions
from storage.records import Notification
from storage.records.push import PushSubscription

log = logging.getLogger("tutti.push")

QUEUE = 10_000
TASKS = 8
TTL_S = 86_400
"""How long a push service keeps a message for a browser that is away; who is away longer sees the list."""
TIMEOUT_S = 15.0
ANSWER_BYTES = 64_000
WAITS_S = (2.0, 15.0, 120.0)
"""The waits before each further try."""
_SIGNED_FOR_S = 12 * 3600
_GONE = (404, 410)
_TEXT_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Push:
    """One message for one browser."""

    subscription: PushSubscription
    topic: str
    message: bytes
    attempt: int = 0


class Pusher:
    """Between `start` and `stop`, what is to be pushed is. At most 10,000 wait; beyond they are dropped."""

    def __init__(
        self,
        clock: Clock,
        bus: Bus,
        notifications: Notifications,
        subscriptions: PushSubscriptions,
        rules: PushRules,
        outgoing: Outgoing,
        *,
        waits_s: Sequence[float] = WAITS_S,
    ) -> None:
        self._clock = clock
        self._bus = bus
        self._notifications = notifications
        self._subscriptions = subscriptions
        self._rules = rules
        self._outgoing = outgoing
        self._waits_s = waits_s
        self._keys: dict[str, HouseKey] = {key.public: key for key in subscriptions.keys}
        self._queue: asyncio.Queue[Push | PushDue | SessionEnded] = asyncio.Queue(QUEUE)
        self._later: set[asyncio.TimerHandle] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._undo: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin to hear and to push."""
        if self._tasks:
            return
        self._undo = [self._bus.hear(PushDue, self._note), self._bus.hear(SessionEnded, self._note)]
        self._tasks = [asyncio.create_task(self._work(), name=f"pusher {number}") for number in range(TASKS)]

    async def stop(self) -> None:
        """Hear and push no more; what waits is dropped. Safe in any state."""
        while self._undo:
            self._undo.pop()()
        for timer in self._later:
            timer.cancel()
        self._later.clear()
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def settled(self) -> None:
        """Return once everything heard so far was pushed, or waits for its next try."""
        await self._queue.join()

    def _note(self, event: Event) -> None:
        if isinstance(event, PushDue | SessionEnded):
            self._put(event)

    def _put(self, work: Push | PushDue | SessionEnded) -> None:
        try:
            self._queue.put_nowait(work)
        except asyncio.QueueFull:
            log.warning("pushes are falling behind, one is dropped")

    async def _work(self) -> None:
        while True:
            work = await self._queue.get()
            try:
                await self._do(work)
            except Unavailable:
                log.info("a push was dropped, the store is away")
            except Exception:
                # One push's bug is not the others'.
                log.exception("a push failed")
            finally:
                self._queue.task_done()

    async def _do(self, work: Push | PushDue | SessionEnded) -> None:
        match work:
            case Push():
                await self._send(work)
            case PushDue():
                await self._address(work)
            case SessionEnded():
                await self._subscriptions.end_session(work.session_id)

    async def _address(self, due: PushDue) -> None:
        browsers = await self._subscriptions.of(list(dict.fromkeys(user_id for user_id, _ in due.notices)))
        for user_id, id in due.notices:
            own = [each for each in browsers if each.user_id == user_id]
            if own:
                for one in await self._notifications.news_of(user_id, [id], unlisted=due.unlisted):
                    topic, message = _topic(one), _message(one)
                    for each in own:
                        self._put(Push(each, topic, message))

    async def _send(self, push: Push) -> None:
        to, key = push.subscription, self._keys.get(push.subscription.key)
        if key is None:
            # Asked for with a key that is ours no more: the push service would refuse every message.
            await self._subscriptions.gone(to)
            return
        try:
            status = await self._post(push, key)
        except Forbidden:
            log.info("a push leads inside, its browser is forgotten", extra={"subscription": to.id[:12]})
            await self._subscriptions.gone(to)
            return
        except Unreachable:
            status = 599
        if status in _GONE:
            await self._subscriptions.gone(to)
        elif status == 429 or status >= 500:
            self._again(push, status)
        elif status >= 300:
            log.info("a push was refused", extra={"subscription": to.id[:12], "status": status})

    async def _post(self, push: Push, key: HouseKey) -> int:
        to = push.subscription
        expires_at = self._clock.epoch_ms() // 1000 + _SIGNED_FOR_S
        headers = {
            "Authorization": key.authorization(to.endpoint, expires_at=expires_at, contact=self._rules.contact),
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "TTL": str(TTL_S),
            "Topic": push.topic,
            "Urgency": "normal",
        }
        message = seal(push.message, to.p256dh, to.auth)
        answer = await self._outgoing.fetch(
            to.endpoint, "POST", headers, message, limit_bytes=ANSWER_BYTES, timeout_s=TIMEOUT_S
        )
        return answer.status

    def _again(self, push: Push, status: int) -> None:
        if push.attempt >= len(self._waits_s):
            log.info("a push was given up", extra={"subscription": push.subscription.id[:12], "status": status})
            return
        if len(self._later) >= QUEUE:
            return
        again = Push(push.subscription, push.topic, push.message, push.attempt + 1)

        def due() -> None:
            self._later.discard(timer)
            self._put(again)

        timer = asyncio.get_running_loop().call_later(self._waits_s[push.attempt], due)
        self._later.add(timer)


def _topic(one: Notification) -> str:
    """What collapses the same news at the push service (RFC 8030, section 5.4): 32 characters at most."""
    return encoded(hashlib.sha256(one.key.encode()).digest()[:24])


def _message(one: Notification) -> bytes:
    shown = {
        "id": one.id,
        "title": one.title[:_TEXT_CHARACTERS],
        "body": one.message[:_TEXT_CHARACTERS],
        "tag": _topic(one),
        "url": path_to(one),
    }
    return orjson.dumps(shown)
