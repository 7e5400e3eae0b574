"""Opens the back office: what only the server knows is handed to the services that show it.

Owns hearing the log. Refuses to know who may see what.
"""

from __future__ import annotations

import importlib.metadata
import logging
import tomllib
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path

from server.composition import Household
from server.observe import without_secrets
from server.one_line import one_line
from services.office.error_log import ErrorLog
from services.steady_engine import hear_slow
from services.trace import current_trace

Readiness = Callable[[], Awaitable[dict[str, str]]]


class ErrorHearing(logging.Handler):
    """Hands warnings and errors of every logger to the error log: the constant message, the trace, the data."""

    def __init__(self, errors: ErrorLog) -> None:
        super().__init__(logging.WARNING)
        self._errors = errors

    def emit(self, record: logging.LogRecord) -> None:
        """Take one line in; a line that cannot be read is not worth a fault."""
        try:
            # With its data a message would be another one each time; library loggers write data into theirs.
            message = record.getMessage() if record.name.startswith("tutti") else str(record.msg)
            kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
            where = _where(record)
            detail = " ".join(part for part in (kind, where) if part)
            level = "critical" if record.levelno >= logging.CRITICAL else record.levelname.lower()
            self._errors.note(
                level if level in ("warning", "error", "critical") else "error",
                record.name,
                one_line(without_secrets(message)),
                trace=current_trace.get(),
                detail=one_line(without_secrets(detail)),
            )
        except (TypeError, ValueError):
            self.handleError(record)


def _where(record: logging.LogRecord) -> str:
    """The frames of the exception, by file and line: what it says may quote somebody's data, and is left out."""
    frames = []
    trace = record.exc_info[2] if record.exc_info else None
    while trace is not None:
        frames.append(f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " > ".join(frames[-12:]) or f"{record.filename}:{record.lineno}"


def open_office(household: Household, readiness: Readiness) -> Callable[[], None]:
    """Let the back office see; what is returned closes its eyes again."""
    house = household.house
    house.figures.readiness = readiness
    house.figures.version = version()
    hear_slow(
        household.store.engine,
        lambda shape, took_ms: house.slow_log.note("store", shape, took_ms),
        house.clock.monotonic,
    )
    hearing = ErrorHearing(house.error_log)
    logging.getLogger().addHandler(hearing)
    return lambda: logging.getLogger().removeHandler(hearing)


@cache
def version() -> str:
    """The product's version, from its own description, read once."""
    path = Path(__file__).parent.parent / "pyproject.toml"
    if path.is_file():
        return str(tomllib.loads(path.read_text(encoding="utf-8"))["project"]["version"])
    return importlib.metadata.version("tutti")
