"""What runs in a worker process: measures one sound after another, as it is told over a pipe.

Owns the manners of the process: last in line for the processor, gone with its parent. Refuses to know the store.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import traceback
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from services.analysis.decoding import LONGEST_SECONDS, Sound, TooLong
from services.analysis.measuring import Measures, NoSound, measure
from services.audio.ffmpeg import Ffmpeg, FfmpegFailed

NICENESS = 15


@dataclass(frozen=True, slots=True)
class Task:
    """One sound to measure, and how long decoding may take."""

    sound: Sound
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a sound could not be measured, in words for people; `bug` has the traceback of what should not happen."""

    reason: str
    bug: str | None = None


def work(pipe: Connection[Any, Any], ffmpeg_path: str) -> None:
    """Answer each Task with Measures or a Refusal, until the pipe or the parent ends."""
    _settle_in()
    ffmpeg = Ffmpeg(Path(ffmpeg_path))
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            task: Task = pipe.recv()
            pipe.send(answer(ffmpeg, task))


def answer(ffmpeg: Ffmpeg, task: Task) -> Measures | Refusal:
    """The measures of a task's sound, or why there are none."""
    try:
        return measure(ffmpeg, task.sound, timeout_s=task.timeout_s)
    except FfmpegFailed as failure:
        said = _plain(failure.stderr_tail, task.sound.path)
        return Refusal(f"It cannot be decoded ({said or failure.reason}).")
    except NoSound:
        return Refusal("It holds no sound.")
    except TooLong:
        return Refusal(f"It is longer than {LONGEST_SECONDS // 3600} hours.")
    except MemoryError:
        return Refusal("There was not enough memory to measure it.")
    except Exception:  # noqa: BLE001 - told to the parent, which logs it; one odd sound must not end the worker
        return Refusal("Something went wrong while it was measured.", traceback.format_exc())


def _settle_in() -> None:
    # A group of its own, so that Ctrl-C is the parent's business and the parent ends this process with its decoder.
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    threading.Thread(target=_end_with_parent, name="parent watch", daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os.killpg(0, signal.SIGKILL)


def _plain(words: str, path: str) -> str:
    """ffmpeg's last line, without the file's place: reasons are shown to people who need not know it."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return lines[-1].replace(f"file:{path}", "the file").replace(path, "the file")[:300] if lines else ""
