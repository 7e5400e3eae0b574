"""The room of notifications: what people are told, and who makes it from the news."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass

from services.ground import Ground
from services.notifications.announcer import Announcer
from services.notifications.choices import NotificationPreferences
from services.notifications.notifications import Notifications
from services.notifications.subscription_watch import SubscriptionWatch


@dataclass
class NotificationRoom:
    """What stands in `services/notifications`."""

    notifications: Notifications
    announcer: Announcer
    notification_preferences: NotificationPreferences
    subscription_watch: SubscriptionWatch


async def build_notifications(ground: Ground, undo: AsyncExitStack) -> NotificationRoom:
    """The room, hearing the news; `undo` stops it."""
    store, clock, bus = ground.store, ground.clock, ground.bus
    notifications = Notifications(store, clock, bus)
    announcer = Announcer(store, clock, bus, ground.accounts.people, notifications)
    await announcer.start()
    undo.push_async_callback(announcer.stop)
    return NotificationRoom(
        notifications, announcer, NotificationPreferences(store, clock), SubscriptionWatch(store, clock, bus)
    )
