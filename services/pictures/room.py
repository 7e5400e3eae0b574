"""The room of pictures: keeping and serving them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass

from services.ground import Ground
from services.pictures.blocked import BlockedPictures
from services.pictures.covers import Covers
from services.pictures.pictures import Pictures


@dataclass
class PictureRoom:
    """What stands in `services/pictures`."""

    covers: Covers
    blocked_pictures: BlockedPictures
    pictures: Pictures


async def build_pictures(ground: Ground, undo: AsyncExitStack) -> PictureRoom:
    """The room, ready; `undo` stops it."""
    blocked = BlockedPictures(ground.store, ground.clock)
    await blocked.look()
    covers = Covers(ground.files, blocked)
    undo.push_async_callback(covers.stop)
    return PictureRoom(covers, blocked, Pictures(ground.store, ground.files, ground.clock, blocked))
