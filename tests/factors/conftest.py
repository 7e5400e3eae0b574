"""A small house for the tests of how somebody stays themselves, and the steps they all take."""

from __future__ import annotations

from base64 import b32decode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.accounts.signing_in import SignedIn
from services.factors.challenges import SecondFactorNeeded
from services.factors.codes import STEP_S, code_at
from services.viewer import NOBODY, SYSTEM, Viewer
from tests.catalogue_rig import PASSWORD, Rig, small_house


@dataclass
class Person:
    """Somebody with an account: as a viewer, and the secret of their authenticator once they have one."""

    rig: Rig
    viewer: Viewer
    name: str
    secret: bytes = b""
    recovery: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return str(self.viewer.user_id)

    def code(self) -> str:
        """What the authenticator shows now."""
        return code_at(self.secret, self.rig.clock.epoch_ms() / 1000)

    def fresh_code(self) -> str:
        """What it shows after the next half minute."""
        self.rig.clock.turn(STEP_S)
        return self.code()

    def wrong_code(self) -> str:
        """Six digits that none of three steps has."""
        at = self.rig.clock.epoch_ms() / 1000
        near = {code_at(self.secret, at + shift) for shift in (-STEP_S, 0, STEP_S)}
        return next(code for code in ("000000", "111111", "222222", "333333") if code not in near)

    async def protect(self) -> None:
        """Turn the second factor on."""
        setup = self.rig.house.second_factor_setup
        self.secret = b32decode((await setup.begin(self.viewer, password=PASSWORD)).secret)
        self.recovery = tuple((await setup.confirm(self.viewer, self.code())).recovery_codes)
        self.rig.clock.turn(STEP_S)

    async def log_in(self, **more: str) -> SignedIn:
        """By the password."""
        asked = {"email": f"{self.name}@example.com", "password": PASSWORD} | more
        return await self.rig.house.accounts.signing_in.log_in(NOBODY, **asked)

    async def challenge(self) -> str:
        """Log in as far as it goes without a code."""
        with pytest.raises(SecondFactorNeeded) as needed:
            await self.log_in()
        return needed.value.challenge

    async def mails(self) -> list[str]:
        """The subjects of what they were written, oldest first."""
        await self.rig.house.security_notices.settled()
        mine = {"receiver": f"{self.name}@example.com"}
        return [mail.subject for mail in await self.rig.store.outbox.find(mine, sort=[("created_at", 1)])]


@pytest.fixture
async def music(tmp_path: Path) -> AsyncIterator[Rig]:
    async with small_house(tmp_path) as rig:
        yield rig


@pytest.fixture
async def ann(music: Rig) -> Person:
    await music.house.accounts.create(SYSTEM, email="ann@example.com", username="ann", password=PASSWORD, roles=[])
    signed_in = await music.house.accounts.signing_in.log_in(NOBODY, email="ann@example.com", password=PASSWORD)
    person = Person(music, await music.house.accounts.viewer_for(signed_in.token), "ann")
    music.clock.turn(1)
    return person
