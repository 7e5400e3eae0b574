"""The house as admins see it: jobs, errors, slow things, storage, health."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.paging import asks_for
from services.office.figures import FolderUse, HouseHealth, PartState, StorageFigures
from services.office.holdings import Holdings
from services.office.slow_log import percentile
from services.paging import Page, slice_of
from storage.records.office import JobRun, LoggedError, SlowAsk


class LogLevel(StrEnum):
    """How bad a line is."""

    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


class SlowKind(StrEnum):
    """What took long."""

    GRAPHQL = "graphql"
    STORE = "store"


class SlowOrder(StrEnum):
    """Orders of slow things."""

    LAST = "last"
    COUNT = "count"
    WORST = "worst"


@dataclass(slots=True)
class RunJob:
    """What asking for a job gives."""

    job: JobRun


@dataclass(slots=True)
class PurgeAudioCache:
    """What purging gives."""

    freed_bytes: int


@dataclass(slots=True)
class ClearOfficeLog:
    """What clearing gives."""

    cleared: int


RECORDS = {
    "AdminHoldings": Holdings,
    "AdminJob": JobRun,
    "AdminError": LoggedError,
    "AdminSlow": SlowAsk,
    "AdminFolder": FolderUse,
    "AdminStorage": StorageFigures,
    "AdminPart": PartState,
    "AdminHealth": HouseHealth,
    "RunJob": RunJob,
    "PurgeAudioCache": PurgeAudioCache,
    "ClearOfficeLog": ClearOfficeLog,
}
ENUMS = {"LogLevel": LogLevel, "SlowKind": SlowKind, "SlowOrder": SlowOrder}


@resolves("Query.adminHoldings")
def admin_holdings(_: None, info: Info) -> Any:
    """How much there is."""
    return info.context.house.holdings.holdings(info.context.viewer)


@resolves("Query.adminJobs")
def admin_jobs(_: None, info: Info) -> Any:
    """Every job."""
    return info.context.house.job_board.listing(info.context.viewer)


@resolves("Query.adminImportFolders")
def admin_import_folders(_: None, info: Info) -> list[str]:
    """Folders of the settings."""
    return info.context.house.import_now.names(info.context.viewer)


@resolves("Query.adminErrors")
async def admin_errors(_: None, info: Info, level: str | None = None, **part: Any) -> Page[LoggedError]:
    """What was logged."""
    listing, counted = info.context.house.error_log.listing, asks_for(info, "totalCount")
    return await listing(info.context.viewer, slice_of(**part), level=level and str(level), counted=counted)


@resolves("Query.adminSlow")
async def admin_slow(_: None, info: Info, sort: str, kind: str | None = None, **part: Any) -> Page[SlowAsk]:
    """What took long."""
    listing, counted, shown = info.context.house.slow_log.listing, asks_for(info, "totalCount"), kind and str(kind)
    return await listing(info.context.viewer, slice_of(**part), kind=shown, order=str(sort), counted=counted)


@resolves("Query.adminStorage")
def admin_storage(_: None, info: Info) -> Any:
    """What lies where."""
    return info.context.house.figures.storage(info.context.viewer)


@resolves("Query.adminHealth")
def admin_health(_: None, info: Info) -> Any:
    """How it stands."""
    return info.context.house.figures.health(info.context.viewer)


@resolves("AdminJob.name")
def name(job: JobRun, _info: Info) -> str:
    """Its name, which is its id."""
    return job.id


@resolves("AdminJob.isRunning")
def is_running(job: JobRun, info: Info) -> bool:
    """Whether a process is at it."""
    return info.context.house.job_board.is_running(job)


@resolves("AdminJob.isWanted")
def is_wanted(job: JobRun, _info: Info) -> bool:
    """Whether somebody waits for it."""
    return job.wanted_at is not None


@resolves("AdminJob.nextAt")
def next_at(job: JobRun, _info: Info) -> datetime | None:
    """When it runs next, about."""
    began = job.started_at
    return began + timedelta(seconds=job.seconds) if job.seconds and began is not None else None


@resolves("AdminSlow.p50Ms")
def p50_ms(slow: SlowAsk, _info: Info) -> float:
    """The median."""
    return percentile(slow.samples, 0.5)


@resolves("AdminSlow.p95Ms")
def p95_ms(slow: SlowAsk, _info: Info) -> float:
    """The 95th percentile."""
    return percentile(slow.samples, 0.95)


@resolves("Mutation.runJob")
async def run_job(_: None, info: Info, name: str) -> RunJob:
    """A job that begins soon."""
    return RunJob(await info.context.house.job_board.run_now(info.context.viewer, name))


@resolves("Mutation.purgeAudioCache")
async def purge_audio_cache(_: None, info: Info) -> PurgeAudioCache:
    """What is free by it."""
    return PurgeAudioCache(await info.context.house.figures.purge_cache(info.context.viewer))


@resolves("Mutation.clearErrorLog")
async def clear_error_log(_: None, info: Info) -> ClearOfficeLog:
    """How many rows went."""
    return ClearOfficeLog(await info.context.house.error_log.clear(info.context.viewer))


@resolves("Mutation.clearSlowLog")
async def clear_slow_log(_: None, info: Info) -> ClearOfficeLog:
    """How many rows went."""
    return ClearOfficeLog(await info.context.house.slow_log.clear(info.context.viewer))
