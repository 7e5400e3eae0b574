"""The one door to ffmpeg: where it is found, and how a child process is run to its end.

Owns child processes, blocking or awaited: bounded in time and output, dead when nobody waits for them any more.
Refuses to know formats, songs and profiles: the arguments come from the caller.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import threading
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

import imageio_ffmpeg

from services.errors import Unavailable

_TAIL_CHARACTERS = 2000
_PIPE_READ_BYTES = 1 << 16
Heard = Callable[[bytearray], Awaitable[None]]
"""Is given all that has come so far each time there is more."""

_QUIET = ("-hide_banner", "-loglevel", "error", "-nostats", "-y")


class FfmpegFailed(Exception):
    """ffmpeg ended with an error or took too long; `stderr_tail` holds its last words."""

    def __init__(self, reason: str, stderr_tail: str) -> None:
        super().__init__(f"{reason}: {stderr_tail}" if stderr_tail else reason)
        self.reason = reason
        self.stderr_tail = stderr_tail


class FfmpegRefused(FfmpegFailed):
    """It ended by itself, with an error."""


class WaitingFfmpeg:
    """An ffmpeg that has started, loaded its libraries and waits on standard input for the word what to do."""

    def __init__(self, child: Process) -> None:
        self._child = child

    @property
    def waits(self) -> bool:
        """Whether it is still there."""
        return self._child.returncode is None

    async def capture(
        self, told: bytes, *, limit_bytes: int, timeout_s: float, niceness: int = 0, heard: Heard | None = None
    ) -> bytes:
        """Tell it, and take what it writes, as `Ffmpeg.capture` does. Once only."""
        assert self._child.stdin is not None
        _give_way(self._child, niceness)
        self._child.stdin.write(told)
        self._child.stdin.close()
        return await _capture(self._child, limit_bytes, timeout_s, heard)

    async def end(self) -> None:
        """It is not wanted any more. Safe to call twice."""
        if self.waits:
            await _kill(self._child)


def find_ffmpeg(configured: str | None) -> Path:
    """The configured binary, else the one on PATH, else the one that came with the installed packages.

    Raises Unavailable when the configured one is not there, or none is found at all.
    """
    if configured:
        found = shutil.which(configured)
        if found is None:
            raise Unavailable(f"ffmpeg was configured as {configured}, but no such program can be run")
        return Path(found)
    found = shutil.which("ffmpeg")
    if found is not None:
        return Path(found)
    try:
        return Path(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise Unavailable("ffmpeg was found neither on PATH nor among the installed packages") from error


class Ffmpeg:
    """One ffmpeg binary. `run` and `pipe` block, for other threads and processes; `capture` and `count` are awaited."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._version: str | None = None

    def run(self, args: Sequence[str], *, stdin: bytes | None = None, timeout_s: float) -> bytes:
        """Run to the end and return what it wrote to standard output.

        Raises FfmpegFailed when it exits with an error or is still running after `timeout_s` (it is then killed).
        """
        command = [str(self.path), *_QUIET, *args]
        try:
            if stdin is None:
                nothing = subprocess.DEVNULL
                done = subprocess.run(command, stdin=nothing, capture_output=True, timeout=timeout_s, check=False)
            else:
                done = subprocess.run(command, input=stdin, capture_output=True, timeout=timeout_s, check=False)
        except subprocess.TimeoutExpired as error:
            raise FfmpegFailed(f"ffmpeg did not end within {timeout_s:g} s", _tail(error.stderr)) from error
        if done.returncode != 0:
            raise FfmpegRefused(f"ffmpeg ended with status {done.returncode}", _tail(done.stderr))
        return done.stdout

    @contextmanager
    def pipe(self, args: Sequence[str], *, timeout_s: float) -> Iterator[BinaryIO]:
        """Its standard output to read from while it runs, for worker threads and processes; blocks.

        Raises FfmpegFailed on leaving when it ended with an error or had to be killed after `timeout_s`. Leaving
        before its end kills it, and so does an exception.
        """
        command = [str(self.path), *_QUIET, *args]
        quiet = subprocess.DEVNULL
        try:
            child = subprocess.Popen(command, stdin=quiet, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        except OSError as error:
            raise FfmpegFailed("ffmpeg did not start", str(error)) from error
        assert child.stdout is not None
        assert child.stderr is not None
        said: list[bytes] = []
        listener = threading.Thread(target=_listen, args=(child.stderr, said), name="ffmpeg-stderr")
        late = threading.Event()

        def end() -> None:
            late.set()
            child.kill()

        watch = threading.Timer(timeout_s, end)
        watch.daemon = True
        listener.start()
        watch.start()
        try:
            yield cast(BinaryIO, child.stdout)
            at_its_end = child.stdout.read(1) == b""
            if at_its_end:
                child.wait()
        finally:
            child.kill()
            child.wait()
            watch.cancel()
            listener.join()
            child.stdout.close()
            child.stderr.close()
        if late.is_set():
            raise FfmpegFailed(f"ffmpeg did not end within {timeout_s:g} s", _tail(b"".join(said)))
        if at_its_end and child.returncode != 0:
            raise FfmpegRefused(f"ffmpeg ended with status {child.returncode}", _tail(b"".join(said)))

    def version(self) -> str:
        """The version as it names itself, such as `5.1.8-0+deb12u1`. Asked once; blocks that first time."""
        if self._version is None:
            first_line = self.run(["-version"], timeout_s=10.0).decode("utf-8", "replace").splitlines()[0]
            words = first_line.split()
            self._version = words[2] if len(words) > 2 else first_line
        return self._version

    async def capture(
        self,
        args: Sequence[str],
        *,
        limit_bytes: int,
        timeout_s: float,
        niceness: int = 0,
        heard: Heard | None = None,
    ) -> bytes:
        """What it wrote to standard output, at most `limit_bytes`. Cancelling the caller kills the child.

        `niceness` is by how much others go before it on the processors. `heard` is given all that has come so far
        each time there is more; what it raises kills the child. Raises FfmpegFailed when it ends with an error, writes
        more or takes longer. The child is gone when this returns or raises.
        """
        child = await self._begin(args)
        _give_way(child, niceness)
        return await _capture(child, limit_bytes, timeout_s, heard)

    async def begin(self, args: Sequence[str]) -> WaitingFfmpeg:
        """Start one whose arguments make it read standard input first. FfmpegFailed when it cannot be started."""
        return WaitingFfmpeg(await self._begin(["-nostdin", *args], stdin=asyncio.subprocess.PIPE))

    async def count(self, args: Sequence[str], *, timeout_s: float) -> int:
        """How many bytes it wrote to standard output, none of which is kept; otherwise as `capture`."""
        total = 0

        async def add(chunk: bytes) -> None:
            nonlocal total
            total += len(chunk)

        await _follow(await self._begin(args), add, timeout_s)
        return total

    async def _begin(self, args: Sequence[str], *, stdin: int = asyncio.subprocess.DEVNULL) -> Process:
        command = [str(self.path), *_QUIET, *args]
        pipe = asyncio.subprocess.PIPE
        try:
            return await asyncio.create_subprocess_exec(*command, stdin=stdin, stdout=pipe, stderr=pipe)
        except OSError as error:
            raise FfmpegFailed("ffmpeg did not start", str(error)) from error


async def _capture(child: Process, limit_bytes: int, timeout_s: float, heard: Heard | None) -> bytes:
    kept = bytearray()

    async def keep(chunk: bytes) -> None:
        kept.extend(chunk)
        if len(kept) > limit_bytes:
            raise FfmpegFailed(f"ffmpeg wrote more than {limit_bytes} bytes", "")
        if heard is not None:
            await heard(kept)

    await _follow(child, keep, timeout_s)
    return bytes(kept)


async def _follow(child: Process, take: Callable[[bytes], Awaitable[None]], timeout_s: float) -> None:
    assert child.stdout is not None
    assert child.stderr is not None
    said = asyncio.create_task(_last_words(child.stderr), name=f"ffmpeg-stderr-{child.pid}")
    try:
        async with asyncio.timeout(timeout_s):
            while chunk := await child.stdout.read(_PIPE_READ_BYTES):
                await take(chunk)
            status = await child.wait()
            words = await said
    except TimeoutError:
        raise FfmpegFailed(f"ffmpeg did not end within {timeout_s:g} s", "") from None
    finally:
        if child.returncode is None:
            await _kill(child)
        said.cancel()
        await asyncio.gather(said, return_exceptions=True)
    if status != 0:
        raise FfmpegRefused(f"ffmpeg ended with status {status}", _tail(words))


async def _kill(child: Process) -> None:
    assert child.stdout is not None
    with contextlib.suppress(ProcessLookupError):
        child.kill()
    # Its last output has to be taken, or a full pipe that nobody reads would keep `wait` waiting.
    while await child.stdout.read(_PIPE_READ_BYTES):
        pass
    await child.wait()


def _give_way(child: Process, niceness: int) -> None:
    if niceness:
        # One that has ended already needs no processor.
        with contextlib.suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, child.pid, max(niceness, os.getpriority(os.PRIO_PROCESS, 0)))


async def _last_words(stream: asyncio.StreamReader) -> bytes:
    tail = b""
    while chunk := await stream.read(_PIPE_READ_BYTES):
        tail = (tail + chunk)[-_TAIL_CHARACTERS:]
    return tail


def _listen(stream: IO[bytes], said: list[bytes]) -> None:
    tail = b""
    while chunk := stream.read(_PIPE_READ_BYTES):
        tail = (tail + chunk)[-_TAIL_CHARACTERS:]
    said.append(tail)


def _tail(stderr: bytes | None) -> str:
    return (stderr or b"").decode("utf-8", "replace").strip()[-_TAIL_CHARACTERS:]
