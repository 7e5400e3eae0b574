"""The names under which modules of the pages import third-party packages, and what such a page may run.

A browser takes an import map only from the page itself, so it is the one inline script there is; the policy names it by
its hash.
"""

from __future__ import annotations

import base64
import hashlib
import json

VENDORS = {
    "@preact/signals-core": "@preact/signals-core/dist/signals-core.mjs",
    "graphql-ws": "graphql-ws/lib/client.mjs",
    "idb": "idb/build/index.js",
    "lit-html": "lit-html/lit-html.js",
    "lit-html/": "lit-html/",
    "uplot": "uplot/dist/uPlot.esm.js",
}
"""Third-party packages by the names modules import them under, below `web/node_modules`."""


def import_map() -> str:
    """The page's import map, as JSON."""
    return json.dumps({"imports": {name: f"/web/node_modules/{path}" for name, path in VENDORS.items()}})


def page_policy(inline_script: str | None) -> str:
    """The Content-Security-Policy of a page whose only inline script is this one; None for a page that has none."""
    named = ""
    if inline_script is not None:
        named = f" 'sha256-{base64.b64encode(hashlib.sha256(inline_script.encode()).digest()).decode()}'"
    return (
        f"default-src 'none'; script-src 'self'{named}; worker-src 'self'; style-src 'self'; "
        "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; manifest-src 'self'; "
        "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


IMPORT_MAP = import_map()
"""The map as it stands in every page that has modules."""

MODULE_POLICY = page_policy(IMPORT_MAP)
"""What such a page may run and reach."""

BUNDLE_POLICY = page_policy(None)
"""Of a page whose modules come together: their imports need no map."""
