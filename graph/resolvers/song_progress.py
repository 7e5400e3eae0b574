"""How far a new song is, as it changes."""

from __future__ import annotations

from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.analysis.song_progress import SongProgress, SongStage

RECORDS = {"SongProgress": SongProgress}
ENUMS = {"SongStage": SongStage}


@resolves("Subscription.transcode")
async def transcode(_: None, info: Info, song_id: str) -> Any:
    """The present, then each step."""
    return await info.context.feeds.transcode(info.context.viewer, song_id)
