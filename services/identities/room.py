"""The room of other ways in: providers, and who is known to them."""

from __future__ import annotations

from dataclasses import dataclass

from services.audit.audit import Audit
from services.ground import Ground
from services.identities.identities import Identities
from services.identities.walk import ProviderWalk


@dataclass
class IdentityRoom:
    """What stands in `services/identities`."""

    identities: Identities
    provider_walk: ProviderWalk


def build_identities(ground: Ground) -> IdentityRoom:
    """The room, ready."""
    store, clock, accounts = ground.store, ground.clock, ground.accounts
    identities = Identities(
        store,
        clock,
        ground.bus,
        accounts.sessions,
        accounts.signing_in,
        accounts.reproof,
        Audit(store, clock),
        {each.name: each for each in ground.providers},
        registration_open=accounts.registration_open,
    )
    walk = ProviderWalk(store, clock, ground.outgoing, identities, ground.providers, public_url=ground.public_url)
    return IdentityRoom(identities, walk)
