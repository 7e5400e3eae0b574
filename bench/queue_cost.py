"""What a pause of a queue of 2,000 songs costs beside one of 20, by parts: `python -m bench.queue_cost`.

CPU milliseconds of the reducer, of encoding what is written, and of the whole on the embedded store.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from services.connect.operations import NewItem, Operation, Origin, Pause, PlayNow, Resume
from services.connect.reducer import apply
from storage.collections.play_queues import PlayQueueShelf
from storage.records.play_queue import PlayQueue, QueueContext
from storage.sqlite import SqliteEngine

TIMES = 50


def _queue(size: int) -> PlayQueue:
    songs = tuple(NewItem(f"song-of-a-length-{at:08}", 180_000, Origin.CONTEXT) for at in range(size))
    empty = PlayQueue("ann", datetime(2026, 6, 1, tzinfo=UTC))
    return apply(empty, PlayNow(songs, QueueContext("songs")), 0.0).queue


async def _cost(folder: Path, size: int) -> tuple[float, float, float, float]:
    engine = SqliteEngine(folder / f"{size}.sqlite")
    await engine.start()
    try:
        shelf = PlayQueueShelf(engine)
        await shelf.insert(_queue(size))
        read = stepped = written = 0.0
        began = time.process_time()
        for turn in range(TIMES):
            operation: Operation = Pause() if turn % 2 == 0 else Resume()
            start = time.process_time()
            queue = await shelf.get("ann")
            assert queue is not None
            got = time.process_time()
            after = apply(queue, operation, 1000.0 * turn).queue
            done = time.process_time()
            assert await shelf.write_step(queue, after)
            read, stepped, written = read + got - start, stepped + done - got, written + time.process_time() - done
        whole = time.process_time() - began
    finally:
        await engine.stop()
    return tuple(each * 1000 / TIMES for each in (read, stepped, written, whole))  # type: ignore[return-value]


async def _main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        small, large = await _cost(Path(folder), 20), await _cost(Path(folder), 2_000)
    for name, few, many in zip(("read", "reducer", "write", "whole"), small, large, strict=True):
        print(f"{name:8} {few:8.3f} ms of 20, {many:8.3f} ms of 2,000: x {many / max(few, 1e-6):.1f}")


if __name__ == "__main__":
    asyncio.run(_main())
