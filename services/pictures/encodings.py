"""The formats a picture is sent in: JPEG for everybody, WebP and AVIF for who asks, drawn from the JPEG once and kept.

Owns the workers and the bound on what waits for them. Refuses to know who asks and over what.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image as Pillow
from PIL import features

from services.errors import Unavailable
from storage.files import Files

log = logging.getLogger("tutti.pictures")

WORKERS = 2
WAITING_LIMIT = 64


@dataclass(frozen=True, slots=True)
class Encoding:
    """One format: its media type, the suffix of its files, Pillow's name for it and how it is drawn."""

    content_type: str
    suffix: str
    format: str
    options: tuple[tuple[str, Any], ...] = ()


JPEG = Encoding("image/jpeg", "jpg", "JPEG")
# Averages of four drawn covers of 1200 and 300 pixels, one thread: WebP at method 4 takes 40 and 53 % of the JPEG's
# bytes in 160 and 13 ms, AVIF at speed 6 takes 33 and 43 % in 1,040 and 150 ms. On a grainy photograph AVIF at speed 9
# is five times as fast and half as large again. Each is drawn once and sent for ever, so the smaller file wins.
_OTHERS = (
    Encoding("image/avif", "avif", "AVIF", (("quality", 60), ("speed", 6), ("max_threads", 1))),
    Encoding("image/webp", "webp", "WEBP", (("quality", 80), ("method", 4))),
)
ENCODINGS = (*(each for each in _OTHERS if features.check(each.suffix)), JPEG)
"""The best first. AVIF and WebP only where the installed Pillow can draw them."""


class Encoder:
    """Makes the other formats of kept pictures, two at a time; at most 64 may wait."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="pictures")
        self._under_way: dict[str, asyncio.Task[bool]] = {}
        self.drawn = 0

    async def make(self, source: str, key: str, encoding: Encoding) -> bool:
        """Whether the picture is kept under `key` now, drawn from the JPEG kept as `source`; False when too many wait.

        Several who ask for one picture share one drawing, and who stops waiting does not stop it for the others.
        """
        task = self._under_way.get(key)
        if task is None:
            if len(self._under_way) >= WAITING_LIMIT:
                return False
            task = asyncio.create_task(self._draw(source, key, encoding), name=f"draw {key}")
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        return await asyncio.shield(task)

    async def stop(self) -> None:
        """Let go of what waits; a drawing that has begun ends, and its file is whole or not there."""
        for task in list(self._under_way.values()):
            task.cancel()
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _draw(self, source: str, key: str, encoding: Encoding) -> bool:
        loop = asyncio.get_running_loop()
        try:
            jpeg = await self._files.get(source)
            if jpeg is None:
                return False
            await self._files.put(key, await loop.run_in_executor(self._pool, _encoded, jpeg, encoding))
        except (OSError, Unavailable) as error:
            # A full disk or a damaged JPEG: the picture still goes out as it is kept.
            log.warning("a picture could not be drawn", extra={"key": key, "reason": str(error)})
            return False
        self.drawn += 1
        return True


def _encoded(jpeg: bytes, encoding: Encoding) -> bytes:
    buffer = BytesIO()
    with Pillow.open(BytesIO(jpeg), formats=("JPEG",)) as picture:
        picture.save(buffer, encoding.format, **dict(encoding.options))
    return buffer.getvalue()
