"""Child processes: the one place that starts any.

Owns: finding ffmpeg, running it with bounded time and output, blocking or awaited, and killing it when nobody waits
any more. Refuses to know what the arguments mean.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from services.errors import Unavailable

_STDERR_TAIL_BYTES = 2000
_PIPE_READ_BYTES = 1 << 16


class FfmpegFailed(Exception):
    """ffmpeg ended badly, ran too long or wrote too much; the text ends with the last it had to say."""


def find_ffmpeg(configured: str | None = None) -> Path:
    """The ffmpeg to use: the configured one, else that of PATH, else the one of the imageio-ffmpeg package.

    Unavailable, with a sentence that says what to do, when there is none.
    """
    if configured:
        found = shutil.which(configured)
        if found is None:
            raise Unavailable(f"The configured ffmpeg ({configured}) cannot be run.", code="FFMPEG_MISSING")
        return Path(found)
    found = shutil.which("ffmpeg")
    if found is not None:
        return Path(found)
    try:
        import imageio_ffmpeg

        return Path(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        raise Unavailable("No ffmpeg: install it, or the package imageio-ffmpeg.", code="FFMPEG_MISSING") from None


class Ffmpeg:
    """One ffmpeg binary. Every call has a time-out and a bound on what it keeps."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._version: str | None = None

    def version(self) -> str:
        """Its version as it prints it, such as `5.1.9-0+deb12u1`. Asked once; blocks the first time."""
        if self._version is None:
            first = self.run(["-version"], timeout_s=20).decode("utf-8", "replace").split("\n", 1)[0]
            words = first.split()
            self._version = words[2] if len(words) > 2 else "unknown"
        return self._version

    def run(self, args: Sequence[str], stdin: bytes | None = None, *, timeout_s: float = 600) -> bytes:
        """What it wrote to standard output. Blocks: for worker threads and commands. FfmpegFailed says why not."""
        command = [str(self.path), "-hide_banner", "-nostdin", *args]
        if stdin is not None:
            command.remove("-nostdin")
        try:
            done = subprocess.run(
                command,
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                capture_output=True,
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise FfmpegFailed(f"ffmpeg took more than {timeout_s} s") from None
        except OSError as error:
            raise FfmpegFailed(f"ffmpeg did not start: {error}") from error
        if done.returncode != 0:
            raise FfmpegFailed(_ending(done.returncode, done.stderr))
        return done.stdout

    async def capture(self, args: Sequence[str], *, limit_bytes: int, timeout_s: float) -> bytes:
        """What it wrote to standard output, at most `limit_bytes`. Cancelling the caller kills the child.

        FfmpegFailed when it ends badly, writes more, or takes longer; the child is gone when this returns or raises.
        """
        kept = bytearray()

        def keep(chunk: bytes) -> None:
            kept.extend(chunk)
            if len(kept) > limit_bytes:
                raise FfmpegFailed(f"ffmpeg wrote more than {limit_bytes} bytes")

        await self._stream(args, keep, timeout_s)
        return bytes(kept)

    async def count(self, args: Sequence[str], *, timeout_s: float) -> int:
        """How many bytes it wrote to standard output, kept nowhere. Otherwise as `capture`."""
        total = 0

        def add(chunk: bytes) -> None:
            nonlocal total
            total += len(chunk)

        await self._stream(args, add, timeout_s)
        return total

    async def _stream(self, args: Sequence[str], take: Callable[[bytes], None], timeout_s: float) -> None:
        try:
            child = await asyncio.create_subprocess_exec(
                str(self.path),
                "-hide_banner",
                "-nostdin",
                *args,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        except OSError as error:
            raise FfmpegFailed(f"ffmpeg did not start: {error}") from error
        assert child.stdout is not None
        assert child.stderr is not None
        tail = asyncio.create_task(_last_words(child.stderr), name=f"ffmpeg-stderr-{child.pid}")
        try:
            async with asyncio.timeout(timeout_s):
                while chunk := await child.stdout.read(_PIPE_READ_BYTES):
                    take(chunk)
                code = await child.wait()
                said = await tail
        except TimeoutError:
            raise FfmpegFailed(f"ffmpeg took more than {timeout_s} s") from None
        finally:
            if child.returncode is None:
                child.kill()
                # A killed child is reaped at once; waiting here leaves no zombie and no open pipe behind.
                await asyncio.shield(child.wait())
            tail.cancel()
            await asyncio.gather(tail, return_exceptions=True)
        if code != 0:
            raise FfmpegFailed(_ending(code, said))


async def _last_words(stream: asyncio.StreamReader) -> bytes:
    tail = b""
    while chunk := await stream.read(_PIPE_READ_BYTES):
        tail = (tail + chunk)[-_STDERR_TAIL_BYTES:]
    return tail


def _ending(code: int, said: bytes) -> str:
    words = said[-_STDERR_TAIL_BYTES:].decode("utf-8", "replace").strip()
    return f"ffmpeg ended with {code}: {words}" if words else f"ffmpeg ended with {code}"
