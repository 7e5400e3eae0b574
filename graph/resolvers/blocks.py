"""Blocking and muting people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.people.blocks import Barred
from storage.records import User


@dataclass(slots=True)
class BlockUser:
    """What blocking somebody gives."""

    user: Barred
    success: bool = True


@dataclass(slots=True)
class UnblockUser:
    """What unblocking somebody gives."""

    success: bool = True


@dataclass(slots=True)
class MuteUser:
    """What muting somebody gives."""

    user: User
    success: bool = True


@dataclass(slots=True)
class UnmuteUser:
    """What unmuting somebody gives."""

    user_id: str
    success: bool = True


RECORDS = {
    "BarredUser": Barred,
    "BlockUser": BlockUser,
    "UnblockUser": UnblockUser,
    "MuteUser": MuteUser,
    "UnmuteUser": UnmuteUser,
}


@resolves("Query.blockedUsers")
def blocked_users(_: None, info: Info) -> Any:
    """Whom the viewer blocks."""
    return info.context.house.blocks.blocked(info.context.viewer)


@resolves("Query.mutedUsers")
def muted_users(_: None, info: Info) -> Any:
    """Whom the viewer mutes."""
    return info.context.house.blocks.muted(info.context.viewer)


@resolves("Mutation.blockUser")
async def block_user(_: None, info: Info, user_id: str) -> BlockUser:
    """Neither finds the other."""
    return BlockUser(await info.context.house.blocks.block(info.context.viewer, user_id))


@resolves("Mutation.unblockUser")
async def unblock_user(_: None, info: Info, user_id: str) -> UnblockUser:
    """The block's end."""
    await info.context.house.blocks.unblock(info.context.viewer, user_id)
    return UnblockUser()


@resolves("Mutation.muteUser")
async def mute_user(_: None, info: Info, user_id: str) -> MuteUser:
    """Their news are kept away."""
    return MuteUser(await info.context.house.blocks.mute(info.context.viewer, user_id))


@resolves("Mutation.unmuteUser")
async def unmute_user(_: None, info: Info, user_id: str) -> UnmuteUser:
    """The mute's end."""
    await info.context.house.blocks.unmute(info.context.viewer, user_id)
    return UnmuteUser(user_id)


@resolves("UnmuteUser.user")
def unmuted_user(payload: UnmuteUser, info: Info) -> Any:
    """They as they are now."""
    return info.context.loaders.users.load(payload.user_id)


@resolves("User.isMuted")
def is_muted(user: User, info: Info) -> bool:
    """Whether the viewer mutes them."""
    return user.id in info.context.viewer.muted
