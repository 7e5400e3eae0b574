"""What operations do to a queue, by themselves and in a storm."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.connect.faces import play_id_of
from services.connect.operations import (
    Add,
    Clear,
    Ended,
    Jump,
    Move,
    NewItem,
    Next,
    Origin,
    Passing,
    Pause,
    PlayNow,
    Previous,
    Remove,
    Repeat,
    Resume,
    Seek,
    SetRepeat,
    SetVolume,
    Shuffle,
    Transfer,
)
from services.connect.reducer import Stale, apply
from services.connect.shuffling import rank
from services.timing.anchor import position_ms
from storage.records.play_queue import QueueContext
from tests.connect.storm import ALBUM, empty, storm

SECOND = 1000.0


def songs(names, origin=Origin.CONTEXT):
    return tuple(NewItem(name, 100_000, origin) for name in names)


def playing(names="abcd", start=0):
    return apply(empty(), PlayNow(songs(names), ALBUM, start), 0.0).queue


def after(queue, *operations, at_ms=SECOND):
    for operation in operations:
        queue = apply(queue, operation, at_ms).queue
    return queue


def titles(queue):
    return "".join(item.song_id for item in queue.items)


def current(queue):
    return next(item.song_id for item in queue.items if item.id == queue.current_id)


def item(queue, name):
    return next(item.id for item in queue.items if item.song_id == name)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32))
def test_nothing_breaks_in_a_storm(seed):
    counts = storm(seed, 120)
    assert counts["done"] > 0


def test_the_storm_reaches_every_kind_of_answer():
    counts = storm(5, 600)
    assert all(count > 10 for count in counts.values()), counts


def test_queued_songs_come_before_the_rest_of_the_album_in_the_order_they_were_queued():
    queue = after(playing(), Add(songs("x", Origin.USER)), Add(songs("y", Origin.USER)))
    assert titles(queue) == "axybcd"
    assert titles(after(queue, Add(songs("z", Origin.USER), next=True))) == "azxybcd"
    assert titles(after(queue, PlayNow(songs("mn"), ALBUM))) == "mxyn"


def test_an_operation_is_done_once_and_answered_twice_alike():
    first = apply(playing(), Add(songs("x")), 0.0, op_id="one")
    again = apply(first.queue, Add(songs("x")), 9.0, op_id="one")
    assert (again.rev, again.repeated, again.queue) == (first.rev, True, first.queue)


def test_skipping_the_song_that_is_not_there_any_more_is_refused_with_the_queue():
    seen = playing()
    now = after(seen, Next())
    with pytest.raises(Stale) as refused:
        apply(now, Next(), 0.0, base_rev=seen.rev)
    assert refused.value.state["queue"]["currentId"] == item(now, "b")
    assert refused.value.extensions["code"] == "STALE"


def test_an_old_skip_is_fine_while_the_same_song_plays_and_moves_mean_the_same_on_any_list():
    seen = playing()
    now = after(seen, Add(songs("x", Origin.USER)))
    assert current(apply(now, Next(), 0.0, base_rev=seen.rev).queue) == "x"
    assert titles(apply(now, Move(item(seen, "d"), item(seen, "b")), 0.0, base_rev=seen.rev).queue) == "axdbc"
    with pytest.raises(Stale):
        apply(now, Clear(), 0.0, base_rev=seen.rev)
    with pytest.raises(Stale):
        apply(seen, Pause(), 0.0, base_rev=seen.rev + 1)


def test_shuffling_keeps_what_plays_first_and_is_undone_to_the_letter():
    queue = after(playing("abcdefgh", 3), Add(songs("x", Origin.USER)))
    mixed = after(queue, Shuffle(7))
    rest = sorted((each for each in queue.items if each.song_id in "abcefgh"), key=lambda each: rank(7, each.id))
    assert titles(mixed) == "dx" + "".join(each.song_id for each in rest)
    assert after(mixed, Shuffle(8), Shuffle(None)).items == queue.items


def test_what_was_added_while_shuffled_comes_next_when_that_is_undone():
    queue = after(playing("abcdef", 2), Shuffle(7), Add(songs("xy", Origin.USER)), Remove(frozenset()))
    queue = after(queue, Remove(frozenset([item(queue, "e")])), Shuffle(None))
    assert titles(queue) == "abcxydf"


def test_previous_restarts_a_song_and_only_within_three_seconds_goes_back():
    queue = after(playing(), Next(), at_ms=0.0)
    assert current(after(queue, Previous(), at_ms=3 * SECOND)) == "a"
    restarted = after(queue, Previous(), at_ms=3 * SECOND + 1)
    assert (current(restarted), position_ms(restarted.anchor, 3 * SECOND + 1)) == ("b", 0.0)


def test_a_song_ends_once_and_not_before_its_time():
    queue = playing()
    a = queue.current_id
    assert after(queue, Ended(a), at_ms=94 * SECOND) is queue
    ended = apply(queue, Ended(a), 99 * SECOND)
    assert (current(ended.queue), ended.finished[0].heard_ms, ended.finished[0].completed) == ("b", 99_000, True)
    assert after(ended.queue, Ended(a), at_ms=99 * SECOND) is ended.queue
    once_more = after(queue, SetRepeat(Repeat.ONE), Ended(a), at_ms=100 * SECOND)
    assert (current(once_more), once_more.anchor.position_ms) == ("a", 0.0)
    assert after(once_more, Ended(a), at_ms=101 * SECOND) is once_more


def test_what_was_heard_is_what_played_and_not_where_it_was_sought():
    queue = after(playing(), Seek(90_000.0), at_ms=10 * SECOND)
    queue = after(queue, Pause(), at_ms=12 * SECOND)
    result = apply(queue, Next(), 60 * SECOND)
    assert [each.heard_ms for each in result.finished] == [12_000]


def test_hidden_songs_are_passed_over_and_the_house_goes_on_when_nothing_is_left():
    queue = playing("abc")
    passing = Passing(frozenset("bc"), songs("z", Origin.AUTOPLAY))
    assert current(after(queue, Next(Passing(frozenset("b"))))) == "c"
    assert current(after(queue, Next(passing))) == "z"
    stopped = after(queue, Next(Passing(frozenset("bc"))))
    assert (current(stopped), stopped.anchor.playing, stopped.anchor.position_ms) == ("a", False, 100_000.0)
    assert current(after(stopped, Resume())) == "b"


def test_a_song_that_was_hidden_meanwhile_does_not_begin_again():
    queue = after(playing("abc"), SetRepeat(Repeat.ONE))
    ended = Ended(queue.current_id, Passing(frozenset("ab")))
    assert current(after(queue, ended, at_ms=100 * SECOND)) == "c"
    stopped = after(playing("abc"), Pause())
    assert current(after(stopped, Resume(Passing(frozenset("ab"))))) == "c"
    assert after(stopped, Resume(Passing(frozenset("abc")))).anchor.playing is False
    taken = after(stopped, Transfer("phone", playing=True, passing=Passing(frozenset("a"))))
    assert (current(taken), taken.anchor.playing, taken.device_id) == ("b", True, "phone")


def test_everything_repeated_begins_again_without_what_was_queued_by_hand():
    queue = after(playing("ab"), SetRepeat(Repeat.ALL), Add(songs("x", Origin.USER)), Next(), Next())
    assert (titles(queue), current(queue)) == ("axb", "b")
    assert (titles(after(queue, Next())), current(after(queue, Next()))) == ("ab", "a")


def test_a_transfer_is_one_change_of_device_position_volume_and_play():
    queue = playing()
    moved = after(queue, Transfer("tv", 5000.0, 30, False))
    assert moved.rev == queue.rev + 1
    assert (moved.device_id, moved.anchor.position_ms, moved.volume, moved.anchor.playing) == ("tv", 5000.0, 30, False)


def test_removing_what_plays_goes_on_with_the_next():
    queue = playing("abc")
    gone = after(queue, Remove(frozenset([item(queue, "a"), item(queue, "b")])))
    assert (titles(gone), current(gone), gone.anchor.playing) == ("c", "c", True)
    last = after(queue, Jump(item(queue, "c")), Remove(frozenset([item(queue, "c")])))
    assert (titles(last), last.current_id, last.anchor.playing) == ("ab", None, False)


def test_a_silent_device_is_gone_on_for_three_songs_and_then_stands():
    queue, now = playing("abcdef"), 0.0
    for _ in range(3):
        now = queue.due_ms
        queue = apply(queue, Ended(queue.current_id, silent=True), now).queue
    assert (current(queue), queue.anchor.playing, queue.due_ms) == ("c", False, None)


def test_a_clock_turned_back_holds_no_song_up():
    queue = apply(empty(), PlayNow(songs("ab"), ALBUM, 0), 3600 * SECOND).queue
    paused = after(queue, Pause(), at_ms=10 * SECOND)
    assert (paused.anchor.at_ms, paused.anchor.position_ms, paused.began_ms) == (10 * SECOND, 0.0, 10 * SECOND)
    louder = after(queue, SetVolume(3), at_ms=10 * SECOND)
    assert (louder.anchor.at_ms, louder.due_ms) == (10 * SECOND, 140 * SECOND)
    # Where the song is nobody knows but its device, and it is believed.
    assert current(after(queue, Ended(queue.current_id), at_ms=10 * SECOND)) == "b"


def test_a_song_of_unknown_length_ends_when_its_device_says_so_and_for_a_silent_one_after_hours():
    queue = apply(empty(), PlayNow((NewItem("a", 0), NewItem("b", 0)), ALBUM, 0), 0.0).queue
    assert queue.due_ms == 7230 * SECOND
    ended = apply(queue, Ended(queue.current_id), 40 * SECOND)
    assert (current(ended.queue), ended.finished[0].heard_ms) == ("b", 40_000)


def test_what_was_listened_to_waits_in_the_queue_for_the_ledger_and_a_skip_does_not():
    queue = after(playing("abcdef"), Next(), at_ms=10 * SECOND)
    assert (queue.unrecorded, queue.unrecorded_ms) == ([], None)
    queue = after(queue, PlayNow(songs("xy", Origin.USER), QueueContext("songs"), 0), at_ms=50 * SECOND)
    [heard] = queue.unrecorded
    assert (heard.song_id, heard.play_id, heard.heard_ms, heard.context) == ("b", "queue:2", 40_000, ALBUM)
    now = queue.due_ms
    assert len(apply(queue, Ended(queue.current_id, silent=True), now).queue.unrecorded) == 1
    for turn in range(30):
        queue = after(queue, SetRepeat(Repeat.ALL), Next(), at_ms=(100 + 40 * turn) * SECOND)
    assert len(queue.unrecorded) == 20


def test_a_song_shorter_than_stated_ends_when_its_device_says_so_of_this_playing_and_counts_whole():
    queue = apply(empty(), PlayNow((NewItem("a", 600_000), NewItem("b", 600_000)), ALBUM, 0), 0.0).queue
    assert after(queue, Ended("q1"), Ended("q1", play_id="queue:9"), at_ms=12 * SECOND) is queue
    ended = apply(queue, Ended("q1", play_id="queue:1"), 12 * SECOND)
    assert current(ended.queue) == "b"
    assert [(each.heard_ms, each.duration_ms) for each in ended.queue.unrecorded] == [(12_000, 12_000)]
    # Sought to its end it was not heard.
    sought = after(queue, Seek(590_000.0), at_ms=0.0)
    assert after(sought, Ended("q1", play_id="queue:1"), at_ms=9 * SECOND).unrecorded == []


def test_of_a_song_of_unknown_length_a_skip_is_no_play_and_it_repeats():
    queue = apply(empty(), PlayNow((NewItem("a", 0), NewItem("b", 0)), ALBUM, 0), 0.0).queue
    assert after(queue, Next(), at_ms=SECOND).unrecorded == []
    ended = after(queue, SetRepeat(Repeat.ONE), Ended("q1"), at_ms=9 * SECOND)
    assert (current(ended), [each.duration_ms for each in ended.unrecorded]) == ("a", [9_000])


def test_songs_that_are_over_before_they_sound_go_round_twenty_times_and_no_more():
    made = PlayNow((NewItem("a", 0), NewItem("b", 100_000)), ALBUM, 0)
    queue = after(apply(empty(), made, 0.0).queue, SetRepeat(Repeat.ALL), at_ms=0.0)
    turns = 0
    while queue.anchor.playing:
        turns += 1
        queue = after(queue, Ended(queue.current_id, play_id=play_id_of(queue)), at_ms=float(turns))
    assert (turns, queue.unrecorded) == (20, [])
    assert after(queue, Resume(), at_ms=30.0).anchor.playing is True


def test_what_waits_longest_for_the_ledger_is_what_its_time_tells():
    queue = after(playing("abc"), Next(), at_ms=40 * SECOND)
    queue = after(queue, Next(), at_ms=80 * SECOND)
    assert (len(queue.unrecorded), queue.unrecorded_ms) == (2, 40 * SECOND)
    assert after(queue, Pause(), at_ms=0.0).unrecorded_ms == 0.0
