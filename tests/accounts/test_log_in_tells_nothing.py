"""How long a refused log-in takes says nothing about the account: the times of both kinds overlap.

Compared by rank, so that neither the machine's speed nor a few slow moments matter: of one time of each kind, either is
the longer one about as often. What a house that skips the work shows stands beside it.
"""

from __future__ import annotations

import random
import time
from itertools import product

import pytest

from services.accounts.gate import GateLimits
from services.accounts.passwords import Passwords
from services.errors import Unauthenticated
from tests.accounts.account_rig import PASSWORD

ROUNDS = 30
FAR = 0.3
"""Four standard deviations of the share for so many times of each kind, when they come from one distribution."""


class HonestPasswords(Passwords):
    """A hash of some milliseconds, beside which the rest of a log-in is little, as in the house itself."""

    def __init__(self) -> None:
        super().__init__(time_cost=2, memory_kib=2048)


class HastyPasswords(HonestPasswords):
    """What must be noticed: nobody's password is refused at once."""

    async def verify(self, hash: str | None, password: str) -> bool:
        return await super().verify(hash, password) if hash else False


def share_longer(some: list[float], others: list[float]) -> float:
    """How often a time of `some` is longer than one of `others`: 0.5 when nothing tells them apart."""
    pairs = list(product(some, others))
    return sum((one > other) + (one == other) / 2 for one, other in pairs) / len(pairs)


async def _times(rig, passwords: Passwords, kinds: dict[str, str]) -> dict[str, list[float]]:
    """What refusals take, each kind in turn but in no order that could favour one."""
    rig.accounts.signing_in._passwords = passwords
    order, taken = random.Random(7), {kind: [] for kind in kinds}
    for _ in range(ROUNDS):
        for kind in order.sample(sorted(kinds), len(kinds)):
            begun = time.perf_counter()
            with pytest.raises(Unauthenticated):
                await rig.log_in(email=kinds[kind], password="not the password")
            taken[kind].append(time.perf_counter() - begun)
    return taken


@pytest.fixture
async def kinds(build):
    rig = build(limits=GateLimits(pair_tries=1000, address_tries=10_000, account_tries=1000))
    await rig.register("real")
    suspended = await rig.register("suspended")
    await rig.suspend(suspended.user.id)
    return rig, {"real": "real@example.com", "suspended": "suspended@example.com", "absent": "nobody@example.com"}


async def test_the_times_of_absent_real_and_suspended_accounts_overlap(kinds):
    rig, logins = kinds
    passwords = HonestPasswords()
    renewed = await passwords.hash(PASSWORD)
    await rig.store.users.update({}, {"$set": {"password_hash": renewed}}, many=True)
    # Once more if somebody else's work fell on one kind: chance strikes twice seldom, a difference always.
    for attempt in range(3):
        taken = await _times(rig, passwords, logins)
        shares = {kind: share_longer(taken[kind], taken["absent"]) for kind in ("real", "suspended")}
        if all(abs(share - 0.5) < FAR for share in shares.values()):
            break
        assert attempt < 2, shares
    passwords.stop()


async def test_a_house_that_skips_the_work_for_nobody_would_be_noticed(kinds):
    rig, logins = kinds
    passwords = HastyPasswords()
    renewed = await passwords.hash(PASSWORD)
    await rig.store.users.update({}, {"$set": {"password_hash": renewed}}, many=True)
    taken = await _times(rig, passwords, logins)
    assert share_longer(taken["real"], taken["absent"]) > 0.5 + FAR
    passwords.stop()


def test_the_measure_knows_the_same_from_the_different():
    assert share_longer([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]) == 0.5
    assert share_longer([4.0, 5.0], [1.0, 2.0]) == 1.0
