"""`make test-browser` runs every test that opens a browser, wherever it lies."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
OPENS_ONE = re.compile(r"^from tests\.(web\.(chromium|concert|sound_house)|server\.player_pages) import", re.MULTILINE)


def test_make_test_browser_names_every_test_that_opens_a_browser():
    recipe = re.search(r"^test-browser:.*\n\t(.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert recipe is not None
    words = re.findall(r"tests/[^\s)]+", recipe[1])
    found = [path for word in words for path in ROOT.glob(word)]
    named = {each for path in found for each in (path.rglob("test_*.py") if path.is_dir() else [path])}
    opens = {each for each in (ROOT / "tests").rglob("test_*.py") if OPENS_ONE.search(each.read_text(encoding="utf-8"))}
    assert len(opens) > 10
    assert opens - named == set()
    # What needs a browser waits for those who want it: the suite that everybody runs opens none.
    assert [each.name for each in opens if "pytestmark = pytest.mark.services" not in each.read_text("utf-8")] == []
