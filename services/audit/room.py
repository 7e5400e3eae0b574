"""The room of the audit log."""

from __future__ import annotations

from dataclasses import dataclass

from services.audit.audit import Audit
from services.ground import Ground


@dataclass
class AuditRoom:
    """What stands in `services/audit`."""

    audit: Audit


def build_audit(ground: Ground) -> AuditRoom:
    """The room, ready."""
    return AuditRoom(ground.audit)
