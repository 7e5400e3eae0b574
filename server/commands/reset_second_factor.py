"""`python run.py reset-second-factor`: for an administrator who lost their authenticator, by the machine's owner."""

from __future__ import annotations

import argparse

from server.composition import open_household
from server.settings import Settings
from server.terminal import fail, say
from services.errors import TuttiError
from services.viewer import SYSTEM
from storage.engine import EngineAway


async def reset_second_factor(settings: Settings, asked: argparse.Namespace) -> int:
    """Take it off, say so. Its owner is told by mail."""
    try:
        async with open_household(settings) as household:
            accounts, setup = household.house.accounts, household.house.second_factor_setup
            user = await accounts.by_login(SYSTEM, asked.login)
            await setup.reset(SYSTEM, user.id, reason=asked.reason)
    except (TuttiError, EngineAway) as refusal:
        return fail(f"Nothing was changed: {refusal}")
    say(f"{user.username} signs in without a second step now.")
    return 0
