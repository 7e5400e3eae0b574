"""What strangers make to be costly costs little: each attack in a process under the kernel's own bounds."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from services.audio.hls.fragments import rates
from tests.hostile.attacks import QUICK
from tests.hostile.patterns import BOUNDS
from tests.hostile.sounds import SOUNDS

ROOT = Path(__file__).resolve().parents[2]
CPU_S = 3.0
"""Processor seconds for one of them. Each of those that were mended took minutes, hours or all memory before."""
PATTERN_S = 0.5
GROWN_KB = 300_000


def attacked(*groups: str) -> dict[str, dict[str, Any]]:
    """What the process tells of each attack, which it survives."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.attacks", *groups], cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, (told[-1:], done.stderr[-2000:])
    # Nobody fills our log with their picture's oddities.
    assert len(done.stderr) < 2000
    return {each["name"]: each for each in told}


def costly(told: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that ended in a bug or took too much."""
    return [
        each
        for each in told.values()
        if each["outcome"].startswith("bug")
        or each["grown_kb"] > GROWN_KB
        or (float(each["outcome"]) > PATTERN_S if each["group"] == "patterns" else each["cpu_s"] > CPU_S)
    ]


def wrongly_told(told: dict[str, dict[str, Any]]) -> list[str]:
    """Sounds that were taken though they cannot be, or refused for something else."""
    return [
        f"{name}: {told[name]['outcome']}"
        for name, (_, reason) in SOUNDS.items()
        if name in told and not re.search(reason or r"^\d+ ms$", told[name]["outcome"])
    ]


def test_the_worst_of_it_costs_little() -> None:
    told = attacked("sounds", "documents", "pictures", "patterns", "quick")
    assert set(told) >= QUICK | set(BOUNDS)
    assert sum(each["group"] == "patterns" for each in told.values()) > 120
    assert costly(told) == []
    assert wrongly_told(told) == []


def test_a_long_song_has_its_playlist_at_once() -> None:
    durations = [6 * 48_000] * 43_200 + [100]
    began = time.process_time()
    assert rates([90_000] * 43_201, durations, 48_000) == (120_003, 120_003)
    assert time.process_time() - began < 1


@pytest.mark.long
@pytest.mark.parametrize("group", ["sounds", "spoiled", "documents", "pictures", "most_pixels", "patterns"])
def test_nothing_of_it_costs_much(group: str) -> None:
    told = attacked(group)
    assert len(told) > 2
    assert costly(told) == []
    assert wrongly_told(told) == []
