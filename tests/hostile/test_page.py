"""Every row of docs/hostile-input.md names a test, and they are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_each_row_names_tests_that_exist() -> None:
    page = (ROOT / "docs" / "hostile-input.md").read_text()
    rows = [
        line for line in page.splitlines() if line.startswith("| ") and not line.startswith(("| door |", "| what |"))
    ]
    rows = [line for line in rows if not line.startswith("| ---")]
    assert len(rows) > 50
    named = {row: re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row.rpartition(" | ")[2]) for row in rows}
    assert [row for row, tests in named.items() if not tests] == []
    missing = [
        f"{path}::{name}"
        for tests in named.values()
        for path, name in tests
        if not re.search(rf"^(?:async )?def {name}\(", (ROOT / path).read_text(), re.MULTILINE)
    ]
    assert missing == []
