"""The room of web push: who asked for it, and who pushes."""

from __future__ import annotations

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


def build_push(ground: Ground, notifications: NotificationRoom) -> PushRoom:
    """The room, ready; who serves starts and stops the pusher."""
    subscriptions = PushSubscriptions(ground.store, ground.clock, ground.push_rules)
    pusher = Pusher(ground.clock, ground.bus, notifications.notifications, subscriptions, ground.push_rules)
    return PushRoom(subscriptions, pusher)
