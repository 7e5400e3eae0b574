"""The indexes of safety: the audit log, reports, cases, decisions, blocked pictures. Part of `storage/indexes.py`."""

from __future__ import annotations

from storage.declaring import index as _index
from storage.engine import Index

MODERATION_INDEXES: dict[str, tuple[Index, ...]] = {
    "audit_entries": (
        _index("-number"),
        _index("-at"),
        _index("actor_id", "-at"),
        _index("action", "-at"),
        _index("kind", "target_id", "-at"),
    ),
    "audit_marks": (),
    "moderation_marks": (),
    "parental_locks": (),
    "blocked_pictures": (_index("-blocked_at"),),
    "reports": (_index("reporter_id", "-created_at"), _index("case_id", "-created_at")),
    "moderation_cases": (
        _index("open_key", unique=True),
        _index("-opened_at"),
        _index("state", "queue_key"),
        _index("target_key", "-opened_at"),
        _index("claimed_until", present=True),
    ),
    "moderation_decisions": (
        _index("owner_id", "-at"),
        _index("pending_at", present=True),
        _index("target_id", "-at"),
    ),
}
