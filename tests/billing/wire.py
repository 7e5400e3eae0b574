"""The stand-in behind a real wire: a server on 127.0.0.1 that reads what Stripe's own library sends."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from services.billing.speaking.stripe_api import BillingRefused, _NothingThere
from tests.billing.stand_in import RULES, StandIn


class _Handler(RequestHandler):
    stand_in: StandIn

    def initialize(self, stand_in: StandIn) -> None:
        self.stand_in = stand_in

    def _answer(self) -> None:
        if self.request.headers.get("Authorization") != f"Bearer {RULES.secret_key}":
            self._refuse(401, "api_key_invalid")
            return
        told = self.request.body_arguments if self.request.method == "POST" else self.request.query_arguments
        params = read_form([(name, value.decode()) for name, values in told.items() for value in values])
        method = (self.request.method or "").lower()
        try:
            self.finish(
                orjson.dumps(
                    self.stand_in.answer(method, self.request.path, params, self.request.headers.get("Idempotency-Key"))
                )
            )
        except _NothingThere:
            self._refuse(404, "resource_missing")
        except BillingRefused as refusal:
            self._refuse(400, refusal.why)

    def _refuse(self, status: int, code: str) -> None:
        self.set_status(status)
        self.finish({"error": {"type": "invalid_request_error", "code": code, "message": "no"}})

    get = post = delete = _answer


@asynccontextmanager
async def wired(stand_in: StandIn) -> AsyncIterator[str]:
    """The address at which it answers."""
    socket, port = bind_unused_port()
    server = HTTPServer(Application([(r"/.*", _Handler, {"stand_in": stand_in})], log_function=lambda handler: None))
    server.add_sockets([socket])
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()
        await server.close_all_connections()


def read_form(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """What `a[b][0][c]=d` means: objects in lists in objects."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        first, *rest = re.findall(r"[^\[\]]+", name)
        at: dict[str, Any] = tree
        keys = [first, *rest]
        for key in keys[:-1]:
            at = at.setdefault(key, {})
        at[keys[-1]] = _typed(value)
    made: dict[str, Any] = _listed(tree)
    return made


def _typed(value: str) -> Any:
    if value in ("true", "false"):
        return value == "true"
    return int(value) if value.isdigit() else value


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    made = {key: _listed(each) for key, each in value.items()}
    return list(made.values()) if made and all(key.isdigit() for key in made) else made
