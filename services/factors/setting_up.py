"""A second factor of one's own: begun, confirmed, its recovery codes renewed, turned off; taken off by an admin.

Owns the order of these steps, and what is asked before each. Refuses to know log-ins. A secret and recovery codes are
shown once.
"""

from __future__ import annotations

import asyncio
import base64
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.clock import Clock
from services.errors import Conflict, NotFound
from services.events import Bus
from services.factors import codes
from services.factors.second_factors import SecondFactors
from services.qr_codes import qr_svg
from services.reproving import AuditLog, Reproof
from services.security_events import SecurityMattered, SecurityStep
from services.typed_text import is_id, read_plain
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey

log = logging.getLogger("tutti.accounts")

BEGUN_FOR = timedelta(hours=1)
REASON_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class BegunFactor:
    """What an authenticator is given: the secret to type, the same as an address, and that as a QR code."""

    secret: str
    otpauth_url: str
    qr_svg: str

    def __repr__(self) -> str:
        return "BegunFactor()"


@dataclass(frozen=True, slots=True)
class FreshCodes:
    """Ten recovery codes that nobody can be shown again."""

    recovery_codes: list[str]

    def __repr__(self) -> str:
        return "FreshCodes()"


@dataclass(frozen=True, slots=True)
class FactorState:
    """Whether log-ins ask for a code, since when, and how many recovery codes are left."""

    enabled: bool
    since: datetime | None = None
    recovery_codes_left: int = 0


class SecondFactorSetup:
    """What people do with their own second factor; never by a key."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        factors: SecondFactors,
        reproof: Reproof,
        *,
        issuer: str = "Tutti",
        audit: AuditLog | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._factors = factors
        self._reproof = reproof
        self._issuer = issuer
        self._audit = audit

    async def state(self, viewer: Viewer) -> FactorState:
        """The viewer's own."""
        factor = await self._factors.of(viewer.require_oneself())
        if factor is None:
            return FactorState(enabled=False)
        return FactorState(True, factor.confirmed_at, len(factor.recovery_hashes))

    async def begin(self, viewer: Viewer, *, password: str | None = None) -> BegunFactor:
        """A secret for the viewer's authenticator, good once it is confirmed; what was begun before is forgotten.

        Conflict (SECOND_FACTOR_ON) when there is one already; refusals as `Reproof.require`.
        """
        user_id = viewer.require_oneself()
        await self._reproof.require(viewer, password=password)
        user = await self._store.users.get(user_id)
        if user is None:
            raise NotFound("There is no such user.")
        secret = codes.new_secret()
        sealed, key = self._factors.sealed(secret, user_id)
        begun = {"sealed_secret": sealed, "seal_key": key, "created_at": self._clock.now(), "last_step": 0}
        try:
            # Wrong codes are counted on: beginning again buys no more tries.
            await self._store.second_factors.update(
                {"_id": user_id, "confirmed_at": None},
                {"$set": begun, "$setOnInsert": {"failures": 0, "recovery_hashes": []}},
                upsert=True,
            )
        except DuplicateKey:
            raise Conflict("There is a second factor already; turn it off first.", code="SECOND_FACTOR_ON") from None
        url = codes.otpauth_url(secret, user.username, self._issuer)
        typed = base64.b32encode(secret).decode().rstrip("=")
        return BegunFactor(typed, url, await asyncio.to_thread(qr_svg, url))

    async def confirm(self, viewer: Viewer, code: str) -> FreshCodes:
        """Turn it on, by a code of the authenticator that was given the secret; the recovery codes.

        Conflict (SECOND_FACTOR_NOT_BEGUN) when there is nothing to confirm, or it was begun over an hour ago;
        Unauthenticated (WRONG_CODE) and TooMany as `SecondFactors.prove`.
        """
        user_id, now = viewer.require_oneself(), self._clock.now()
        not_begun = Conflict("Begin with a new secret first.", code="SECOND_FACTOR_NOT_BEGUN")
        factor = await self._store.second_factors.get(user_id)
        if factor is None or factor.confirmed_at is not None or factor.created_at + BEGUN_FOR <= now:
            raise not_begun
        await self._factors.prove_one_time(factor, codes.plain(code))
        fresh = codes.new_recovery_codes()
        turned_on = await self._store.second_factors.update(
            {"_id": user_id, "sealed_secret": factor.sealed_secret, "confirmed_at": None},
            {"$set": {"confirmed_at": now} | _kept(user_id, fresh, now)},
        )
        if turned_on.matched == 0:
            raise not_begun
        self._tell(user_id, SecurityStep.FACTOR_ON)
        return FreshCodes(fresh)

    async def renew_recovery_codes(self, viewer: Viewer, *, code: str, password: str | None = None) -> FreshCodes:
        """Ten new recovery codes; the earlier ones are good no more. Asks for the password and a code."""
        user_id = await self._proven(viewer, code, password)
        fresh = codes.new_recovery_codes()
        renewed = await self._store.second_factors.update(
            {"_id": user_id, "confirmed_at": {"$ne": None}}, {"$set": _kept(user_id, fresh, self._clock.now())}
        )
        if renewed.matched == 0:
            raise _is_off()
        self._tell(user_id, SecurityStep.RECOVERY_RENEWED)
        return FreshCodes(fresh)

    async def turn_off(self, viewer: Viewer, *, code: str, password: str | None = None) -> None:
        """Log-ins ask for a code no more. Asks for the password and a code, the authenticator's or a recovery code."""
        user_id = await self._proven(viewer, code, password)
        await self._store.second_factors.delete({"_id": user_id})
        self._tell(user_id, SecurityStep.FACTOR_OFF)

    async def reset(self, viewer: Viewer, user_id: str, *, reason: str) -> None:
        """Take the second factor off somebody's account who lost hold of theirs, for an admin who made sure it is them.

        They are told; it is written in the audit log. NotFound when there is no such user, or none to take off.
        """
        viewer.require(Role.ADMIN)
        viewer.require_oneself()
        why = read_plain(reason, "reason", "A reason", REASON_CHARACTERS)
        found = is_id(user_id) and await self._store.second_factors.delete(
            {"_id": user_id, "confirmed_at": {"$ne": None}}
        )
        if not found:
            raise NotFound("There is no such user, or they have no second factor.", field="userId")
        await self._store.sign_in_challenges.delete({"user_id": user_id}, many=True)
        log.info("a second factor was taken off", extra={"user_id": user_id, "by": viewer.user_id})
        if self._audit is not None:
            await self._audit.note(viewer, "second_factor.reset", "user", user_id, reason=why)
        self._tell(user_id, SecurityStep.FACTOR_RESET)

    async def _proven(self, viewer: Viewer, code: str, password: str | None) -> str:
        user_id = viewer.require_oneself()
        await self._reproof.require(viewer, password=password)
        if await self._factors.of(user_id) is None:
            raise _is_off()
        await self._factors.prove(user_id, code)
        return user_id

    def _tell(self, user_id: str, step: SecurityStep) -> None:
        log.info("a second factor changed", extra={"user_id": user_id, "step": step.value})
        self._bus.publish(SecurityMattered(user_id, step, self._clock.now()))


def _kept(user_id: str, fresh: list[str], now: datetime) -> dict[str, object]:
    hashes = [codes.recovery_hash(user_id, code) for code in fresh]
    return {"recovery_hashes": hashes, "recovery_made_at": now}


def _is_off() -> Conflict:
    return Conflict("There is no second factor.", code="SECOND_FACTOR_OFF")
