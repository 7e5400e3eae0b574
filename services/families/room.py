"""The room of families."""

from __future__ import annotations

from dataclasses import dataclass

from services.entitlements.room import EntitlementRoom
from services.families.families import Families
from services.families.invitations import FamilyInvitations
from services.ground import Ground
from services.mail.room import MailRoom
from services.shared_throttle import SharedBuckets, SharedCounts

ADDRESS_TRIES = 5
SECONDS_PER_ADDRESS = 4 * 3600.0
MAILS = 10
SECONDS_PER_MAIL = 2 * 3600.0


@dataclass
class FamilyRoom:
    """What stands in `services/families`."""

    families: Families
    family_invitations: FamilyInvitations


def build_families(ground: Ground, entitlements: EntitlementRoom, mail: MailRoom) -> FamilyRoom:
    """The room, ready."""
    store, clock, counts = ground.store, ground.clock, SharedCounts(ground.clock, ground.live)
    tries = SharedBuckets(counts, "family address", capacity=ADDRESS_TRIES, seconds_per_token=SECONDS_PER_ADDRESS)
    sends = SharedBuckets(counts, "family mail", capacity=MAILS, seconds_per_token=SECONDS_PER_MAIL)
    families = Families(store, clock, entitlements.grants, ground.audit, ground.family_rules, tries)
    return FamilyRoom(
        families,
        FamilyInvitations(store, clock, ground.accounts, families, mail.outbox, sends, public_url=ground.public_url),
    )
