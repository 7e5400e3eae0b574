"""The checker of accessibility, axe-core, as it is asked about a page."""

from __future__ import annotations

from typing import Any

from tests.services.exercised import exercised, missing
from tests.services.npm_clients import installed
from tests.web.chromium import Page

FOUND = """axe.run(GIVEN).then((told) => told.violations.map((v) =>
  v.id + ': ' + v.nodes.map((n) => n.target + ' ' + n.failureSummary).join(' | ')))"""


def axe() -> str:
    """The checker's script; skips the test where it cannot be had."""
    script = installed({"axe-core": "4.14.1"}) / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file():
        missing("axe-core", "install npm")
    exercised("axe-core")
    return script.read_text(encoding="utf-8")


async def violations(page: Page, script: str = "", only: str = "") -> list[Any]:
    """What it finds on the page as it is. `script` is run first where the page does not have it yet; `only` narrows."""
    if script:
        await page.run(script + "; true")
    return list(await page.run(FOUND.replace("GIVEN", f"{{ resultTypes: ['violations'], {only} }}")))
