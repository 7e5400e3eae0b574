"""Figures for Prometheus: requests, streams, sockets, encoders, the loop's lag.

Owns one registry per server, so that two servers in one process (as in tests) do not add up each other's figures.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from tornado.web import RequestHandler

LAG_PROBE_SECONDS = 0.25


class Metrics:
    """The figures, and the text that a scraper reads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._seconds = Histogram(
            "tutti_request_seconds",
            "Time from request to end of answer, by door.",
            ["door", "method", "status"],
            registry=self.registry,
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60),
        )
        self._lag = Histogram(
            "tutti_loop_lag_seconds",
            "How late the event loop woke up: what every request waits for.",
            registry=self.registry,
            buckets=(0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1),
        )
        self.jobs = Counter(
            "tutti_job_runs_total", "Periodic jobs, by outcome.", ["job", "outcome"], registry=self.registry
        )
        self._task: asyncio.Task[None] | None = None

    def count_request(self, handler: RequestHandler) -> None:
        """Note one answered request under its door's name: bounded labels, never a path."""
        door = type(handler).__name__.removesuffix("Handler").lower()
        method = handler.request.method if handler.request.method in handler.SUPPORTED_METHODS else "OTHER"
        self._seconds.labels(door, method, str(handler.get_status())).observe(handler.request.request_time())

    def watch(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Export a figure that somebody else keeps."""
        Gauge(name, meaning, registry=self.registry).set_function(read)

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self.registry)

    def start(self) -> None:
        """Begin to measure the loop's lag."""
        self._task = asyncio.create_task(self._measure_lag(), name="loop lag")

    async def stop(self) -> None:
        """Stop measuring."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _measure_lag(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_PROBE_SECONDS
            await asyncio.sleep(LAG_PROBE_SECONDS)
            self._lag.observe(max(0.0, loop.time() - due))
