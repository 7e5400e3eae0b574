"""`python run.py create-admin`: an administrator, made where only the machine's owner can: at its command line."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys

from server.composition import open_household
from server.settings import Settings
from server.terminal import fail, say
from services.errors import TuttiError
from services.viewer import SYSTEM
from storage.engine import EngineAway


async def create_admin(settings: Settings, asked: argparse.Namespace) -> int:
    """Ask for what the words leave out, make the account, say so."""
    try:
        email = asked.email or await asyncio.to_thread(input, "E-mail: ")
        username = asked.username or await asyncio.to_thread(input, "Username: ")
        password = await asyncio.to_thread(_ask_password, asked.password_stdin)
    except EOFError:
        return fail("No administrator was made: there was nobody to ask; see create-admin --help")
    except ValueError as reason:
        return fail(f"No administrator was made: {reason}")
    try:
        async with open_household(settings) as household:
            user = await household.house.accounts.create_admin(
                SYSTEM, email=email, username=username, password=password
            )
    except (TuttiError, EngineAway) as refusal:
        return fail(f"No administrator was made: {refusal}")
    say(f"{user.username} is an administrator now.")
    return 0


def _ask_password(from_stdin: bool) -> str:
    """The password, typed twice without being shown, or the first line of standard input."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password (10 characters or more): ")
    if getpass.getpass("Again: ") != password:
        raise ValueError("the passwords differ")
    return password
