"""What the back office keeps: how jobs went, errors that were logged, and what took long."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class JobRun:
    """One periodic job; its id is its name. `total` is 0 while nobody knows how much there is to do.

    `outcome` is `done`, `failed` or empty before the first end; `wanted_at` is set while somebody waits for a run.
    """

    id: str
    seconds: float = 0.0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    outcome: str = ""
    error: str = ""
    failed_at: datetime | None = None
    duration_ms: int = 0
    runs: int = 0
    failures: int = 0
    phase: str = ""
    done: int = 0
    total: int = 0
    told_at: datetime | None = None
    wanted_at: datetime | None = None


@dataclass(slots=True)
class LoggedError:
    """Warnings or errors that say the same, folded into one row; the id is made of level, logger and message."""

    id: str
    level: str
    logger: str
    message: str
    first_at: datetime
    last_at: datetime
    count: int = 0
    trace: str = ""
    detail: str = ""


@dataclass(slots=True)
class SlowAsk:
    """Requests or store commands of one shape that took long. `samples` are the last durations, in milliseconds."""

    id: str
    kind: str
    shape: str
    last_at: datetime
    count: int = 0
    worst_ms: float = 0.0
    samples: list[float] = field(default_factory=list)
    trace: str = ""
