"""A bounded pool of processes that measure sounds.

Owns their lives: started when there is something to do (fresh interpreters, never copies of this one), replaced when
they die, ended with whatever they run when nobody waits any more. Refuses to know which sounds, and why.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import signal
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from services.analysis.measuring import Measures
from services.analysis.worker import Refusal, Task, work

_THREAD_SETTINGS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
GRACE_S = 5.0
"""How much longer than its task's time a worker is waited for."""


class WorkerDied(Exception):
    """The process ended while it measured: killed, or out of memory. `status` is its exit code, negative a signal."""

    def __init__(self, status: int | None) -> None:
        super().__init__(f"a worker ended with status {status}")
        self.status = status


class TookTooLong(Exception):
    """The process was still measuring when its time was over; it is gone now."""


class Worker:
    """One process. Used by one task at a time."""

    def __init__(self, process: SpawnProcess, pipe: Connection[Any, Any]) -> None:
        self._process = process
        self._pipe = pipe

    @property
    def pid(self) -> int:
        """The process's id, which is its group's as well."""
        return self._process.pid or 0

    @property
    def alive(self) -> bool:
        """Whether it can be given work."""
        return self._process.is_alive()

    async def measure(self, task: Task) -> Measures | Refusal:
        """Its answer. WorkerDied, TookTooLong. When the caller is cancelled the worker is of no use any more."""
        try:
            # A task is some hundred bytes: a pipe takes it at once.
            self._pipe.send(task)
            async with asyncio.timeout(task.timeout_s + GRACE_S):
                await self._readable()
            answer: Measures | Refusal = await asyncio.to_thread(self._pipe.recv)
        except TimeoutError:
            await self.end()
            raise TookTooLong from None
        except (EOFError, OSError):
            await self.end()
            raise WorkerDied(self._process.exitcode) from None
        return answer

    async def end(self) -> None:
        """Kill it with all it started, and see it gone. Safe to call twice."""
        if self.pid:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                # Gone already, or too young to have a group of its own.
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
            await asyncio.to_thread(self._process.join)
        self._pipe.close()

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        handle = self._pipe.fileno()
        loop.add_reader(handle, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(handle)


class Workers:
    """At most `size` workers. `lost` counts those that died at work."""

    def __init__(self, ffmpeg_path: Path, size: int) -> None:
        self.size = max(1, size)
        self.lost = 0
        self._ffmpeg_path = str(ffmpeg_path)
        self._places = asyncio.Semaphore(self.size)
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()

    @property
    def pids(self) -> list[int]:
        """The living processes."""
        return sorted(worker.pid for worker in self._all)

    async def measure(self, task: Task) -> Measures | Refusal:
        """The answer of the next worker that is free. WorkerDied, TookTooLong; cancelling kills what it runs."""
        async with self._places:
            worker = await self._take()
            try:
                answer = await worker.measure(task)
            except BaseException as fault:
                if isinstance(fault, WorkerDied):
                    self.lost += 1
                self._all.discard(worker)
                await asyncio.shield(worker.end())
                raise
            self._idle.append(worker)
            return answer

    async def rest(self) -> None:
        """End the workers that have nothing to do: each holds some 40 MB."""
        idle, self._idle = self._idle, []
        self._all.difference_update(idle)
        await asyncio.gather(*(worker.end() for worker in idle))

    async def stop(self) -> None:
        """End every worker, at work or not. Safe to call twice."""
        workers, self._idle = list(self._all), []
        self._all.clear()
        await asyncio.gather(*(worker.end() for worker in workers))

    async def _take(self) -> Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.alive:
                return worker
            self._all.discard(worker)
            await worker.end()
        # Not to be cancelled half way: a process that nobody knows of would stay.
        starting = asyncio.ensure_future(asyncio.to_thread(_start, self._ffmpeg_path))
        try:
            worker = await asyncio.shield(starting)
        except asyncio.CancelledError:
            await (await starting).end()
            raise
        self._all.add(worker)
        return worker


def _start(ffmpeg_path: str) -> Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs, ffmpeg_path), name="sound analysis", daemon=True)
    for name in _THREAD_SETTINGS:
        # numpy's matrix library looks once, while it is loaded; children inherit this, our own has been loaded.
        os.putenv(name, "1")
    try:
        process.start()
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
    return Worker(process, ours)
