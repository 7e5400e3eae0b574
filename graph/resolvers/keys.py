"""Keys for programs and passwords for players."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from graph.bind import resolves
from graph.context import Info
from services.keys.access_keys import FreshKey
from services.keys.key_ring import KeyKind
from services.scopes import PLAYER_SCOPES, Scope
from storage.records.access_key import AccessKey


@dataclass(slots=True)
class RevokeAccessKey:
    """What taking a key back gives."""

    success: bool = True


RECORDS = {"AccessKey": AccessKey, "CreateAccessKey": FreshKey, "RevokeAccessKey": RevokeAccessKey}
ENUMS = {"KeyScope": Scope}


@resolves("Query.myApiKeys")
async def my_api_keys(_: None, info: Info) -> list[AccessKey]:
    """The viewer's."""
    return await info.context.house.access_keys.listing(info.context.viewer, KeyKind.API)


@resolves("Query.myAppPasswords")
async def my_app_passwords(_: None, info: Info) -> list[AccessKey]:
    """The viewer's."""
    return await info.context.house.access_keys.listing(info.context.viewer, KeyKind.APP)


@resolves("Mutation.createApiKey")
async def create_api_key(
    _: None,
    info: Info,
    name: str,
    scopes: list[Scope],
    expires_at: datetime | None = None,
    password: str | None = None,
) -> FreshKey:
    """The key with its secret."""
    create, viewer = info.context.house.access_keys.create, info.context.viewer
    return await create(viewer, KeyKind.API, name=name, scopes=scopes, password=password, expires_at=expires_at)


@resolves("Mutation.createAppPassword")
async def create_app_password(
    _: None, info: Info, name: str, scopes: list[Scope] | None = None, password: str | None = None
) -> FreshKey:
    """The app password with its secret."""
    given = PLAYER_SCOPES if scopes is None else scopes
    create = info.context.house.access_keys.create
    return await create(info.context.viewer, KeyKind.APP, name=name, scopes=given, password=password)


@resolves("Mutation.revokeApiKey")
async def revoke_api_key(_: None, info: Info, id: str) -> RevokeAccessKey:
    """Gone."""
    await info.context.house.access_keys.revoke(info.context.viewer, KeyKind.API, id)
    return RevokeAccessKey()


@resolves("Mutation.revokeAppPassword")
async def revoke_app_password(_: None, info: Info, id: str) -> RevokeAccessKey:
    """Gone."""
    await info.context.house.access_keys.revoke(info.context.viewer, KeyKind.APP, id)
    return RevokeAccessKey()


@resolves("AccessKey.scopes")
def scopes(key: AccessKey, _info: Info) -> list[Scope]:
    """What it may do."""
    return [Scope(scope) for scope in key.scopes]
