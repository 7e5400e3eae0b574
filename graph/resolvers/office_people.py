"""Accounts as admins see and change them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.paging import asks_for
from services.office.people import Sheet, Wanted
from services.paging import Page, slice_of
from storage.records import User
from storage.records.grant import Grant


class GivenRole(StrEnum):
    """A role to give."""

    ARTIST = "artist"
    MODERATOR = "moderator"
    ADMIN = "admin"


class AccountState(StrEnum):
    """Whether an account may sign in."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    BANNED = "banned"


class AccountOrder(StrEnum):
    """Orders of accounts."""

    NEWEST = "newest"
    OLDEST = "oldest"
    NAME = "name"
    CHANGED = "changed"


@dataclass(slots=True)
class SetUserRoles:
    """What a change of roles gives."""

    user: User


@dataclass(slots=True)
class SetUserTier:
    """What giving a tier gives."""

    user: User


@dataclass(slots=True)
class EndUserSessions:
    """What signing somebody out gives."""

    ended: int


RECORDS = {
    "AdminUser": User,
    "AdminUserSheet": Sheet,
    "AdminGrant": Grant,
    "SetUserRoles": SetUserRoles,
    "SetUserTier": SetUserTier,
    "EndUserSessions": EndUserSessions,
}
ENUMS = {"GivenRole": GivenRole, "AccountState": AccountState, "AccountOrder": AccountOrder}
_ROLES = frozenset(GivenRole)


@resolves("Query.adminUsers")
async def admin_users(
    _: None,
    info: Info,
    sort: str,
    search: str | None = None,
    role: str | None = None,
    tier: str | None = None,
    state: str | None = None,
    **part: Any,
) -> Page[User]:
    """A page of accounts."""
    wanted = Wanted(search, role and str(role), tier and str(tier), state and str(state))
    listing, counted = info.context.house.office_people.listing, asks_for(info, "totalCount")
    return await listing(info.context.viewer, slice_of(**part), wanted, order=str(sort), counted=counted)


@resolves("Query.adminUser")
def admin_user(_: None, info: Info, id: str) -> Any:
    """One account's sheet."""
    return info.context.house.office_people.sheet(info.context.viewer, id)


@resolves("AdminUser.roles")
def roles(user: User, _info: Info) -> list[str]:
    """The roles that can be given."""
    return [role for role in user.roles if role in _ROLES]


@resolves("Mutation.setUserRoles")
async def set_user_roles(_: None, info: Info, user_id: str, roles: list[str]) -> SetUserRoles:
    """The account in its roles."""
    given = [str(role) for role in roles]
    return SetUserRoles(await info.context.house.office_people.set_roles(info.context.viewer, user_id, given))


@resolves("Mutation.setUserTier")
async def set_user_tier(_: None, info: Info, user_id: str, tier: str, days: int | None = None) -> SetUserTier:
    """The account with its tier."""
    set_tier = info.context.house.office_people.set_tier
    return SetUserTier(await set_tier(info.context.viewer, user_id, str(tier), days=days))


@resolves("Mutation.endUserSessions")
async def end_user_sessions(_: None, info: Info, user_id: str) -> EndUserSessions:
    """How many sessions ended."""
    return EndUserSessions(await info.context.house.office_people.end_sessions(info.context.viewer, user_id))
