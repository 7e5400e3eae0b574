"""Proving oneself again before something dangerous."""

from __future__ import annotations

import pytest

from services.errors import Denied, TooMany, Unauthenticated
from services.viewer import NOBODY
from tests.catalogue_rig import PASSWORD


async def test_the_password_proves_it_and_nothing_else_of_who_has_one(ann):
    require = ann.rig.house.accounts.reproof.require
    await require(ann.viewer, password=PASSWORD)
    with pytest.raises(Denied) as unasked:
        await require(ann.viewer)
    assert unasked.value.reason == "REPROOF_NEEDED"
    with pytest.raises(Unauthenticated) as wrong:
        await require(ann.viewer, password="not the password")
    assert (wrong.value.reason, wrong.value.field) == ("WRONG_CREDENTIALS", "password")
    with pytest.raises(Unauthenticated):
        await require(NOBODY, password=PASSWORD)


async def test_wrong_passwords_wait_and_right_ones_cost_nothing(ann):
    require = ann.rig.house.accounts.reproof.require
    for _ in range(15):
        await require(ann.viewer, password=PASSWORD)
    for _ in range(10):
        with pytest.raises(Unauthenticated):
            await require(ann.viewer, password="not the password")
    with pytest.raises(TooMany) as waits:
        await require(ann.viewer, password=PASSWORD)
    ann.rig.clock.turn(waits.value.retry_after)
    await require(ann.viewer, password=PASSWORD)


async def test_who_has_no_password_needs_a_sign_in_of_the_last_ten_minutes(ann):
    await ann.rig.store.users.update({"_id": ann.id}, {"$set": {"password_hash": ""}})
    require = ann.rig.house.accounts.reproof.require
    await require(ann.viewer)
    ann.rig.clock.turn(600)
    with pytest.raises(Denied) as late:
        await require(ann.viewer, password=PASSWORD)
    assert late.value.reason == "REPROOF_NEEDED"
