"""`python run.py import PATH…`: folders of music become a library, with a bar while it works and a summary after."""

from __future__ import annotations

import argparse

from server.composition import open_household
from server.settings import Settings
from server.terminal import Bar, fail, say
from services.errors import TuttiError
from storage.engine import EngineAway


async def import_music(settings: Settings, asked: argparse.Namespace) -> int:
    """Import, tell what came of it, and with `--watch` stay. 1 when nothing could be done at all."""
    raise NotImplementedError
