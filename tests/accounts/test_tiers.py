"""Subscriptions given and ended by the house."""

from __future__ import annotations

import pytest

from services.errors import Denied, Invalid, NotFound, Unauthenticated
from services.viewer import NOBODY, SYSTEM
from tests.catalogue_rig import Rig, days, rig

__all__ = ["rig"]


async def test_a_tier_is_given_for_a_time_and_holds_at_once(rig: Rig) -> None:
    ann = await rig.sign_in("ann")
    assert (await rig.house.accounts.viewer_for(ann.token)).tier == "free"
    given = await rig.house.accounts.set_tier(SYSTEM, "ann@example.com", "premium", days=3)
    assert (given.subscription_type, given.subscription_start) == ("premium", rig.clock.now())
    assert given.subscription_end == rig.clock.now() + days(3)
    assert (await rig.house.accounts.viewer_for(ann.token)).tier == "premium"
    forever = await rig.house.accounts.set_tier(SYSTEM, "ANN", "family")
    assert (forever.subscription_type, forever.subscription_end) == ("family", None)
    ended = await rig.house.accounts.set_tier(SYSTEM, "ann", "free")
    assert (ended.subscription_type, ended.subscription_start, ended.subscription_end) == ("free", None, None)
    assert (await rig.house.accounts.viewer_for(ann.token)).tier == "free"


async def test_a_tier_is_not_for_everybody_to_give(rig: Rig) -> None:
    ann = await rig.sign_up("ann")
    set_tier = rig.house.accounts.set_tier
    with pytest.raises(Denied):
        await set_tier(ann, "ann", "premium")
    with pytest.raises(Unauthenticated):
        await set_tier(NOBODY, "ann", "premium")
    for tier, length in (("gold", None), ("", None), ("premium", 0), ("premium", 36_501), ("free", 3)):
        with pytest.raises(Invalid):
            await set_tier(SYSTEM, "ann", tier, days=length)
    for nobody in ("", "bert", "x" * 1000, "a\0b"):
        with pytest.raises(NotFound):
            await set_tier(SYSTEM, nobody, "premium")
    user = await rig.store.users.get(str(ann.user_id))
    assert user is not None and user.subscription_type == "free"
