"""Every row of docs/security.md names a test, and they are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADS = ("| threat |", "| asset |", "| who |", "| ---", "|---", "| secret |", "| cookie |")


def test_each_threat_names_tests_that_exist() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    threats = page.partition("## What stands against what")[2].partition("## Cookies")[0]
    rows = [line for line in threats.splitlines() if line.startswith("| ") and not line.startswith(HEADS)]
    assert len(rows) > 40
    named = {row: re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row.rpartition(" | ")[2]) for row in rows}
    assert [row for row, tests in named.items() if not tests] == []
    missing = [
        f"{path}::{name}"
        for tests in named.values()
        for path, name in tests
        if not re.search(rf"^(?:async )?def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert missing == []
