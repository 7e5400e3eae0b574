"""Users: the viewer's own account, and others as they may be seen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.accounts.people_access import ProfileVisibility
from services.accounts.profiles import ProfileEdit
from storage.records import User


class SubscriptionType(StrEnum):
    """What somebody pays for."""

    FREE = "free"
    PREMIUM = "premium"
    FAMILY = "family"
    STUDENT = "student"


@dataclass(slots=True)
class UpdateProfile:
    """What editing a profile gives."""

    user: User


RECORDS = {"User": User, "UpdateProfile": UpdateProfile}
ENUMS = {"SubscriptionType": SubscriptionType, "ProfileVisibility": ProfileVisibility}


@resolves("Query.me")
async def me(_: None, info: Info) -> User | None:
    """The viewer's account, None for nobody."""
    viewer = info.context.viewer
    return await info.context.house.accounts.me(viewer) if viewer.signed_in else None


@resolves("Query.user")
def user(_: None, info: Info, username: str | None = None, id: str | None = None) -> Any:
    """One person, None when there is nobody to be seen."""
    return info.context.house.accounts.find(info.context.viewer, username=username, id=id)


@resolves("Mutation.updateProfile")
async def update_profile(_: None, info: Info, **edit: Any) -> UpdateProfile:
    """The viewer after the edit."""
    return UpdateProfile(await info.context.house.profiles.update(info.context.viewer, ProfileEdit(**edit)))


@resolves("User.email")
def email(user: User, _info: Info) -> str | None:
    """The address, which the service leaves blank for those who may not see it."""
    return user.email or None


@resolves("User.profileImage")
def profile_image(user: User, info: Info, size: int | None = None) -> str | None:
    """Where their picture is."""
    return info.context.house.covers.url(user.profile_image_id, size)
