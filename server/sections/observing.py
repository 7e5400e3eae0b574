"""Settings of what is told to others who watch the house: traces and errors.

Owns names, defaults, bounds and meanings. Refuses to know where a value came from.
"""

from __future__ import annotations

from dataclasses import dataclass

from server.sections.setting import setting


@dataclass(frozen=True, slots=True)
class ObservingSettings:
    """Traces to an OpenTelemetry collector, errors to Sentry; both need `pip install .[observing]`."""

    otlp_url: str = setting(
        "",
        "Where traces go by OTLP over HTTP, such as `http://collector:4318/v1/traces`; empty sends none.",
        schemes=("http", "https"),
    )
    trace_percent: float = setting(
        10.0, "How many of a hundred requests are traced, unless the caller's `traceparent` decides.", least=0, most=100
    )
    sentry_dsn: str = setting(
        "",
        "Address of a Sentry project that errors are sent to, without people's data; empty sends none.",
        schemes=("https", "http"),
        secret=True,
    )
