"""Who has a second factor, and whether a code proves it.

Owns taking codes: each at most once, wrong ones ever more slowly. Refuses to know log-ins (`challenges.py`) and how a
factor is set up (`setting_up.py`).
"""

from __future__ import annotations

import logging
from datetime import timedelta
from enum import StrEnum

from services.clock import Clock
from services.errors import TooMany, Unauthenticated, Unavailable
from services.events import Bus
from services.factors import codes
from services.sealing import CannotOpen, Seals
from services.security_events import SecurityMattered, SecurityStep
from storage.collections.store import Store
from storage.records.second_factor import SecondFactor

log = logging.getLogger("tutti.accounts")

FREE_FAILURES = 5
LONGEST_WAIT_S = 15 * 60
_FIRST_WAIT_S = 15
_RESEALED_AT_ONCE = 500


class Proof(StrEnum):
    """What a code turned out to be."""

    ONE_TIME = "one_time"
    RECOVERY = "recovery"


class SecondFactors:
    """Reads and proves second factors. `seals` open the secrets."""

    def __init__(self, store: Store, clock: Clock, bus: Bus, seals: Seals) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._seals = seals

    async def of(self, user_id: str) -> SecondFactor | None:
        """Somebody's confirmed second factor, None without one."""
        found = await self._store.second_factors.get(user_id)
        return None if found is None or found.confirmed_at is None else found

    async def prove(self, user_id: str, code: str) -> Proof:
        """Take a code, which is spent by this: the authenticator's, or a recovery code.

        Unauthenticated (WRONG_CODE) for any other; TooMany when wrong ones came too often. Recovery codes are long
        enough that they never wait, so nobody who guesses keeps an owner out who has one.
        """
        factor = await self.of(user_id)
        given = codes.plain(code)
        if factor is None or not (codes.is_one_time(given) or codes.is_recovery(given)):
            raise wrong_code()
        if codes.is_recovery(given):
            await self._spend_recovery(factor, given)
            return Proof.RECOVERY
        await self.prove_one_time(factor, given)
        return Proof.ONE_TIME

    async def prove_one_time(self, factor: SecondFactor, code: str) -> None:
        """Take a code of the authenticator, of a factor that may be only begun. Raises as `prove`."""
        paid = await self._pay(factor)
        step = codes.step_of(self.secret_of(factor), code, self._clock.epoch_ms() / 1000)
        if step is None:
            if paid == FREE_FAILURES:
                # Once for a row of them: whoever is asked for codes had the password right.
                self._bus.publish(SecurityMattered(factor.id, SecurityStep.CODES_GUESSED, self._clock.now()))
            raise wrong_code()
        taken = await self._store.second_factors.update(
            {"_id": factor.id, "sealed_secret": factor.sealed_secret, "last_step": {"$lt": step}},
            {"$set": {"last_step": step, "failures": 0}, "$unset": {"try_from": ""}},
        )
        if taken.matched == 0:
            # Somebody read it over a shoulder, or it was typed twice: good once.
            log.info("a one-time code was shown again", extra={"user_id": factor.id, "failures": paid})
            raise wrong_code()

    def secret_of(self, factor: SecondFactor) -> bytes:
        """The authenticator's secret. Unavailable when no key of the house opens it any more."""
        try:
            return self._seals.open(factor.sealed_secret, factor.id)
        except CannotOpen:
            log.error("a second factor cannot be opened, its key is gone", extra={"user_id": factor.id})
            raise Unavailable(
                "One-time codes cannot be checked just now; use a recovery code.", code="SECOND_FACTOR_UNREADABLE"
            ) from None

    def sealed(self, secret: bytes, user_id: str) -> tuple[str, str]:
        """A secret as it is kept, and the name of the key that sealed it."""
        return self._seals.seal(secret, user_id), self._seals.current

    async def reseal(self) -> int:
        """Seal anew what an older key sealed, so that its secret may be dropped; how many. A job's work."""
        done = 0
        # Two ranges, so that the index on the key's name answers.
        for other in ({"$lt": self._seals.current}, {"$gt": self._seals.current}):
            for factor in await self._store.second_factors.find({"seal_key": other}, limit=_RESEALED_AT_ONCE):
                try:
                    secret = self._seals.open(factor.sealed_secret, factor.id)
                except CannotOpen:
                    continue
                sealed, key = self.sealed(secret, factor.id)
                changed = await self._store.second_factors.update(
                    {"_id": factor.id, "sealed_secret": factor.sealed_secret},
                    {"$set": {"sealed_secret": sealed, "seal_key": key}},
                )
                done += changed.modified
        return done

    async def _pay(self, factor: SecondFactor) -> int:
        """Count a try before the code is looked at: tries at the same moment cannot share one. How many there were."""
        now = self._clock.now()
        if factor.try_from is not None and factor.try_from > now:
            wait_s = (factor.try_from - now).total_seconds()
            raise TooMany("Too many wrong codes; try again later.", retry_after=wait_s)
        failures = factor.failures + 1
        paid = await self._store.second_factors.update(
            {"_id": factor.id, "failures": factor.failures},
            {"$set": {"failures": failures, "try_from": now + timedelta(seconds=_wait_s(failures))}},
        )
        if paid.matched == 0:
            raise TooMany("Another code is being looked at; try again.", retry_after=1.0)
        return failures

    async def _spend_recovery(self, factor: SecondFactor, code: str) -> None:
        digest = codes.recovery_hash(factor.id, code)
        spent = await self._store.second_factors.update(
            {"_id": factor.id, "recovery_hashes": digest}, {"$pull": {"recovery_hashes": digest}}
        )
        if spent.modified == 0:
            raise wrong_code()


def wrong_code() -> Unauthenticated:
    """The one answer to every code that is not good: wrong, used, or of the wrong time."""
    return Unauthenticated("This code is not right.", code="WRONG_CODE", field="code")


def _wait_s(failures: int) -> float:
    """How long after so many wrong codes in a row the next may come."""
    if failures < FREE_FAILURES:
        return 0.0
    return float(min(_FIRST_WAIT_S * 2 ** min(failures - FREE_FAILURES, 10), LONGEST_WAIT_S))
