"""Families: who shares a plan, who may come in, and who was in one before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Family:
    """A plan that is shared; its id is its owner's. `address` is a keyed digest of where they live, empty before."""

    id: str
    created_at: datetime
    updated_at: datetime
    address: str = ""


@dataclass(slots=True)
class FamilyMember:
    """Somebody in another's family; the id is their own, so that nobody is in two.

    `place` names the family and one of its places, each there once. `address_due_at` is until when they have to say
    again where they live, None when they said so.
    """

    id: str
    family_id: str
    place: str
    joined_at: datetime
    address_due_at: datetime | None = None


@dataclass(slots=True)
class FamilySwitch:
    """When somebody last came into a family, and into which; stays when they leave."""

    id: str
    family_id: str
    joined_at: datetime


@dataclass(slots=True)
class FamilyInvitation:
    """A way into a family for one person, once: for `receiver_id`, or for whoever has the link sent by mail.

    `shown` is what its owner sees of whom it went to. `state` is open, accepted, declined or withdrawn.
    """

    id: str
    family_id: str
    token_hash: str
    shown: str
    created_at: datetime
    expires_at: datetime
    receiver_id: str | None = None
    state: str = "open"
    answered_at: datetime | None = None
    answered_by: str | None = None
