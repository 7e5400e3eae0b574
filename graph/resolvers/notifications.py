"""What the viewer was told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.paging import asks_for
from services.notifications.kinds import Kind, TargetKind
from services.notifications.places import Place
from services.paging import slice_of
from storage.records import Notification


@dataclass(slots=True)
class MarkNotificationRead:
    """What marking a notification gives."""

    notification: Notification
    success: bool = True


@dataclass(slots=True)
class MarkAllNotificationsRead:
    """What marking all notifications gives."""

    marked_count: int
    success: bool = True


@dataclass(slots=True)
class DeleteNotification:
    """What removing a notification gives."""

    success: bool = True


RECORDS = {
    "Notification": Notification,
    "MarkNotificationRead": MarkNotificationRead,
    "MarkAllNotificationsRead": MarkAllNotificationsRead,
    "DeleteNotification": DeleteNotification,
}
ENUMS = {"NotificationType": Kind, "NotificationTarget": TargetKind}


@resolves("Query.notifications")
def notifications(_: None, info: Info, unread_only: bool, **part: Any) -> Any:
    """One page of the viewer's notifications."""
    listing, counted = info.context.house.notifications.listing, asks_for(info, "totalCount")
    return listing(info.context.viewer, slice_of(**part), unread_only=unread_only, counted=counted)


@resolves("Query.unreadNotificationCount")
def unread_notification_count(_: None, info: Info) -> Any:
    """How many are unread."""
    return info.context.house.notifications.unread(info.context.viewer)


@resolves("Mutation.markNotificationRead")
async def mark_notification_read(_: None, info: Info, notification_id: str) -> MarkNotificationRead:
    """One of them, read."""
    return MarkNotificationRead(await info.context.house.notifications.mark_read(info.context.viewer, notification_id))


@resolves("Mutation.markAllNotificationsRead")
async def mark_all_notifications_read(_: None, info: Info) -> MarkAllNotificationsRead:
    """All of them, read."""
    return MarkAllNotificationsRead(await info.context.house.notifications.mark_all_read(info.context.viewer))


@resolves("Mutation.deleteNotification")
async def delete_notification(_: None, info: Info, notification_id: str) -> DeleteNotification:
    """One of them, gone."""
    await info.context.house.notifications.delete(info.context.viewer, notification_id)
    return DeleteNotification()


@resolves("Subscription.notifications")
async def new_notifications(_: None, info: Info, after: str | None = None) -> Any:
    """What was missed, then each new one."""
    return await info.context.feeds.notifications(info.context.viewer, after)


@resolves("Notification.type")
def kind(notification: Notification, _info: Info) -> Kind:
    """What it is about."""
    return Kind(notification.kind)


@resolves("Notification.actor")
def actor(notification: Notification, info: Info) -> Any:
    """Who did it."""
    return info.context.loaders.users.load(notification.actor_id)


@resolves("Notification.targetType")
def target_type(notification: Notification, _info: Info) -> str | None:
    """What kind of thing it leads to."""
    return notification.target_kind


@resolves("Notification.place")
def place(notification: Notification, _info: Info) -> str:
    """Where a device is that was told this one."""
    return Place(notification.turn).written()
