"""The indexes of what gives tiers: grants, families, students, coupons and trials. Part of `storage/indexes.py`."""

from __future__ import annotations

from storage.declaring import index as _index
from storage.engine import Index

TIER_INDEXES: dict[str, tuple[Index, ...]] = {
    "grants": (
        _index("user_id", "-starts_at"),
        Index("unsettled_updated_at", (("updated_at", 1),), where={"is_settled": False}),
    ),
    "families": (),
    "coupons": (_index("code_hash", unique=True), _index("-created_at"), _index("updated_at")),
    "trials": (
        Index("email_key", (("email_key", 1),)),
        Index("not_given_at", (("at", 1),), where={"is_given": False}),
    ),
    "student_proofs": (
        _index("address_key", unique=True),
        _index("ends_at"),
        _index("proven_at"),
    ),
    "student_codes": (_index("expires_at"),),
    "student_applications": (
        _index("waiting", unique=True),
        Index("not_proven_decided_at", (("decided_at", 1),), where={"is_proven": False}),
        _index("state", "created_at"),
        _index("user_id", "-created_at"),
    ),
    "family_switches": (),
    "family_members": (_index("place", unique=True), _index("family_id", "joined_at")),
    "family_invitations": (
        _index("token_hash", unique=True),
        _index("family_id", "-created_at"),
        _index("receiver_id", "-created_at", present=True),
        _index("expires_at"),
    ),
}
