"""The table of tiers: the settings' defaults are the code's, and rations hold only where they are wanted."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from server.config import load_settings
from server.tier_rules import tier_table
from services.audio.renditions import Quality
from services.entitlements.folding import TIERS
from services.entitlements.table import DEFAULT_TABLE, Entitlements, TierTable
from services.viewer import NOBODY, Viewer


def test_the_settings_say_the_same_as_the_code() -> None:
    made = tier_table(load_settings(Path("config.yaml"), {}))
    assert (made.rows, made.rations) == (DEFAULT_TABLE, False)
    assert tier_table(load_settings(None, {})) == made
    assert list(DEFAULT_TABLE) == list(TIERS)


@pytest.mark.parametrize(("wanted", "kept"), [("on", True), ("off", False), ("auto", False)])
def test_rations_are_kept_where_they_are_wanted(wanted: str, kept: bool) -> None:
    made = tier_table(
        load_settings(None, {"TUTTI_TIERS_RATIONS": wanted, "TUTTI_TIERS_STUDENT_SKIPS_PER_HOUR": "null"})
    )
    assert made.rations is kept
    assert made.of("free").skips_per_hour == (6 if kept else None)
    assert made.of("student").skips_per_hour is None


def test_a_houses_own_table_decides_for_each_viewer() -> None:
    environ = {"TUTTI_TIERS_FREE_QUALITY": "normal", "TUTTI_TIERS_FREE_DOWNLOADS": "yes", "TUTTI_TIERS_RATIONS": "on"}
    made = tier_table(load_settings(None, environ))
    assert made.of_viewer(NOBODY).quality is Quality.NORMAL
    assert made.of_viewer(Viewer("u", tier="premium")).quality is Quality.LOSSLESS
    assert made.of_viewer(Viewer("u")).downloads
    assert TierTable().of("gold") == TierTable().of("free")


def test_the_page_shows_the_table() -> None:
    def shown(value: object) -> str:
        if value is None:
            return "any"
        if isinstance(value, bool):
            return "yes" if value else "no"
        return f"{value:,}" if isinstance(value, int) else str(value)

    names = [each.name for each in fields(Entitlements)]
    rows = [
        f"| `{name}` | {' | '.join(shown(getattr(DEFAULT_TABLE[tier], name)) for tier in TIERS)} |" for name in names
    ]
    assert (
        "\n".join([f"| | {' | '.join(TIERS)} |", "|---|---|---|---|---|", *rows]) in Path("docs/tiers.md").read_text()
    )
