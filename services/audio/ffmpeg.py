"""The one door to ffmpeg: where it is found, and how a child process is run to its end.

Owns child processes. Refuses to know formats, songs and profiles: the arguments come from the caller.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import imageio_ffmpeg

from services.errors import Unavailable

_TAIL_CHARACTERS = 2000


class FfmpegFailed(Exception):
    """ffmpeg ended with an error or took too long; `stderr_tail` holds its last words."""

    def __init__(self, reason: str, stderr_tail: str) -> None:
        super().__init__(f"{reason}: {stderr_tail}" if stderr_tail else reason)
        self.reason = reason
        self.stderr_tail = stderr_tail


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
    """One ffmpeg binary; blocking calls, for worker threads and processes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def run(self, args: Sequence[str], *, stdin: bytes | None = None, timeout_s: float) -> bytes:
        """Run to the end and return what it wrote to standard output.

        Raises FfmpegFailed when it exits with an error or is still running after `timeout_s` (it is then
        killed).
        """
        command = [str(self.path), "-hide_banner", "-loglevel", "error", "-nostats", "-y", *args]
        try:
            # Without input of its own ffmpeg would read the terminal's: give it nothing.
            done = subprocess.run(
                command, input=stdin or b"", capture_output=True, timeout=timeout_s, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise FfmpegFailed(f"ffmpeg did not end within {timeout_s:g} s", _tail(error.stderr)) from error
        if done.returncode != 0:
            raise FfmpegFailed(f"ffmpeg ended with status {done.returncode}", _tail(done.stderr))
        return done.stdout

    def version(self) -> str:
        """The version as it names itself, such as `5.1.8-0+deb12u1`."""
        first_line = self.run(["-version"], timeout_s=10.0).decode("utf-8", "replace").splitlines()[0]
        words = first_line.split()
        return words[2] if len(words) > 2 else first_line


def _tail(stderr: bytes | None) -> str:
    return (stderr or b"").decode("utf-8", "replace").strip()[-_TAIL_CHARACTERS:]
