"""Opens what data is kept in: the engine that the settings name, its indexes and its migrations."""

from __future__ import annotations

import logging

from server.settings import Settings
from services.clock import Clock
from services.steady_engine import steady
from storage.collections.store import Store
from storage.engine import Engine
from storage.indexes import ensure_indexes
from storage.migrations.runner import migrate

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


async def open_store(settings: Settings, clock: Clock) -> Store:
    """The started store, indexed and migrated. EngineAway with a readable reason when it cannot be had."""
    engine = make_engine(settings)
    try:
        await engine.start()
        await migrate(engine, clock.now())
        await ensure_indexes(engine)
    except BaseException:
        await engine.stop()
        raise
    return Store(steady(engine))
