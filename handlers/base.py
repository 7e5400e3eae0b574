"""What every HTTP door shares: who asks, security and CORS headers, and the one place errors become HTTP.

Owns the translation of `TuttiError` to a status and a JSON body. Refuses to know any rule.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any, ClassVar

import orjson
from tornado import httputil
from tornado.web import HTTPError, RequestHandler

from handlers.proxies import Proxies
from handlers.visits import Visits
from services.audio.accel import AccelFolders
from services.errors import TuttiError, Unauthenticated
from services.house import House
from services.scopes import Scope
from services.trace import begin_trace
from services.viewer import NOBODY, Role, Viewer

log = logging.getLogger("tutti.http")

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


@dataclass(frozen=True, slots=True)
class Manners:
    """How the doors behave, from the configuration: who may call from another origin, and what is too much.

    `accel` has the folders that the web server in front hands out itself.
    """

    cors_origins: frozenset[str] = frozenset()
    secure: bool = False
    proxies: Proxies = field(default_factory=Proxies)
    max_json_bytes: int = 1_000_000
    accel: AccelFolders = field(default_factory=lambda: AccelFolders({}))


class BaseHandler(RequestHandler):
    """A door. Subclasses set `access` (the server refuses to start on one that does not) and call one service."""

    access: ClassVar[str]
    scope: ClassVar[str | None] = Scope.READ
    """What a key or an app password needs here; None where what is behind the door asks."""
    cors_methods: ClassVar[str] = "GET, HEAD, OPTIONS"

    house: House
    manners: Manners
    trace: str = ""
    allowed: str = ""
    """What a 405 names in `Allow`; empty for `cors_methods`."""

    def initialize(self, house: House, manners: Manners, visits: Visits | None = None, **collaborators: Any) -> None:
        """Take what the composition root hands over; each collaborator becomes an attribute of its name."""
        self.house = house
        self.manners = manners
        self.visits = visits
        self.current_viewer = NOBODY
        for name, collaborator in collaborators.items():
            setattr(self, name, collaborator)

    def set_default_headers(self) -> None:
        """Headers that every answer carries, errors included."""
        self.clear_header("Server")
        for name, value in SECURITY_HEADERS.items():
            self.set_header(name, value)

    async def prepare(self) -> None:
        """Begin the trace, answer CORS, and let in only whom `access` names."""
        self._set_shared_headers()
        if self.visits is not None:
            self.visits.enter(self)
            if self.visits.draining:
                self.set_header("Connection", "close")
        if self.request.method == "OPTIONS":
            return
        if self._is_packed:
            raise HTTPError(415)
        self.current_viewer = await self.viewer()
        if self.access != Role.ANYONE:
            self.admit(self.current_viewer)
        if self.scope is not None:
            self.current_viewer.require_scope(self.scope)

    @property
    def _is_packed(self) -> bool:
        """Whether the body came packed. None is unpacked here: a few bytes of it can stand for gigabytes."""
        return self.request.headers.get("Content-Encoding", "identity").strip().lower() not in ("identity", "")

    def admit(self, viewer: Viewer) -> None:
        """Let in whom `access` names; Unauthenticated or Denied for the rest."""
        viewer.require(self.access)

    async def viewer(self) -> Viewer:
        """Who asks, by their Bearer token; nobody without one. Unauthenticated for a token that is not good."""
        header = self.request.headers.get("Authorization")
        if header is None:
            return NOBODY
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("Use Authorization: Bearer TOKEN.", code="TOKEN_INVALID")
        return await self.house.accounts.viewer_for(token.strip())

    def on_finish(self) -> None:
        """The answer is out."""
        if self.visits is not None:
            self.visits.leave(self)

    def on_connection_close(self) -> None:
        """The client went away. Tornado's own part goes on: a socket hears of its end by it."""
        self.on_finish()
        super().on_connection_close()

    def _set_shared_headers(self) -> None:
        if not self.trace:
            # Here and not in `prepare`: a method that nobody knows is refused before that.
            self.trace = begin_trace(self.request.headers.get("X-Request-ID"))
        self.set_header("X-Request-ID", self.trace)
        if self.manners.secure:
            self.set_header("Strict-Transport-Security", "max-age=31536000")
        self._allow_origin()

    def _allow_origin(self) -> None:
        origin = self.request.headers.get("Origin")
        if origin is not None or self.manners.cors_origins:
            # Also where none is told: a kept answer must not be given to a page that tells one.
            self.add_header("Vary", "Origin")
        if origin is None:
            return
        if origin in self.manners.cors_origins or "*" in self.manners.cors_origins:
            self.set_header("Access-Control-Allow-Origin", origin)
            self.set_header(
                "Access-Control-Expose-Headers",
                "Accept-Ranges, Content-Range, Content-Length, ETag, Retry-After, X-Request-ID, X-Tutti-Rendition, "
                "Range, Upload-Offset, Upload-Length",
            )

    def options(self, *_: str) -> None:
        """The CORS preflight: which methods and headers another origin may use here."""
        if self.request.headers.get("Access-Control-Request-Method") is not None:
            self.set_header("Access-Control-Allow-Methods", self.cors_methods)
            self.set_header(
                "Access-Control-Allow-Headers",
                "Authorization, Content-Type, Range, If-Range, X-Request-ID, Accept, Content-Range, GraphQL-Cost, "
                "Apollo-Require-Preflight, X-Apollo-Operation-Name, GraphQL-Preflight, X-Requested-With",
            )
            self.set_header("Access-Control-Max-Age", "86400")
        self.set_header("Allow", self.cors_methods)
        self.set_status(204)
        self.finish()

    def write_json(self, value: Any, status: int = 200) -> None:
        """Answer with JSON."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(orjson.dumps(value))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """The one place where an error becomes an HTTP answer: `{"error": {code, message, field?, requestId}}`."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        # Tornado has cleared every header; without these a page of another origin could not read the refusal.
        self._set_shared_headers()
        shown: dict[str, Any]
        if isinstance(error, TuttiError):
            self.set_status(error.status)
            shown = {"message": error.message, **error.extensions}
            if error.retry_after is not None:
                self.set_header("Retry-After", str(max(1, round(error.retry_after))))
            if isinstance(error, Unauthenticated):
                self.set_header("WWW-Authenticate", "Bearer")
        elif isinstance(error, HTTPError):
            if status_code == 405:
                self.set_header("Allow", self.allowed or self.cors_methods)
            if status_code == 415 and self._is_packed:
                self.set_header("Accept-Encoding", "identity")
            reason = error.reason or httputil.responses.get(status_code, "Unknown")
            shown = {"message": f"{reason}.", "code": reason.upper().replace(" ", "_").replace("-", "_")}
        else:
            shown = {"message": "Something went wrong.", "code": "INTERNAL"}
        shown["requestId"] = self.trace
        self.set_header("Cache-Control", "no-store")
        self.write_refusal(shown)

    def write_refusal(self, shown: dict[str, Any]) -> None:
        """The body of an error: `{"error": …}`, save at doors whose own protocol has another shape for it."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(orjson.dumps({"error": shown}))

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """As Tornado's, with the status of our own errors known before anything is written."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        super().send_error(error.status if isinstance(error, TuttiError) else status_code, **kwargs)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Bugs are logged once, with their trace; refusals are the caller's business and are not."""
        if isinstance(value, TuttiError | HTTPError):
            return
        log.error(
            "unhandled error",
            exc_info=(typ, value, tb),
            extra={"method": self.request.method, "path": self.request.path},
        )


class NowhereHandler(BaseHandler):
    """Every path that leads nowhere."""

    access = Role.ANYONE

    async def prepare(self) -> None:
        """Say so, whatever the method."""
        self._set_shared_headers()
        raise HTTPError(404)

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """A method that does not exist is no better where nothing is."""
        if status_code == 405:
            status_code, kwargs = 404, {"exc_info": (HTTPError, HTTPError(404), None)}
        super().send_error(status_code, **kwargs)
