"""The room of web push: who asked for it, and who pushes."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass

from services.ground import Ground
from services.notifications.room import NotificationRoom
from services.push.pusher import Pusher
from services.push.subscriptions import PushSubscriptions


@dataclass
class PushRoom:
    """What stands in `services/push`."""

    push_subscriptions: PushSubscriptions
    pusher: Pusher


def build_push(ground: Ground, notifications: NotificationRoom, undo: AsyncExitStack) -> PushRoom:
    """The room, pushing; `undo` stops it."""
    subscriptions = PushSubscriptions(ground.store, ground.clock, ground.push_rules)
    pusher = Pusher(ground.clock, ground.bus, notifications.notifications, subscriptions, ground.push_rules)
    pusher.start()
    undo.push_async_callback(pusher.stop)
    return PushRoom(subscriptions, pusher)
