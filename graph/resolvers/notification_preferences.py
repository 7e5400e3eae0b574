"""What the viewer wants to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.notifications.channels import DigestPeriod
from services.notifications.choices import ChoicesShown, KindChoice


@dataclass(slots=True)
class UpdateNotificationPreferences:
    """What changing notification preferences gives."""

    preferences: ChoicesShown


RECORDS = {
    "NotificationPreferences": ChoicesShown,
    "NotificationKindPreference": KindChoice,
    "NotificationKindChoice": KindChoice,
    "UpdateNotificationPreferences": UpdateNotificationPreferences,
}
ENUMS = {"DigestPeriod": DigestPeriod}


@resolves("Query.notificationPreferences")
def notification_preferences(_: None, info: Info) -> Any:
    """The viewer's choices."""
    return info.context.house.notification_preferences.of(info.context.viewer)


@resolves("Mutation.updateNotificationPreferences")
async def update_notification_preferences(
    _: None, info: Info, digest: DigestPeriod | None = None, kinds: Sequence[KindChoice] | None = None
) -> UpdateNotificationPreferences:
    """The viewer's choices after the edit."""
    update, viewer = info.context.house.notification_preferences.update, info.context.viewer
    return UpdateNotificationPreferences(await update(viewer, digest=digest, kinds=kinds or ()))
