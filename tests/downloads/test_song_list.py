"""The history of a download's songs: whoever follows it has what it has, whatever is edited and wherever they stop."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.downloads import song_list
from services.downloads.song_list import (
    Changes,
    ItemState,
    Prepared,
    Wanted,
    changes_since,
    item_of,
    settle,
    waiting,
    with_prepared,
    with_waiting,
)
from services.errors import Invalid
from storage.records.download import Download

NOW = datetime(2026, 6, 1, tzinfo=UTC)
IDS = "abcdefgh"


def fresh() -> Download:
    return Download("d", "u", "phone", "playlist", "high", NOW, NOW, NOW, NOW)


def wanting(order: str, stamps: dict[str, str] | None = None, withheld: str = "", facts: str = "") -> Wanted:
    known = stamps or {}
    return Wanted(
        list(order), {id: known.get(id, "s") for id in order}, dict.fromkeys(order, facts), frozenset(withheld)
    )


def ready(*ids: str, stamp: str = "s") -> dict[str, Prepared]:
    return {id: Prepared(stamp, f"r-{id}-{stamp}", 10) for id in ids}


@dataclass
class Device:
    """A client as the documentation tells to write one."""

    revision: int = 0
    order: list[str] = field(default_factory=list)
    songs: dict[str, tuple[ItemState, str]] = field(default_factory=dict)
    cursor: str | None = None
    since: int = 0

    def read(self, download: Download, limit: int) -> bool:
        """Take one page; whether it was the last."""
        page = changes_since(download, self.since, self.cursor, limit)
        if page.is_reset:
            self.songs, self.since = {}, 0
        self.apply(page)
        self.cursor = page.cursor
        if page.cursor is not None:
            return False
        self.order = download.order
        self.songs = {id: had for id, had in self.songs.items() if id in set(self.order)}
        self.revision = self.since = page.revision
        return True

    def apply(self, page: Changes) -> None:
        for item in page.items:
            assert item.is_new or item.song_id in self.songs, "a change of what the device never had"
            self.songs[item.song_id] = (item.state, item.rendition)
        for gone in page.gone:
            self.songs.pop(gone.song_id, None)


def truth(download: Download) -> dict[str, tuple[ItemState, str]]:
    found = {id: item_of(download, id) for id in download.song_ids}
    return {id: (item.state, item.rendition) for id, item in found.items() if item is not None}


edits = st.one_of(
    st.tuples(
        st.just("order"), st.text(IDS, max_size=10), st.dictionaries(st.sampled_from(IDS), st.sampled_from("st"))
    ),
    st.tuples(st.just("prepare"), st.text(IDS, max_size=4), st.booleans()),
    st.tuples(st.just("again"), st.text(IDS, max_size=3), st.none()),
    st.tuples(st.just("page"), st.integers(1, 4), st.sampled_from([0, 1])),
)


@given(st.lists(edits, max_size=30), st.sampled_from([1, 3, 10_000]))
def test_a_device_that_follows_ends_with_what_the_download_has(steps, tombs) -> None:  # type: ignore[no-untyped-def]
    limit, song_list.GONE_LIMIT = song_list.GONE_LIMIT, tombs
    try:
        download, devices = fresh(), [Device(), Device()]
        for kind, first, second in steps:
            before = download
            if kind == "order":
                download = settle(download, wanting(first, second), NOW)
                assert download.order == list(first)
            elif kind == "prepare":
                stamps = dict(zip(download.song_ids, download.stamps, strict=True))
                made = {
                    id: Prepared(stamps.get(id, "s"), "" if second else f"r-{id}", 7, "GONE" if second else "")
                    for id in first
                }
                download = with_prepared(download, made, NOW)
            elif kind == "again":
                download = with_waiting(download, first, NOW)
            else:
                devices[second].read(download, first)
            assert download.revision in (before.revision, before.revision + 1)
            assert download.ready_count + download.failed_count <= download.song_count == len(set(download.order))
            assert (download.state == "preparing") == bool(waiting(download, 1)) or download.revision == 0
        for device in devices:
            while not device.read(download, 2):
                pass
            assert device.order == download.order
            assert device.songs == truth(download)
            # Once in step, the next answer is empty.
            page = changes_since(download, device.revision, None, 5)
            assert (page.items, page.gone, page.cursor) == ([], [], None)
    finally:
        song_list.GONE_LIMIT = limit


def test_only_the_difference_waits() -> None:
    download = with_prepared(settle(fresh(), wanting("abc"), NOW), ready("a", "b", "c"), NOW)
    assert (download.revision, download.state, download.total_bytes) == (2, "ready", 30)
    edited = settle(download, wanting("cdb", withheld="a"), NOW)
    assert waiting(edited, 9) == [("d", "s")]
    assert (edited.revision, edited.state, edited.ready_count, edited.due_at) == (3, "preparing", 2, NOW)
    page = changes_since(edited, 2, None, 9)
    assert [(item.song_id, item.is_new) for item in page.items] == [("d", True)]
    assert [(gone.song_id, gone.reason) for gone in page.gone] == [("a", "revoked")]
    assert edited.order_revision == 3


def test_a_list_that_did_not_change_is_the_same_object() -> None:
    download = settle(fresh(), wanting("aba"), NOW)
    assert download.song_count == 2
    assert settle(download, wanting("aba"), NOW) is download
    assert with_prepared(download, {}, NOW) is download
    assert with_waiting(download, ["a"], NOW) is download


def test_another_file_is_prepared_again_and_other_facts_are_only_told() -> None:
    download = with_prepared(settle(fresh(), wanting("ab"), NOW), ready("a", "b"), NOW)
    other = settle(download, wanting("ab", {"a": "t"}), NOW)
    assert waiting(other, 9) == [("a", "t")]
    # What was prepared of the file before comes too late.
    assert with_prepared(other, ready("a"), NOW) is other
    told = settle(download, wanting("ab", facts="retitled"), NOW)
    assert waiting(told, 9) == []
    assert [item.song_id for item in changes_since(told, 2, None, 9).items] == ["a", "b"]


def test_a_song_that_failed_is_tried_again_at_the_next_sync() -> None:
    download = with_prepared(settle(fresh(), wanting("a"), NOW), {"a": Prepared("s", failure="SOURCE_MISSING")}, NOW)
    assert (download.state, download.failed_count) == ("ready", 1)
    again = settle(download, wanting("a"), NOW)
    assert (again.state, again.failed_count, waiting(again, 1)) == ("preparing", 0, [("a", "s")])


def test_who_knows_less_than_what_is_remembered_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(song_list, "GONE_LIMIT", 1)
    download = settle(fresh(), wanting("abcd"), NOW)
    for order in ("abc", "ab", "a"):
        download = settle(download, wanting(order), NOW)
    assert (download.revision, download.gone_ids, download.floor_revision) == (4, ["b"], 3)
    page = changes_since(download, 2, "9.z", 9)
    assert page.is_reset
    assert [item.song_id for item in page.items] == ["a"]
    assert not changes_since(download, 3, None, 9).is_reset


@pytest.mark.parametrize("since", [-1, 2, 2**40])
def test_a_revision_that_never_was_is_refused(since: int) -> None:
    with pytest.raises(Invalid, match="knownRevision"):
        changes_since(settle(fresh(), wanting("a"), NOW), since, None, 9)


@pytest.mark.parametrize("cursor", ["", ".", "x.a", "1", "1.", "-1.a", "١.a", "1." + "a" * 100])
def test_a_foreign_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid, match="cursor"):
        changes_since(settle(fresh(), wanting("a"), NOW), 0, cursor, 9)


def test_ten_thousand_songs_are_settled_and_read_at_once() -> None:
    order = [f"{number:026d}" for number in range(10_000)]
    same = dict.fromkeys(order, "s")
    download = settle(fresh(), Wanted(order, same, same), NOW)
    assert download.song_count == 10_000
    device = Device()
    pages = 1
    while not device.read(download, 100):
        pages += 1
    assert pages == 100
    assert replace(download) == settle(download, Wanted(order, same, same), NOW)
