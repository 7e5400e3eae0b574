"""The table of `docs/access.md`, read: what each kind of viewer gets of each root field.

A line is `| `field` | what is asked about | seven cells |` below a heading that names the root type; a field may have
more lines, told apart as `field: words`. What the cells may say stands in that page.
"""

from __future__ import annotations

from pathlib import Path

from tests.access.people import KINDS

PAGE = Path(__file__).parent.parent.parent / "docs" / "access.md"
HEADINGS = {"## Queries": "Query", "## Mutations": "Mutation", "## Subscriptions": "Subscription"}
CELLS = frozenset(
    {"ok", "own", "null", "without", "unchanged", "SIGN IN", "DENIED", "NOT FOUND", "CONFLICT", "INVALID", "PAY", "OFF"}
)


def read_table(text: str) -> dict[str, dict[str, str]]:
    """The cells by line (`Query.playlist: open to all`) and kind of viewer."""
    lines: dict[str, dict[str, str]] = {}
    root = ""
    for line in text.splitlines():
        root = HEADINGS.get(line.strip(), root)
        if not line.startswith("| `") or not root:
            continue
        name, _, *cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        name = f"{root}.{name.replace('`', '')}"
        assert name not in lines, f"two lines for {name}"
        assert len(cells) == len(KINDS), f"{name}: {len(cells)} cells instead of {len(KINDS)}"
        assert set(cells) <= CELLS, f"{name}: {sorted(set(cells) - CELLS)} mean nothing"
        lines[name] = dict(zip(KINDS, cells, strict=True))
    return lines


TABLE = read_table(PAGE.read_text(encoding="utf-8"))
