"""Others that the house asks, whose answers are spoiled too: a provider of identities, and Stripe."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import jwt
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from services.clock import Clock
from tests.faults.fuzz.mutator import Mutator
from tests.faults.fuzz.samples import ROOT
from tests.identities.test_code_flow import Door, Op


class _SpoiledDoor(Door):
    def finish(self, chunk: Any = None) -> Any:
        spoil = self.op.spoil
        # What it says of itself is kept for a while: spoiled too often, nobody would come past it.
        is_lasting = self.request.path in ("/keys", "/.well-known/openid-configuration")
        if spoil is not None and spoil.chance.random() < (0.03 if is_lasting else 0.6):
            told = json.loads(b"".join(self._write_buffer) or b"{}")
            self._write_buffer = [spoil.json(told).encode("utf-8", "replace")]
            if spoil.chance.random() < 0.2:
                self.set_status(spoil.of([201, 204, 301, 400, 404, 500, 503]))
                if self.get_status() == 204:
                    self._write_buffer = []
        return super().finish(chunk)


class Provider(Op):
    """An OpenID provider that tells garbage while `spoil` is set."""

    spoil: Mutator | None = None
    url: str

    def __init__(self) -> None:
        super().__init__()
        del self.default_router.rules[:-1]
        self.add_handlers(r".*", [(r".*", _SpoiledDoor, {"op": self})])
        self.clock = Clock()

    def token(self) -> str:
        """Signed, whatever is in it: PyJWT would refuse to write what it refuses to read."""
        claims = json.dumps({name: value for name, value in self.claims.items() if value is not None}).encode()
        key, algorithm, headers = (self.signing[name] for name in ("key", "algorithm", "headers"))
        return str(jwt.api_jws.encode(claims, key, algorithm=algorithm, headers=headers))


class _StripeDoor(RequestHandler):
    def initialize(self, by: Mutator, things: dict[str, Any]) -> None:
        self.by, self.things = by, things

    def _answer(self) -> None:
        by = self.by
        kind = self.request.path.strip("/").split("/")[1].removesuffix("s") if "/" in self.request.path[1:] else ""
        thing = next((each for name, each in self.things.items() if name.startswith(kind[:6])), {"id": "x"})
        told: Any = (
            thing if self.request.path.count("/") > 2 else {"object": "list", "data": [thing], "has_more": False}
        )
        if by.chance.random() < 0.2:
            self.set_status(404)
            told = {"error": {"type": "invalid_request_error", "code": "resource_missing", "message": "no"}}
        self.set_header("Content-Type", "application/json")
        self.finish(by.json(told) if by.chance.random() < 0.7 else json.dumps(told))

    get = post = delete = _answer


def _things() -> dict[str, Any]:
    events = (json.loads(path.read_bytes()) for path in sorted((ROOT / "tests/billing/events").glob("*.json")))
    found = [each.get("data", {}).get("object", each) for each in events]
    return {str(each.get("object", "")): each for each in found}


@contextlib.asynccontextmanager
async def stand_ins(seed: int) -> AsyncIterator[tuple[Provider, str]]:
    """The provider, and Stripe's address."""
    provider = Provider()
    stripe = Application(
        [(r"/.*", _StripeDoor, {"by": Mutator(f"{seed}:stripe"), "things": _things()})], log_function=lambda _: None
    )
    servers, ports = [], []
    for application in (provider, stripe):
        [listening] = bind_sockets(0, "127.0.0.1")
        servers.append(HTTPServer(application))
        servers[-1].add_sockets([listening])
        ports.append(listening.getsockname()[1])
    provider.url = url = f"http://127.0.0.1:{ports[0]}"
    provider.metadata = {
        "issuer": url, "authorization_endpoint": url + "/authorize", "token_endpoint": url + "/token",
        "jwks_uri": url + "/keys", "userinfo_endpoint": url + "/userinfo",
        "authorization_response_iss_parameter_supported": True,
    }  # fmt: skip
    try:
        yield provider, f"http://127.0.0.1:{ports[1]}"
    finally:
        for server in servers:
            server.stop()
            await server.close_all_connections()
