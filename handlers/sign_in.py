"""GET /auth/{provider} and /auth/{provider}/callback: to another provider and back.

Owns the cookie that binds the answer to this browser: HttpOnly, SameSite=Lax, ten minutes, and over TLS under the
`__Host-` name that no neighbour can set. What came of it stands behind `#` as a code that is good once; no token does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from handlers.base import BaseHandler
from services.identities.code_flow import LIFETIME_S
from services.viewer import NOBODY, Role, Viewer

COOKIE = "tutti-sign-in"
_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
_ANSWERS = ("code", "state", "iss", "error")


class _AuthHandler(BaseHandler):
    """What both doors share: they are for browsers, and refuse with a page."""

    cors_methods = "GET, OPTIONS"

    async def viewer(self) -> Viewer:
        """Nobody in particular: that is what is about to be found out."""
        return NOBODY

    @property
    def base(self) -> str:
        """How the browser reached us."""
        return f"{self.request.protocol}://{self.request.host}"

    @property
    def cookie_name(self) -> str:
        """The cookie's name; over TLS one that only this very host can set."""
        return f"__Host-{COOKIE}" if self.request.protocol == "https" else COOKIE

    def write_refusal(self, shown: dict[str, Any]) -> None:
        """A page for people."""
        self._quiet()
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(self.render_string("billing.html", title="Signing in did not work", words=shown["message"]))

    def get_template_path(self) -> str:
        """Pages are templates in `web/`."""
        return str(Path(__file__).parent.parent / "web")

    def _quiet(self) -> None:
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")


class SignInHandler(_AuthHandler):
    """The way to the provider: 302, with the cookie; `?connect` for somebody who is signed in already."""

    access = Role.ANYONE

    async def get(self, name: str) -> None:
        """Go there."""
        begun = await self.house.provider_walk.begin(name, self.base)
        purpose = "connect" if "connect" in self.request.query_arguments else "enter"
        self.set_cookie(
            self.cookie_name,
            f"{purpose}.{begun.secret}",
            path="/",
            max_age=LIFETIME_S,
            httponly=True,
            samesite="Lax",
            secure=self.request.protocol == "https",
        )
        self._quiet()
        self.redirect(begun.url)


class SignInCallbackHandler(_AuthHandler):
    """The way back: 302 to the player, with a code behind `#`."""

    access = Role.ANYONE

    async def get(self, name: str) -> None:
        """Come back."""
        purpose, _, secret = (self.get_cookie(self.cookie_name) or "").partition(".")
        secure = self.request.protocol == "https"
        self.set_cookie(self.cookie_name, "", path="/", max_age=0, httponly=True, samesite="Lax", secure=secure)
        answer = {each: self.get_query_argument(each) for each in _ANSWERS if each in self.request.query_arguments}
        code = await self.house.provider_walk.finish(name, self.base, secret, answer)
        self._quiet()
        self.redirect(f"/#/{'connect' if purpose == 'connect' else 'enter'}/{name}/{code}")
