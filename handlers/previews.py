"""What the head of a page says to those who draw previews of links: OpenGraph's and Twitter's tags.

Knows how paths become absolute addresses; refuses to know what a page is about.
"""

from __future__ import annotations

import re

from tornado.httputil import HTTPServerRequest

from services.interactions.share_cards import Card

PREVIEW_PIXELS = 640

_BASE = re.compile(r"(https?://[A-Za-z0-9.:\[\]-]+)(/[\w.~/-]*)?", re.ASCII)

Tags = list[tuple[str, str]]


def base_of(request: HTTPServerRequest, public_url: str) -> str:
    """What comes before a path to make it absolute: the house's own address, else the one that was asked.

    Empty, which leaves paths as they are, for a Host that is no address.
    """
    known = public_url or f"{request.protocol}://{request.host}"
    return known if _BASE.fullmatch(known) else ""


def origin_of(base: str) -> str:
    """The scheme and host of a base; empty for an empty one."""
    found = _BASE.fullmatch(base)
    return found[1] if found else ""


def previews(card: Card, address: str, image: str | None) -> dict[str, Tags]:
    """`graph` for `<meta property>`, `cards` for `<meta name>`.

    Sound is left out: it would take a ticket, and tickets are personal.
    """
    graph = [
        ("og:site_name", "Tutti"),
        ("og:type", card.graph_type),
        ("og:title", card.title),
        ("og:description", card.description),
        ("og:url", address),
        *card.graph_facts,
    ]
    cards = [
        ("description", card.description),
        ("twitter:card", "summary"),
        ("twitter:title", card.title),
        ("twitter:description", card.description),
    ]
    if image is not None:
        graph += [("og:image", image), ("og:image:alt", f"Cover of {card.title}")]
        cards.append(("twitter:image", image))
    return {"graph": graph, "cards": cards}
