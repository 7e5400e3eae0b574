"""Opens what data is kept in: the engine that the settings name, its indexes and its migrations, and the files."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from server.settings import Settings
from services.clock import Clock
from services.steady_engine import steady
from storage.collections.store import Store
from storage.engine import Engine, EngineAway
from storage.files import Files, LocalFiles
from storage.indexes import ensure_indexes
from storage.live.interface import LiveState
from storage.live.memory import MemoryLiveState
from storage.live.steady import SteadyLiveState
from storage.migrations.runner import migrate

if TYPE_CHECKING:
    from storage.live.redis_time import RedisTime

log = logging.getLogger("tutti.server")


def make_engine(settings: Settings) -> Engine:
    """The engine, not yet started. Its client library is imported only when it is the one in use."""
    mongodb = settings.storage.mongodb
    if mongodb.uri:
        from storage.mongo import MongoEngine

        return MongoEngine(
            mongodb.uri,
            database=mongodb.database,
            driver=mongodb.driver,
            pool=mongodb.pool_size,
            timeout_s=mongodb.timeout_ms / 1000,
        )
    from storage.sqlite import SqliteEngine

    settings.storage.data_dir.mkdir(parents=True, exist_ok=True)
    return SqliteEngine(settings.storage.data_dir / "tutti.db")


def make_files(settings: Settings, backend: str | None = None) -> Files:
    """The store of files, not yet started. Its client library is loaded only when it is the one in use."""
    if (backend or settings.files.backend) == "local":
        return LocalFiles(settings.storage.data_dir)
    from storage.files.s3 import S3Files
    from storage.files.s3_bucket import S3Address, S3Patience

    s3 = settings.files.s3
    address = S3Address(s3.bucket, s3.endpoint, s3.region, s3.access_key, s3.secret_key, s3.addressing)
    patience = S3Patience(s3.connect_seconds, s3.read_seconds, s3.attempts, s3.connections)
    return S3Files(address, prefix=s3.prefix, patience=patience, part_bytes=s3.part_bytes)


def make_live_state(settings: Settings, clock: Clock) -> LiveState:
    """What keeps state for a while, not yet started: this process's memory, or the Redis that processes share."""
    if settings.realtime.redis_url:
        from storage.live.redis import RedisLiveState

        return SteadyLiveState(RedisLiveState(settings.realtime.redis_url), clock.monotonic)
    return MemoryLiveState(clock.monotonic)


def make_shared_time(settings: Settings) -> RedisTime | None:
    """The time that all processes of the house share; None when it has one. Only several load Redis' library."""
    if not settings.realtime.redis_url:
        return None
    from storage.live.redis_time import RedisTime

    return RedisTime(settings.realtime.redis_url)


async def open_store(settings: Settings, clock: Clock) -> Store:
    """The started store, indexed and migrated. EngineAway with a readable reason when it cannot be had."""
    engine = make_engine(settings)
    try:
        await engine.start()
        if settings.server.processes > 1 and (await engine.ping()).get("product") == "FerretDB":
            raise EngineAway("FerretDB loses updates of several processes; set server.processes to 1, or use MongoDB")
        await migrate(engine, clock.now())
        await ensure_indexes(engine)
    except BaseException:
        await engine.stop()
        raise
    return Store(steady(engine))
