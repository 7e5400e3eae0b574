"""What people see in a terminal: progress bars, and the lines around them."""

from __future__ import annotations

import sys
from types import TracebackType

from tqdm import tqdm


class Bar:
    """A progress bar on standard error: a moving one in a terminal, quiet in a log."""

    def __init__(self, title: str, unit: str) -> None:
        self._bar = tqdm(
            desc=title, unit=f" {unit}", total=0, leave=False, disable=None, dynamic_ncols=True, mininterval=0.1
        )

    def show(self, done: int, total: int | None, note: str = "") -> None:
        """Move to `done` of `total` (None while it is not known)."""
        self._bar.total = total
        self._bar.set_postfix_str(note[:40], refresh=False)
        self._bar.update(done - self._bar.n)

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()


def say(line: str = "") -> None:
    """One line for the person at the terminal, at once."""
    print(line, flush=True)


def fail(line: str) -> int:
    """One line about what went wrong; the exit code that goes with it."""
    print(line, file=sys.stderr, flush=True)
    return 1
