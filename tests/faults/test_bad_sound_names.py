"""Each of the eighteen bad inputs that docs/bad-sound.md lists has tests, and they are there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def functions_in(path: str) -> set[str]:
    """The names of the functions at the top of a file of tests."""
    read = ast.parse((ROOT / path).read_text())
    return {node.name for node in read.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_each_of_the_bad_inputs_has_a_test_that_exists() -> None:
    told = (ROOT / "docs" / "bad-sound.md").read_text().split("## Each name and its test", 1)[1].split("\n## ", 1)[0]
    rows = dict(re.findall(r"^\| ([^|]+) \| (`tests/.+`) \|$", told, re.MULTILINE))
    assert len(rows) == 18
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", "\n".join(rows.values()))
    assert len(named) == sum(row.count("`") for row in rows.values()) // 2
    assert [f"{path}::{name}" for path, name in named if name not in functions_in(path)] == []
