"""The page of the benches: what was told is what stands there, with ratios the right way round."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from bench.charts import chart, written
from bench.figures import PLACE, Figure, read, tell
from bench.report import BENCHES, Measured, page

MORE = Figure("ranges of 64 KB", "requests/s", {"ours": 3000.0, "nginx": 6000.0}, more=True)
LESS = Figure("search, <large>", "ms, p95", {"ours": 5.0, "FTS5": 100.0}, promise="≤ 30 ms")


def test_what_is_told_is_read_again_in_order(tmp_path, monkeypatch):
    tell("nobody", "listens", {"ours": 1})
    monkeypatch.setenv(PLACE, str(tmp_path / "figures"))
    for figure in (MORE, LESS):
        tell(figure.what, figure.unit, figure.rivals, more=figure.more, promise=figure.promise)
    assert read(tmp_path / "figures") == [MORE, LESS]
    assert read(tmp_path / "nothing") == []


def test_a_ratio_says_how_many_times_as_good_ours_is():
    assert (MORE.ratio("nginx"), LESS.ratio("FTS5")) == (0.5, 20.0)
    assert Figure("failed", "ms", {"ours": 0.0, "theirs": 1.0}).ratio("theirs") is None


@pytest.mark.parametrize(("value", "text"), [(0.0123, "0.0123"), (99.96, "100"), (123456.7, "123,457")])
def test_values_have_three_figures_that_say_something(value, text):
    assert written(value) == text


def test_a_chart_has_a_bar_for_each_rival_and_says_what_it_shows():
    drawn = ElementTree.fromstring(chart([MORE, LESS]))
    bars = [each for each in drawn if each.tag.endswith("rect")]
    assert [int(bar.get("width")) for bar in bars] == [200, 400, 20, 400]
    assert [bar.get("class") for bar in bars] == ["ours", "theirs"] * 2
    assert drawn.get("aria-label") == "ranges of 64 KB; search, <large>"


def test_the_page_has_a_row_for_each_with_what_it_was_before():
    before = Figure("search, <large>", "ms, p95", {"ours": 7.0})
    told = page([Measured("search", "2026-11-23", "abc1234", 61.4, [LESS], [before])], "2 cores")
    rows = [line for line in told.splitlines() if line.startswith("| ") and not line.startswith("| what")]
    assert rows == [
        "| search, <large> | ours | 5 ms, p95 |  | 7 | ≤ 30 ms |",
        "|  | FTS5 | 100 ms, p95 | 20.00 × |  |  |",
    ]
    assert "2026-11-23, commit abc1234, 61 s" in told


def test_every_bench_of_the_report_is_one_that_can_be_run():
    from importlib.util import find_spec

    assert all(find_spec(bench.command[0]) for bench in BENCHES)
