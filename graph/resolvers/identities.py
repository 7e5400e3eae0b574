"""Signing in by other providers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.identities.providers import Provider
from storage.records.identity import Identity


@dataclass(slots=True)
class LinkIdentity:
    """What connecting a provider gives."""

    identity: Identity


@dataclass(slots=True)
class UnlinkIdentity:
    """What disconnecting a provider gives."""

    success: bool = True


RECORDS = {
    "SignInProvider": Provider,
    "SignInIdentity": Identity,
    "LinkIdentity": LinkIdentity,
    "UnlinkIdentity": UnlinkIdentity,
}


@resolves("Query.signInProviders")
def sign_in_providers(_: None, info: Info) -> list[Provider]:
    """The providers of this house."""
    return info.context.house.provider_walk.providers


@resolves("Query.myIdentities")
def my_identities(_: None, info: Info) -> Any:
    """The viewer's own ways in."""
    return info.context.house.identities.mine(info.context.viewer)


@resolves("Mutation.redeemSignIn")
def redeem_sign_in(_: None, info: Info, code: str) -> Any:
    """A session."""
    return info.context.house.provider_walk.redeem(code, **asdict(info.context.caller))


@resolves("Mutation.linkIdentity")
async def link_identity(_: None, info: Info, code: str, password: str | None = None) -> LinkIdentity:
    """Another way in."""
    walk = info.context.house.provider_walk
    return LinkIdentity(await walk.link(info.context.viewer, code, password=password))


@resolves("Mutation.unlinkIdentity")
async def unlink_identity(_: None, info: Info, id: str, password: str | None = None) -> UnlinkIdentity:
    """One way in less."""
    await info.context.house.identities.unlink(info.context.viewer, id, password=password)
    return UnlinkIdentity()
