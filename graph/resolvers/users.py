"""Users: the viewer's own account, and others as they may be seen."""

from __future__ import annotations

from enum import StrEnum

from graph.bind import resolves
from graph.context import Info
from services.audio.renditions import Quality
from storage.records import User, UserPreferences


class SubscriptionType(StrEnum):
    """What somebody pays for."""

    FREE = "free"
    PREMIUM = "premium"
    FAMILY = "family"
    STUDENT = "student"


RECORDS = {"User": User, "UserPreferences": UserPreferences}
ENUMS = {"SubscriptionType": SubscriptionType, "AudioQuality": Quality}


@resolves("Query.me")
async def me(_: None, info: Info) -> User | None:
    """The viewer's account, None for nobody."""
    viewer = info.context.viewer
    return await info.context.house.accounts.me(viewer) if viewer.signed_in else None


@resolves("User.email")
def email(user: User, _info: Info) -> str | None:
    """The address, which the service leaves blank for those who may not see it."""
    return user.email or None


@resolves("User.profileImage")
def profile_image(user: User, info: Info, size: int | None = None) -> str | None:
    """Where their picture is."""
    return info.context.house.covers.url(user.profile_image_id, size)
