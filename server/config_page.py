"""`docs/configuration.md`, written from the table of settings: `python -m server.config_page`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from server.config import Place, places

PAGE = Path(__file__).parent.parent / "docs" / "configuration.md"

HEAD = """# Configuration

Settings live in `config.yaml` (another file with `--config FILE`); every one can be overridden by the variable named
beside it. Lists are written with commas in a variable. A wrong key or value stops the start with its name and the
nearest valid one; `python run.py check` tells without starting. Secrets are never printed or logged.

This page is written by `make docs`; a test fails when it is behind the code.
"""


def page() -> str:
    """The whole page."""
    sections: dict[str, list[Place]] = {}
    for place in places(named={"sign_in.others": ["NAME"]}):
        sections.setdefault(place.name.split(".")[0], []).append(place)
    return HEAD + "".join(f"\n## {name}\n\n{_table(rows)}" for name, rows in sections.items())


def _table(rows: Iterable[Place]) -> str:
    lines = ["| setting | variable | default | meaning |", "| --- | --- | --- | --- |"]
    lines += [
        f"| `{row.name}` | `{row.variable}` | {_default(row)} | {row.spec.metadata['meaning']}{_bounds(row)} |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def _default(row: Place) -> str:
    value: Any = row.spec.default_factory() if callable(row.spec.default_factory) else row.spec.default
    if value in ("", ()):
        return "empty"
    if value is None:
        return "`null`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _bounds(row: Place) -> str:
    details = row.spec.metadata
    if details["choices"]:
        return f" One of {', '.join(f'`{choice}`' for choice in details['choices'])}."
    if details["least"] is not None:
        return f" From {details['least']:,} to {details['most']:,}."
    return ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
