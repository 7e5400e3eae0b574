"""What others are told: spans and errors reach a real collector, without anybody's data; settings without secrets."""

import asyncio
import gzip
import importlib.util
import json
import logging
import re

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from server.config import load_settings
from server.sections.observing import ObservingSettings
from server.telling import Telling
from server.told_settings import told
from services.clock import Clock
from services.errors import Unavailable
from tests.server.client import Client
from tests.services.exercised import exercised, missing


class Taking(RequestHandler):
    """Takes whatever is posted."""

    def initialize(self, taken):
        self.taken = taken

    def post(self, path):
        body = self.request.body
        self.taken.append((path, gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body))
        self.finish({})


@pytest.fixture
async def collector():
    taken = []
    [listening] = bind_sockets(0, "127.0.0.1")
    server = HTTPServer(Application([(r"/(.*)", Taking, {"taken": taken})]))
    server.add_sockets([listening])
    yield f"127.0.0.1:{listening.getsockname()[1]}", taken
    server.stop()
    await server.close_all_connections()


@pytest.mark.services
async def test_requests_become_spans_of_the_callers_trace_and_tell_no_path(own_server, collector):
    for name in ("opentelemetry", "sentry_sdk"):
        if importlib.util.find_spec(name) is None:
            missing(name, "pip install --group dev")
    where, taken = collector
    own_server.as_shipped = True
    own_server.settings |= {
        "TUTTI_OBSERVING_OTLP_URL": f"http://{where}/v1/traces",
        "TUTTI_OBSERVING_TRACE_PERCENT": "0",
        "TUTTI_OBSERVING_SENTRY_DSN": f"http://somekey@{where}/7",
    }
    await asyncio.to_thread(own_server.start)
    client = Client(own_server.base)
    trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    assert (await client.fetch("/healthz", headers={"traceparent": f"00-{trace}-{parent}-01"})).code == 200
    assert (await client.fetch("/share/secretlink", headers={"traceparent": f"00-{trace}-{parent}-01"})).code == 404
    assert (await client.fetch("/readyz")).code == 200  # a share of 0, and no caller's trace
    assert await asyncio.to_thread(own_server.stop) == 0

    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    spans = []
    for path, body in taken:
        if path == "v1/traces":
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                spans += [span for scope in resource.scope_spans for span in scope.spans]
    assert sorted(span.name for span in spans) == ["GET live", "GET share"]
    for span in spans:
        assert (span.trace_id.hex(), span.parent_span_id.hex()) == (trace, parent)
        assert span.end_time_unix_nano > span.start_time_unix_nano
    assert b"secretlink" not in b"".join(body for _, body in taken)
    exercised("OpenTelemetry's protocol")


@pytest.mark.services
async def test_an_error_is_told_to_sentry_without_what_it_says(collector):
    if importlib.util.find_spec("sentry_sdk") is None:
        missing("sentry_sdk", "pip install --group dev")
    where, taken = collector
    telling = Telling(ObservingSettings(sentry_dsn=f"http://somekey@{where}/7"), "0.1.0", Clock())
    told_to = logging.getLogger("elsewhere")
    told_to.propagate = False
    address = "@".join(("ann", "example.com"))  # the lines of the program itself are told
    try:
        raise RuntimeError(f"of {address}")
    except RuntimeError:
        told_to.exception("it broke at token=abc", extra={"email": address})
    await asyncio.to_thread(telling.stop)
    body = b"\n".join(body for path, body in taken if path == "api/7/envelope/")
    event = json.loads(next(line for line in body.splitlines() if b'"exception"' in line))
    assert (event["release"], event["exception"]["values"][0]["type"]) == ("tutti@0.1.0", "RuntimeError")
    assert event["logentry"]["message"] == "it broke at token=***"
    assert b"ann@example.com" not in body
    exercised("Sentry's protocol")


def test_without_settings_nothing_is_loaded_and_without_the_library_the_start_says_what_is_missing(monkeypatch):
    silent = Telling(ObservingSettings(), "0.1.0", Clock())
    silent.answered(None)
    silent.stop()
    monkeypatch.setitem(__import__("sys").modules, "sentry_sdk", None)
    with pytest.raises(Unavailable, match=r"sentry_sdk is not installed.*observing"):
        Telling(ObservingSettings(sentry_dsn="http://k@127.0.0.1/1"), "0.1.0", Clock())


def test_every_setting_is_told_and_no_secret_is():
    secret = "a secret that is long enough for a start"
    found = told(load_settings(None, {"TUTTI_SERVER_SECRET": secret, "TUTTI_SERVER_PORT": "9"}))
    assert (found["server.secret"], found["server.port"]) == (("***", True), (9, True))
    assert found["server.mode"] == ("development", False)
    assert {name for name, (_, differs) in found.items() if differs} == {
        "server.secret",
        "server.port",
        "storage.data_dir",
    }
    assert not re.search(secret, str(found))
