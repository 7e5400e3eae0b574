"""Is it alive, can it work, how does it feel: `/healthz`, `/readyz`, `/metrics`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from handlers.base import BaseHandler
from services.viewer import Role


class LiveHandler(BaseHandler):
    """200 as long as the loop turns."""

    access = Role.ANYONE

    async def get(self) -> None:
        """Say so."""
        self.set_header("Cache-Control", "no-store")
        self.write_json({"status": "alive"})

    async def head(self) -> None:
        """As GET, in headers alone."""
        await self.get()


class ReadyHandler(BaseHandler):
    """200 when every part that requests need answers, 503 with the reasons otherwise, also while stopping."""

    access = Role.ANYONE
    readiness: Callable[[], Awaitable[dict[str, str]]]

    async def get(self) -> None:
        """Each part and `ok`, or what is wrong with it."""
        parts = await self.readiness()
        ready = all(state == "ok" for state in parts.values())
        self.set_header("Cache-Control", "no-store")
        self.write_json({"status": "ready" if ready else "not ready", "parts": parts}, 200 if ready else 503)

    async def head(self) -> None:
        """As GET, in headers alone."""
        await self.get()


class MetricsHandler(BaseHandler):
    """Figures for Prometheus. They name no person and no song."""

    access = Role.ANYONE
    figures: Callable[[], Awaitable[bytes]]

    async def get(self) -> None:
        """All figures as text."""
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(await self.figures())

    async def head(self) -> None:
        """As GET, in headers alone."""
        await self.get()
