"""The audit log, for admins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.paging import asks_for
from services.audit.audit import Sought
from services.paging import Page, slice_of
from storage.records.audit_entry import AuditEntry


@dataclass(slots=True)
class AuditDetail:
    """One thing that a line says."""

    name: str
    value: str


RECORDS = {"AuditEntry": AuditEntry, "AuditDetail": AuditDetail}


@resolves("Query.auditLog")
async def audit_log(
    _: None,
    info: Info,
    actor_id: str | None = None,
    action: str | None = None,
    kind: str | None = None,
    id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    **part: Any,
) -> Page[AuditEntry]:
    """A page of the log."""
    sought, counted = Sought(actor_id, action, kind, id, since, until), asks_for(info, "totalCount")
    return await info.context.house.audit.listing(info.context.viewer, slice_of(**part), sought, counted=counted)


@resolves("AuditEntry.actor")
def actor(entry: AuditEntry, info: Info) -> Any:
    """Who did it."""
    return None if entry.actor_id is None else info.context.loaders.users.load(entry.actor_id)


@resolves("AuditEntry.details")
def details(entry: AuditEntry, _info: Info) -> list[AuditDetail]:
    """What else there is to say, by name."""
    return [AuditDetail(name, str(value)) for name, value in sorted(entry.details.items())]
