"""Where the viewer is signed in."""

from __future__ import annotations

from dataclasses import dataclass

from graph.bind import resolves
from graph.context import Info
from services.sign_ins.my_sessions import SignIn


@dataclass(slots=True)
class RevokeSession:
    """What ending a session gives."""

    success: bool = True


@dataclass(slots=True)
class LogoutEverywhere:
    """What logging out everywhere gives."""

    ended: int


RECORDS = {"SignInSession": SignIn, "RevokeSession": RevokeSession, "LogoutEverywhere": LogoutEverywhere}


@resolves("Query.mySessions")
async def my_sessions(_: None, info: Info) -> list[SignIn]:
    """The viewer's."""
    return await info.context.house.my_sessions.listing(info.context.viewer)


@resolves("Mutation.revokeSession")
async def revoke_session(_: None, info: Info, id: str) -> RevokeSession:
    """Over."""
    await info.context.house.my_sessions.revoke(info.context.viewer, id)
    return RevokeSession()


@resolves("Mutation.logoutEverywhere")
async def logout_everywhere(_: None, info: Info, except_this: bool = True, keys_too: bool = False) -> LogoutEverywhere:
    """All over."""
    log_out = info.context.house.my_sessions.log_out_everywhere
    return LogoutEverywhere(await log_out(info.context.viewer, except_this=except_this, keys_too=keys_too))
