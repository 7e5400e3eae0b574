"""GET /share/{token}: a page about what a share link leads to, for people and for whatever draws previews of links.

The page tells what everybody may see and nothing else: no ticket, no name of who shared it. It runs no script.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from handlers.base import BaseHandler
from handlers.previews import PREVIEW_PIXELS, base_of, origin_of, previews
from services.viewer import NOBODY, Role, Viewer

STYLE = """
:root { --ground: #14110f; --line: #352d28; --text: #f6efe8; --soft: #b9aca1; --accent: #f0764f; }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center;
  justify-content: center; gap: 2rem; padding: 2rem 1.2rem;
  background: radial-gradient(circle at 50% 20%, #2b211b, var(--ground) 60%);
  color: var(--text); font: 16px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { display: flex; flex-direction: column; align-items: center; text-align: center; max-width: 34rem; }
main img { width: min(320px, 72vw); height: auto; aspect-ratio: 1; object-fit: cover; border-radius: 14px;
  box-shadow: 0 20px 60px #000b; margin-bottom: 1.6rem; }
small { text-transform: uppercase; letter-spacing: .14em; color: var(--soft); }
h1 { font-size: clamp(1.7rem, 6vw, 2.6rem); line-height: 1.12; letter-spacing: -.02em; margin: .35rem 0 .5rem;
  overflow-wrap: anywhere; }
p { margin: 0 0 .3rem; color: var(--soft); }
.byline { color: var(--text); font-size: 1.15rem; }
a { margin-top: 1.4rem; padding: .75rem 1.9rem; border-radius: 999px; background: var(--accent); color: #1b0f0a;
  font-weight: 650; text-decoration: none; }
a:hover { filter: brightness(1.08); }
a:focus-visible { outline: 2px solid var(--text); outline-offset: 3px; }
footer { display: flex; gap: .5rem; align-items: center; color: var(--soft); font-size: .9rem; }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
_REFUSALS = {404: "Nothing here", 410: "This link is over"}


class ShareHandler(BaseHandler):
    """The page behind a share link: 404 for one that leads nowhere, 410 for one that is over."""

    access = Role.ANYONE
    cors_methods = "GET, HEAD, OPTIONS"

    async def viewer(self) -> Viewer:
        """Nobody in particular: the page is the same for everybody, so a stale token does not matter."""
        return NOBODY

    async def get(self, token: str) -> None:
        """The page."""
        shared = await self.house.share_links.open(NOBODY, token)
        # Asked anew each time, so that a link that is revoked is gone at once.
        self.set_header("Cache-Control", "no-cache")
        card, base = shared.card, self._base()
        image = self.house.covers.url(card.image_id, PREVIEW_PIXELS)
        address = f"{base}/share/{shared.link.id}"
        self._write_page(
            title=card.title,
            noun=card.noun,
            byline=card.byline,
            facts=" · ".join(fact for fact in card.facts if fact),
            image=None if image is None else base + image,
            place=base + card.place,
            invitation="Listen on Tutti",
            **previews(card, address, None if image is None else base + image),
        )

    async def head(self, token: str) -> None:
        """As GET, without the page."""
        await self.get(token)

    def write_refusal(self, shown: dict[str, Any]) -> None:
        """A page for people here too, that tells nothing of what the link led to."""
        self._write_page(
            title=_REFUSALS.get(self.get_status(), "That did not work"),
            noun="Shared with you",
            byline="",
            facts=shown["message"],
            image=None,
            place=f"{self._base()}/",
            invitation="To the music",
            graph=[],
            cards=[],
        )

    def get_template_path(self) -> str:
        """Pages are templates in `web/`."""
        return str(Path(__file__).parent.parent / "web")

    def _write_page(self, **words: Any) -> None:
        base = self._base()
        images = "'self'" if not base else f"'self' {origin_of(base)}"
        self.set_header(
            "Content-Security-Policy",
            f"default-src 'none'; img-src {images}; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'",
        )
        self.set_header("Content-Type", "text/html; charset=utf-8")
        # Whoever has the link may open it; nobody should find it by searching.
        self.set_header("X-Robots-Tag", "noindex")
        self.finish(self.render_string("share.html", base=base, style=STYLE, **words))

    def _base(self) -> str:
        return base_of(self.request, self.house.share_links.public_url)
