"""What others who watch the house are sent: a span for each traced request (OpenTelemetry), errors (Sentry).

Both libraries are optional and loaded only where the settings name an address. Owns what is told: doors, outcomes and
times; never an address of a visitor, a path, a header or a body.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from tornado.web import RequestHandler

from server.observe import without_secrets
from server.sections.observing import ObservingSettings
from services.clock import Clock
from services.errors import Unavailable
from services.trace import current_trace

HINT = "pip install 'opentelemetry-sdk' 'opentelemetry-exporter-otlp-proto-http' 'sentry-sdk' (the extra `observing`)"


class Telling:
    """Begins with the first answer; `stop` sends what waits. Does nothing without settings."""

    def __init__(self, settings: ObservingSettings, version: str, clock: Clock) -> None:
        self._clock = clock
        self._tracer: Any = None
        self._context_of: Callable[[Any], Any] | None = None
        self._provider: Any = None
        self._sentry: Any = None
        if settings.otlp_url:
            self._trace(settings, version)
        if settings.sentry_dsn:
            self._sentry = _loaded("sentry_sdk")
            self._sentry.init(
                dsn=settings.sentry_dsn,
                release=f"tutti@{version}",
                include_local_variables=False,
                max_request_body_size="never",
                traces_sample_rate=0,
                auto_enabling_integrations=False,
                before_send=_harmless,
            )

    def answered(self, handler: RequestHandler) -> None:
        """One request, after its answer."""
        if self._tracer is None or self._context_of is None:
            return
        request = handler.request
        ended_ns = int(self._clock.now().timestamp() * 1e9)
        began_ns = ended_ns - int(request.request_time() * 1e9)
        door = type(handler).__name__.removesuffix("Handler").lower()
        span = self._tracer.start_span(
            f"{request.method} {door}",
            context=self._context_of({"traceparent": request.headers.get("traceparent", "")}),
            start_time=began_ns,
            attributes={
                "http.request.method": request.method or "",
                "http.route": door,
                "http.response.status_code": handler.get_status(),
                "tutti.trace": current_trace.get(),
            },
        )
        if handler.get_status() >= 500:
            span.set_status(_loaded("opentelemetry.trace").StatusCode.ERROR)
        span.end(ended_ns)

    def stop(self) -> None:
        """Send what waits; blocks at most some seconds. Safe to call twice."""
        provider, self._provider = self._provider, None
        if provider is not None:
            provider.shutdown()
        sentry, self._sentry = self._sentry, None
        if sentry is not None:
            sentry.flush(timeout=2)

    def _trace(self, settings: ObservingSettings, version: str) -> None:
        sdk, sampling = _loaded("opentelemetry.sdk.trace"), _loaded("opentelemetry.sdk.trace.sampling")
        exporting = _loaded("opentelemetry.sdk.trace.export")
        otlp = _loaded("opentelemetry.exporter.otlp.proto.http.trace_exporter")
        resources = _loaded("opentelemetry.sdk.resources")
        whose = resources.Resource.create({"service.name": "tutti", "service.version": version})
        share = sampling.ParentBased(sampling.TraceIdRatioBased(settings.trace_percent / 100))
        self._provider = sdk.TracerProvider(resource=whose, sampler=share, shutdown_on_exit=False)
        # A thread of its own, with a bound: a collector that is away costs spans and no request.
        sending = exporting.BatchSpanProcessor(otlp.OTLPSpanExporter(endpoint=settings.otlp_url, timeout=5))
        self._provider.add_span_processor(sending)
        self._tracer = self._provider.get_tracer("tutti", version)
        propagator = _loaded("opentelemetry.trace.propagation.tracecontext").TraceContextTextMapPropagator()
        self._context_of = propagator.extract


def _loaded(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        raise Unavailable(f"{missing.name} is not installed, which section `observing` needs: {HINT}") from missing


def _harmless(event: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any]:
    """The event without whoever asked, and with secrets struck out of its texts."""
    del hint
    for kept_back in ("request", "user", "breadcrumbs", "server_name", "modules", "extra"):
        event.pop(kept_back, None)
    for each in event.get("exception", {}).get("values", []):
        # What an exception says may quote somebody's data.
        each["value"] = ""
    logged = event.get("logentry", {})
    logged.pop("params", None)
    for key in ("message", "formatted"):
        if key in logged:
            logged[key] = without_secrets(logged[key])
    return event
