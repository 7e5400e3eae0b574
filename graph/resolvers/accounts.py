"""Signing up, in and out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.accounts.signing_in import SignedIn


@dataclass(slots=True)
class SignedOut:
    """What signing out gives."""

    success: bool = True


RECORDS = {"SignedIn": SignedIn, "SignedOut": SignedOut}


@resolves("Mutation.register")
def register(_: None, info: Info, **details: Any) -> Any:
    """A new account, signed in."""
    given = {name: value for name, value in details.items() if value is not None}
    return info.context.house.verification.register(info.context.viewer, **given, **asdict(info.context.caller))


@resolves("Mutation.login")
def login(_: None, info: Info, email: str, password: str, device_token: str = "") -> Any:
    """A fresh session."""
    log_in, caller = info.context.house.accounts.signing_in.log_in, asdict(info.context.caller)
    return log_in(info.context.viewer, email=email, password=password, device_token=device_token, **caller)


@resolves("Mutation.completeLogin")
def complete_login(_: None, info: Info, challenge: str, code: str, device_token: str = "") -> Any:
    """The session that waited for a code."""
    complete = info.context.house.accounts.signing_in.complete
    return complete(challenge, code, device_token=device_token, **asdict(info.context.caller))


@resolves("Mutation.refreshToken")
def refresh_token(_: None, info: Info, refresh_token: str) -> Any:
    """A fresh pair of tokens."""
    return info.context.house.accounts.signing_in.refresh(refresh_token, **asdict(info.context.caller))


@resolves("Mutation.logout")
async def logout(_: None, info: Info) -> SignedOut:
    """The session's end."""
    await info.context.house.accounts.signing_in.log_out(info.context.viewer)
    return SignedOut()
