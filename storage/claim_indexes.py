"""The indexes of artists' claims. Part of `storage/indexes.py`."""

from __future__ import annotations

from storage.declaring import index as _index
from storage.engine import Index

CLAIM_INDEXES: dict[str, tuple[Index, ...]] = {
    "artist_claims": (
        _index("waiting", unique=True),
        _index("slot", unique=True),
        _index("created_at"),
        _index("state", "created_at"),
        _index("user_id", "-created_at"),
        _index("artist_id", "created_at"),
        Index("not_settled_decided_at", (("decided_at", 1),), where={"is_settled": False}),
    ),
}
