"""GET and POST /appeal/{token}: the link in a mail about a decision, for those who cannot sign in any more.

A GET changes nothing, since mail readers and scanners open links by themselves.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from handlers.base import BaseHandler
from services.moderation.policy import WORDS_CHARACTERS
from services.viewer import NOBODY, Role, Viewer

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class AppealHandler(BaseHandler):
    """The page behind the link: 404 for one that is not ours; once the appeal is made, it says so."""

    access = Role.ANYONE
    cors_methods = "GET, HEAD, POST, OPTIONS"

    async def viewer(self) -> Viewer:
        """Nobody in particular: the link itself is what counts."""
        return NOBODY

    async def get(self, token: str) -> None:
        """What was decided, and a field for what is to be said against it while that may be said."""
        decision = await self.house.appeals.by_link(token)
        if self.house.appeals.may_appeal(decision):
            self._write("Appeal", self.house.appeals.worded(decision), asks=True)
        elif decision.appeal_state == "open":
            self._write("Your appeal is here", "Somebody else than who decided will look at it. You get a mail.")
        else:
            self._write("Nothing to appeal", "This decision was answered, taken back, or is older than thirty days.")

    async def head(self, token: str) -> None:
        """As GET, without the page."""
        await self.get(token)

    async def post(self, token: str) -> None:
        """The appeal, made."""
        await self.house.appeals.appeal_by_link(token, self.get_body_argument("text", ""))
        self._write("Thank you", "Somebody else than who decided will look at it. You get a mail.")

    def write_refusal(self, shown: dict[str, Any]) -> None:
        """A page for people here too."""
        if self.get_status() == 404:
            words = "This link is not good: perhaps it was cut off on its way."
        else:
            words = str(shown["message"])
        self._write("That did not work", words, again=self.get_status() == 400)

    def get_template_path(self) -> str:
        """Pages are templates in `web/`."""
        return str(Path(__file__).parent.parent / "web")

    def _write(self, title: str, words: str, *, asks: bool = False, again: bool = False) -> None:
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("X-Robots-Tag", "noindex")
        self.finish(
            self.render_string("appeal.html", title=title, words=words, asks=asks or again, most=WORDS_CHARACTERS)
        )
