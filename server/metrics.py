"""Figures for Prometheus: requests, streams, sockets, encoders, the loop's lag.

Owns one registry per server, so that two servers in one process (as in tests) do not add up each other's figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from tornado.web import RequestHandler

from services.loop_lag import LoopLag


class KeptElsewhere(Collector):
    """Counters whose figures others keep: name, meaning, and how they are read; some have a row for each label."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, Callable[[], float]]] = []
        self.tables: list[tuple[str, str, str, Callable[[], Mapping[str, int]]]] = []

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Each as it stands now."""
        for name, meaning, read in self.rows:
            yield CounterMetricFamily(name, meaning, value=read())
        for name, meaning, label, table in self.tables:
            family = CounterMetricFamily(name, meaning, labels=[label])
            for row, value in table().items():
                family.add_metric([row], value)
            yield family


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
        self._counted: dict[tuple[type, str | None, int], Histogram] = {}
        self._gauges: dict[str, Gauge] = {}
        self._kept_elsewhere = KeptElsewhere()
        self.registry.register(self._kept_elsewhere)

    def count_request(self, handler: RequestHandler) -> None:
        """Note one answered request under its door's name: bounded labels, never a path."""
        method = handler.request.method if handler.request.method in handler.SUPPORTED_METHODS else "OTHER"
        told = type(handler), method, handler.get_status()
        row = self._counted.get(told)
        if row is None:
            door = told[0].__name__.removesuffix("Handler").lower()
            row = self._counted[told] = self._seconds.labels(door, method, str(told[2]))
        row.observe(handler.request.request_time())

    def watch(self, name: str, meaning: str, read: Callable[[], float], **labels: str) -> None:
        """Export a figure that somebody else keeps; with labels, one row of it."""
        gauge = self._gauges.get(name)
        if gauge is None:
            gauge = self._gauges[name] = Gauge(name, meaning, list(labels), registry=self.registry)
        (gauge.labels(**labels) if labels else gauge).set_function(read)

    def count(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Export a figure that somebody else keeps and that only ever grows; `_total` is put to its name."""
        self._kept_elsewhere.rows.append((name, meaning, read))

    def count_by(self, label: str, name: str, meaning: str, read: Callable[[], Mapping[str, int]]) -> None:
        """As `count`, with a row for each name of a short list that somebody else keeps."""
        self._kept_elsewhere.tables.append((name, meaning, label, read))

    def hear_lag(self, lag: LoopLag) -> None:
        """Export how late the event loop is: each sample, the last one, and the worst of a minute."""
        lag.heard = self._lag.observe
        self.watch("tutti_loop_lag_last_seconds", "How late the event loop woke up last.", lambda: lag.last_s)
        self.watch("tutti_loop_lag_worst_seconds", "The same, at worst in the last minute.", lambda: lag.worst_s)

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self.registry)
