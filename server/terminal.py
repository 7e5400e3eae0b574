"""What people see in a terminal: progress bars, and the lines around them."""

from __future__ import annotations

import sys
import threading
from types import TracebackType

from tqdm import tqdm

from server.one_line import harmless_lines, one_line
from services.library.summary import Progress


class Bar:
    """A progress bar on standard error: a moving one in a terminal, silent in a log. Any thread may move it."""

    def __init__(self, title: str, unit: str) -> None:
        self._lock = threading.Lock()
        self._bar = tqdm(
            desc=title, unit=f" {unit}", total=0, leave=False, disable=None, dynamic_ncols=True, mininterval=0.1
        )

    def show(self, done: int, total: int | None, note: str = "", title: str | None = None) -> None:
        """Move to `done` of `total` (None while it is not known)."""
        if self._bar.disable:
            return
        with self._lock:
            if title is not None and self._bar.desc != title:
                self._bar.desc = title
            self._bar.total = total
            self._bar.set_postfix_str(note[-40:], refresh=False)
            self._bar.update(done - self._bar.n)

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()


class ImportBar:
    """The bar of an import, which names the phase it is in."""

    def __init__(self) -> None:
        self._bar = Bar("Looking", "files")

    def show(self, progress: Progress) -> None:
        """Move to where the import is."""
        name = one_line(progress.path.rpartition("/")[2])
        self._bar.show(progress.done, progress.total or None, name, progress.phase.capitalize())

    def __enter__(self) -> ImportBar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.__exit__(kind, error, trace)


def say(line: str = "") -> None:
    """One line for the person at the terminal, at once."""
    print(harmless_lines(line), flush=True)


def fail(line: str) -> int:
    """One line about what went wrong; the exit code that goes with it."""
    print(harmless_lines(line), file=sys.stderr, flush=True)
    return 1
