"""The room of claims."""

from __future__ import annotations

from dataclasses import dataclass

from services.catalogue.artists import Artists
from services.claims.claims import Claims
from services.claims.desk import ClaimDesk
from services.claims.handing_over import HandingOver
from services.claims.owners import ArtistOwners
from services.claims.telling import ClaimNews
from services.ground import Ground
from services.mail.room import MailRoom
from services.notifications.room import NotificationRoom
from services.shared_throttle import SharedBuckets, SharedCounts

CLAIMS = 6
SECONDS_PER_CLAIM = 4 * 3600.0


@dataclass
class ClaimRoom:
    """What stands in `services/claims`."""

    claims: Claims
    claim_desk: ClaimDesk
    handing_over: HandingOver


def build_claims(ground: Ground, artists: Artists, notifications: NotificationRoom, mail: MailRoom) -> ClaimRoom:
    """The room, ready."""
    store, clock, audit = ground.store, ground.clock, ground.audit
    owners = ArtistOwners(store, clock, ground.bus, ground.accounts)
    news = ClaimNews(store, notifications.notifications, mail.outbox, public_url=ground.public_url)
    counts = SharedCounts(clock, ground.live)
    makes = SharedBuckets(counts, "artist claim", capacity=CLAIMS, seconds_per_token=SECONDS_PER_CLAIM)
    return ClaimRoom(
        claims=Claims(store, clock, artists, owners, news, audit, makes),
        claim_desk=ClaimDesk(store, clock, owners, news, audit),
        handing_over=HandingOver(store, clock, owners, news, audit),
    )
