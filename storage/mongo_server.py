"""The server that a MongoDB engine speaks to: connecting, what product it is, and its collections.

Owns the options of the connection. Refuses to know the engine's protocol.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

from bson.codec_options import CodecOptions

from storage.engine import EngineAway, StorageError
from storage.mongo_driver import Driver, DriverName, translated

_LOWEST_VERSION = (6, 0)


class MongoServer:
    """The server at `uri` and one database of it. `product` is what `ping` told at the start."""

    def __init__(self, uri: str, database: str, driver: DriverName, pool: int, timeout_s: float) -> None:
        self._uri = uri
        self._database = database
        self._driver_name = driver
        timeout_ms = int(timeout_s * 1000)
        self._options: dict[str, Any] = {
            "maxPoolSize": pool,
            "timeoutMS": timeout_ms,
            "serverSelectionTimeoutMS": timeout_ms,
            "connectTimeoutMS": min(timeout_ms, 5000),
            "retryReads": True,
            "retryWrites": True,
            "w": "majority",
            "appname": "tutti",
        }
        self._driver: Driver | None = None
        self._collections: Any = None
        self.product: dict[str, str] = {}

    async def start(self) -> None:
        """Connect and learn what the server is; EngineAway when it does not answer or is too old."""
        with translated("?"):
            self._driver = Driver(self._driver_name, self._uri, self._options)
        try:
            self.product = await self.ping()
            version = tuple(int(part) for part in self.product["server"].split(".")[:2])
            if version < _LOWEST_VERSION:
                raise EngineAway(f"MongoDB {self.product['server']} is too old; 6.0 or newer is needed")
        except StorageError:
            await self.stop()
            raise
        options: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)
        self._collections = self._driver.client.get_database(self._database, codec_options=options)

    async def stop(self) -> None:
        """Close the connections. Safe to call twice."""
        driver, self._driver = self._driver, None
        self._collections = None
        if driver is not None:
            await driver.close()

    async def ping(self) -> dict[str, str]:
        """Product and version, and the MongoDB version it speaks as `server`."""
        with translated("?"):
            info = await self.driver.client.admin.command("buildInfo")
        ferret = info.get("ferretdbVersion") or (info.get("ferretdb") or {}).get("version")
        product = {"product": "FerretDB" if ferret else "MongoDB", "version": str(ferret or info["version"])}
        return product | {"server": str(info["version"])}

    async def command(self, name: str, value: Any) -> Any:
        """What the database answers to a command."""
        return await self._collections.command(name, value)

    @property
    def driver(self) -> Driver:
        """The open driver. EngineAway before the start."""
        if self._driver is None:
            raise EngineAway("the MongoDB engine is not started")
        return self._driver

    def collection(self, name: str) -> Any:
        """A collection of the database. EngineAway before the start."""
        if self._collections is None:
            raise EngineAway("the MongoDB engine is not started")
        return self._collections[name]
