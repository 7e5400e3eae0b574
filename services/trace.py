"""The id of the piece of work in hand, so that a log line and the sentence a person saw can be laid side by side.

Set at each door (HTTP request, socket operation, periodic job), read by whoever logs. Carries no other state.
"""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar

current_trace: ContextVar[str] = ContextVar("current_trace", default="-")

_SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")


def begin_trace(offered: str | None = None) -> str:
    """Start a piece of work under the caller's own id when it is a sane one, else under a fresh one."""
    trace = offered if offered is not None and _SANE.fullmatch(offered) else secrets.token_hex(8)
    current_trace.set(trace)
    return trace
