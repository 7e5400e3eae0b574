"""The process that learns, seen from the server: started, listened to, ended whatever happens.

Owns its life and its time. Refuses to know what it reads, and what becomes of what it makes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from asyncio.subprocess import Process
from pathlib import Path

from services.discovery.learning.process import OUT_OF_MEMORY
from services.discovery.learning.rules import TrainingRules

log = logging.getLogger("tutti.discovery")

PROJECT = Path(__file__).resolve().parents[3]
_ERRORS_KEPT = 2_000


class Learner:
    """Starts a fresh interpreter for each training, never a copy of this one."""

    def __init__(self, rules: TrainingRules) -> None:
        self._rules = rules

    async def learn(self, workplace: Path, version: str) -> bool:
        """Whether the process made a version in the folder's `made`. It is gone when this returns, however it ended."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "services.discovery.learning.process",
            str(workplace),
            version,
            str(self._rules.memory_bytes),
            cwd=PROJECT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            # Ctrl-C is ours: it ends when its standard input does.
            start_new_session=True,
        )
        assert process.stdout is not None and process.stderr is not None
        try:
            async with asyncio.timeout(self._rules.seconds):
                _, errors = await asyncio.gather(_tell_progress(process.stdout), _tail(process.stderr))
                status = await process.wait()
        except TimeoutError:
            log.warning("learning took too long", extra={"seconds": self._rules.seconds})
            status, errors = None, ""
        finally:
            # Not to be cancelled half way: nobody else would see to its end.
            await asyncio.shield(_end(process))
        if status == OUT_OF_MEMORY:
            log.warning("learning needs more memory than it may take", extra={"bytes": self._rules.memory_bytes})
        elif status:
            log.error("learning failed", extra={"status": status, "errors": errors})
        return status == 0


async def _end(process: Process) -> None:
    """Kill it if it lives, and see it gone with its pipes."""
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    process.stdin.close()
    await asyncio.gather(process.stdout.read(), process.stderr.read())
    await process.wait()


async def _tell_progress(lines: asyncio.StreamReader) -> None:
    """Log each tenth of the way."""
    told = 0
    while line := await lines.readline():
        with contextlib.suppress(ValueError):
            tenth = int(float(line) * 10)
            if tenth > told:
                told = tenth
                log.info("learning", extra={"done_percent": tenth * 10})


async def _tail(stream: asyncio.StreamReader) -> str:
    """The last of what it says, all of it read."""
    kept = b""
    while piece := await stream.read(4_096):
        kept = (kept + piece)[-_ERRORS_KEPT:]
    return kept.decode(errors="replace")
