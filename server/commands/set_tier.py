"""`python run.py set-tier`: a subscription given or ended by the machine's owner, where no payment is asked for."""

from __future__ import annotations

import argparse

from server.composition import open_household
from server.settings import Settings
from server.terminal import fail, say
from services.errors import TuttiError
from services.viewer import SYSTEM
from storage.engine import EngineAway


async def set_tier(settings: Settings, asked: argparse.Namespace) -> int:
    """Set it, say so. A server that runs beside knows within seconds."""
    try:
        async with open_household(settings) as household:
            user = await household.house.accounts.set_tier(SYSTEM, asked.login, asked.tier, days=asked.days)
    except (TuttiError, EngineAway) as refusal:
        return fail(f"Nothing was changed: {refusal}")
    until = "" if user.subscription_end is None else f" until {user.subscription_end:%Y-%m-%d}"
    say(f"{user.username} has the tier {user.subscription_type}{until} now.")
    return 0
