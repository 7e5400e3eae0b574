"""Closing an account, keeping it after all, and taking one's things along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from graph.bind import resolves
from graph.context import Info
from storage.records.account_export import AccountExport


class AccountExportState(StrEnum):
    """How far an archive is."""

    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


@dataclass(slots=True)
class DeleteAccount:
    """What closing an account gives."""

    erase_at: datetime
    success: bool = True


@dataclass(slots=True)
class KeepAccount:
    """What keeping an account gives."""

    success: bool = True


@dataclass(slots=True)
class ExportAccount:
    """What asking for an archive gives."""

    export: AccountExport


RECORDS = {
    "AccountExport": AccountExport,
    "DeleteAccount": DeleteAccount,
    "KeepAccount": KeepAccount,
    "ExportAccount": ExportAccount,
}
ENUMS = {"AccountExportState": AccountExportState}


@resolves("Query.accountExport")
def account_export(_: None, info: Info) -> Any:
    """The newest archive."""
    return info.context.house.account_exports.mine(info.context.viewer)


@resolves("AccountExport.sizeBytes")
def size_bytes(export: AccountExport, _info: Info) -> int:
    """Its bytes."""
    return export.size


@resolves("AccountExport.url")
def url(export: AccountExport, info: Info) -> str | None:
    """Where it is fetched."""
    return info.context.house.account_exports.url(info.context.viewer, export)


@resolves("Mutation.exportAccount")
async def export_account(_: None, info: Info) -> ExportAccount:
    """An archive that will be made."""
    return ExportAccount(await info.context.house.account_exports.ask(info.context.viewer))


@resolves("Mutation.deleteAccount")
async def delete_account(_: None, info: Info, password: str | None = None) -> DeleteAccount:
    """The account's end."""
    return DeleteAccount(await info.context.house.leaving.leave(info.context.viewer, password=password))


@resolves("Mutation.keepAccount")
async def keep_account(_: None, info: Info, token: str) -> KeepAccount:
    """The account stays."""
    await info.context.house.leaving.keep(token)
    return KeepAccount()
