"""The figures of several processes as one text: every row says which process it is of, nothing is added up.

Sums are the scraper's work (`sum by (door)`): it alone knows what of a gauge can be added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

LABEL = "process"


class _Kept(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from self._families


def merged(texts: Mapping[str, str]) -> bytes:
    """The rows of each text (Prometheus' format) with the label `process`, its key, put to them."""
    families: dict[str, Metric] = {}
    for process, text in texts.items():
        for told in text_string_to_metric_families(text):
            family = families.setdefault(told.name, Metric(told.name, told.documentation, told.type))
            for row in told.samples:
                family.add_sample(row.name, {**row.labels, LABEL: process}, row.value)
    registry = CollectorRegistry()
    registry.register(_Kept(families.values()))
    return generate_latest(registry)
