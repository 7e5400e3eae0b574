"""The way from one song to the next."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.playback.transitions import (
    LEAST_OVERLAP_MS,
    MOST_DRIFT_MS,
    MOST_GAP_MS,
    MOST_OVERLAP_MS,
    Outline,
    Transition,
    TransitionKind,
    transition,
)

PLAIN = Outline(200_000, is_measured=True, sound_start_ms=300, sound_end_ms=199_000)
FADING = replace(PLAIN, fade_out_start_ms=191_000)
RISING = replace(PLAIN, fade_in_end_ms=2_300)


def beating(song, period, first=400, certainty=0.9):
    beats = tuple(round(first + number * period) for number in range(int((song.end - first) / period)))
    return replace(song, beats_ms=beats, beat_certainty=certainty)


def test_songs_in_the_order_of_their_album_are_joined_whole():
    found = transition(FADING, RISING, follows_on_album=True)
    assert (found.kind, found.from_end_ms, found.to_start_ms) == (TransitionKind.GAPLESS, 200_000, 0)
    assert (found.overlap_ms, found.gap_ms, found.fade_out_ms, found.fade_in_ms) == (0, 0, 0, 0)


def test_a_song_that_fades_out_is_overlapped_by_its_fade():
    assert transition(FADING, PLAIN, follows_on_album=False) == Transition(
        kind=TransitionKind.CROSSFADE,
        from_end_ms=199_000,
        to_start_ms=300,
        overlap_ms=8_000,
        gap_ms=0,
        fade_out_ms=0,
        fade_in_ms=8_000,
        is_beat_aligned=False,
        reason="The first fades out: they overlap by 8.0 s.",
    )


def test_a_song_that_fades_in_is_laid_under_the_end_of_the_other():
    found = transition(PLAIN, RISING, follows_on_album=False)
    assert (found.kind, found.overlap_ms) == (TransitionKind.CROSSFADE, 2_000)
    assert (found.fade_out_ms, found.fade_in_ms) == (2_000, 0)


def test_the_longer_fade_decides_and_no_fade_is_laid_on_a_fade():
    found = transition(FADING, RISING, follows_on_album=False)
    assert (found.overlap_ms, found.fade_out_ms, found.fade_in_ms) == (8_000, 0, 0)
    assert found.reason == "The first fades out and the second fades in: they overlap by 8.0 s."


def test_a_very_long_fade_is_overlapped_at_its_end_only():
    found = transition(replace(PLAIN, fade_out_start_ms=150_000), PLAIN, follows_on_album=False)
    assert found.overlap_ms == MOST_OVERLAP_MS


def test_neither_fades_so_a_pause_is_kept_but_no_long_silence():
    found = transition(PLAIN, PLAIN, follows_on_album=False)
    assert (found.kind, found.from_end_ms, found.to_start_ms, found.gap_ms) == (TransitionKind.GAP, 199_000, 300, 1_300)
    hidden_track = replace(PLAIN, sound_end_ms=120_000)
    found = transition(hidden_track, PLAIN, follows_on_album=False)
    assert (found.from_end_ms, found.gap_ms) == (120_000, MOST_GAP_MS)
    assert "the rest is skipped" in found.reason


def test_sound_up_to_the_edges_is_cut():
    edge = Outline(10_000, is_measured=True)
    assert transition(edge, edge, follows_on_album=False).kind is TransitionKind.CUT


@pytest.mark.parametrize(("before", "after"), [(FADING, Outline(90_000)), (Outline(200_000), RISING)])
def test_what_was_not_measured_is_played_as_it_is(before, after):
    found = transition(before, after, follows_on_album=False)
    assert (found.kind, found.from_end_ms, found.to_start_ms) == (TransitionKind.CUT, 200_000, 0)


def test_a_jingle_is_not_faded_away():
    jingle = Outline(900, is_measured=True, sound_end_ms=900, fade_out_start_ms=100)
    found = transition(jingle, RISING, follows_on_album=False)
    assert (found.kind, found.gap_ms) == (TransitionKind.GAP, 300)
    assert found.reason == "One is too short to be faded: a pause of 0.3 s is kept."


def heard_beats(before, after, found):
    """The second's beats while both are heard, on the first's clock."""
    begins = found.from_end_ms - found.overlap_ms
    inside = [beat for beat in after.beats_ms if found.to_start_ms <= beat < found.to_start_ms + found.overlap_ms]
    return [begins + beat - found.to_start_ms for beat in inside]


@pytest.mark.parametrize("first", [310, 400, 555, 700])
def test_songs_of_one_tempo_meet_on_the_beat(first):
    before, after = beating(PLAIN, 500), beating(PLAIN, 500, first)
    found = transition(before, after, follows_on_album=False)
    assert (found.kind, found.is_beat_aligned) == (TransitionKind.CROSSFADE, True)
    assert abs(found.overlap_ms - 4_000) <= 500
    for beat in heard_beats(before, after, found):
        assert beat > before.beats_ms[-1] or beat in before.beats_ms


def test_other_tempi_and_uncertain_beats_are_not_forced_together():
    for other in (beating(PLAIN, 520), beating(PLAIN, 500, certainty=0.5), PLAIN):
        assert transition(beating(PLAIN, 500), other, follows_on_album=False).kind is TransitionKind.GAP
        found = transition(beating(FADING, 500), other, follows_on_album=False)
        assert (found.kind, found.is_beat_aligned, found.overlap_ms) == (TransitionKind.CROSSFADE, False, 8_000)


numbers = st.integers(-5_000, 400_000)
beats = st.one_of(
    st.just(()),
    st.lists(st.integers(-100, 400_000), max_size=30, unique=True).map(lambda found: tuple(sorted(found))),
    st.tuples(st.integers(0, 2_000), st.integers(250, 1_500), st.integers(5, 400)).map(
        lambda spec: tuple(spec[0] + number * spec[1] for number in range(spec[2]))
    ),
)
outlines = st.builds(
    Outline,
    duration_ms=numbers,
    is_measured=st.sampled_from([True, True, True, False]),
    sound_start_ms=st.integers(-100, 60_000),
    sound_end_ms=st.none() | numbers,
    fade_in_end_ms=st.none() | numbers,
    fade_out_start_ms=st.none() | numbers,
    beats_ms=beats,
    beat_certainty=st.floats(0, 1),
)


@given(outlines, outlines, st.booleans())
def test_whatever_was_measured_it_stays_within_both_songs(before, after, follows):
    found = transition(before, after, follows_on_album=follows)
    assert 0 <= found.from_end_ms <= before.duration
    assert 0 <= found.to_start_ms <= after.duration
    assert 0 <= found.overlap_ms <= min(found.from_end_ms, after.duration - found.to_start_ms)
    assert 0 <= found.gap_ms <= MOST_GAP_MS
    assert found.fade_out_ms in (0, found.overlap_ms)
    assert found.fade_in_ms in (0, found.overlap_ms)
    assert (found.overlap_ms > 0) == (found.kind is TransitionKind.CROSSFADE)
    assert (found.gap_ms > 0) == (found.kind is TransitionKind.GAP)
    assert found.reason.endswith(".")
    if found.overlap_ms:
        assert LEAST_OVERLAP_MS <= found.overlap_ms <= MOST_OVERLAP_MS


@given(outlines, outlines, outlines)
def test_a_songs_beginning_and_its_end_never_meet(before, middle, after):
    coming = transition(before, middle, follows_on_album=False)
    going = transition(middle, after, follows_on_album=False)
    assert coming.to_start_ms + coming.overlap_ms <= going.from_end_ms - going.overlap_ms


def mirrored(song):
    """The song played backwards."""
    fade_out = None if song.fade_in_end_ms is None else song.duration - (song.start + song.fade_in)
    fade_in = None if song.fade_out_start_ms is None else song.duration - (song.end - song.fade_out)
    return Outline(
        song.duration, song.is_measured, song.duration - song.end, song.duration - song.start, fade_in, fade_out
    )


@given(outlines, outlines)
def test_played_backwards_it_is_the_same_transition(before, after):
    before, after = replace(before, beats_ms=()), replace(after, beats_ms=())
    there = transition(before, after, follows_on_album=False)
    back = transition(mirrored(after), mirrored(before), follows_on_album=False)
    assert (there.kind, there.overlap_ms, there.gap_ms) == (back.kind, back.overlap_ms, back.gap_ms)
    assert (there.fade_out_ms, there.fade_in_ms) == (back.fade_in_ms, back.fade_out_ms)
    assert there.from_end_ms == before.duration - back.to_start_ms
    assert there.to_start_ms == after.duration - back.from_end_ms


@given(outlines, outlines)
def test_what_is_called_aligned_is(before, after):
    found = transition(before, after, follows_on_album=False)
    if found.is_beat_aligned:
        theirs = [beat for beat in before.beats_ms if before.start <= beat <= before.end]
        for beat in heard_beats(before, after, found):
            assert beat > theirs[-1] or min(abs(beat - each) for each in theirs) <= MOST_DRIFT_MS
