"""The room of web push: who asked for it, and who pushes."""

from __future__ import annotations

from dataclasses import dataclass

from services.ground import Ground
from services.notifications.room import NotificationRoom
from services.outgoing.destination import OutgoingRules
from services.outgoing.outgoing import Outgoing
from services.push.pusher import TASKS, Pusher
from services.push.subscriptions import PushSubscriptions


@dataclass
class PushRoom:
    """What stands in `services/push`."""

    push_subscriptions: PushSubscriptions
    pusher: Pusher


def build_push(ground: Ground, notifications: NotificationRoom) -> PushRoom:
    """The room, ready; who serves starts and stops the pusher."""
    rules = ground.push_rules
    # A way out of its own: endpoints are named by strangers, who must not reach what the operator allowed for others.
    outgoing = Outgoing(OutgoingRules(everything=rules.allow_private), at_once=2 * TASKS)
    subscriptions = PushSubscriptions(ground.store, ground.clock, rules, outgoing)
    pusher = Pusher(ground.clock, ground.bus, notifications.notifications, subscriptions, rules, outgoing)
    return PushRoom(subscriptions, pusher)
