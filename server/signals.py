"""SIGTERM and SIGINT: the first asks to finish, a second one ends the process at once.

Owns what the two signals mean to commands that stay. Refuses to know what finishing takes.
"""

from __future__ import annotations

import asyncio
import signal

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def stop_on_signals(stop: asyncio.Event) -> None:
    """Set `stop` at the first signal; the next one finds the system's own handling, which ends the process."""
    loop = asyncio.get_running_loop()

    def heard() -> None:
        stop.set()
        for number in SIGNALS:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)

    for number in SIGNALS:
        loop.add_signal_handler(number, heard)
