"""Songs nobody learned from: their tempo, key and beats, and whether sure answers are right."""

from collections.abc import Sequence

import numpy as np
import pytest

from services.analysis.music.keys import NAMES
from services.analysis.music.music import measure
from tests.music.instruments import RATE
from tests.music.marks import Mark, mark
from tests.music.scores import Plan, perform, plans


def marked(plan: Plan) -> Mark:
    played = perform(plan)
    bpm = 60 / float(np.median(np.diff(played.beats_s)))
    heard = measure(played.sound, RATE)
    return mark(heard, bpm, plan.key, plan.mode, played.beats_s, plan.style, plan.steady)


@pytest.fixture(scope="module")
def marks() -> list[Mark]:
    """Every fifth song of the held-out half, so that each style has its turn; the bench takes them all."""
    return [marked(plan) for plan in plans(1)[::5]]


def share(rights: Sequence[bool]) -> float:
    return sum(rights) / len(rights)


@pytest.mark.long
def test_the_tempo_of_most_songs_is_right_to_the_octave(marks: list[Mark]) -> None:
    assert share([each.tempo_right for each in marks]) >= 0.85
    assert share([each.octave_right for each in marks]) >= 0.95


@pytest.mark.long
def test_the_key_of_most_songs_is_right(marks: list[Mark]) -> None:
    assert share([each.key_right for each in marks]) >= 0.9
    assert np.mean([each.key_score for each in marks]) >= 0.92


@pytest.mark.long
def test_beats_fall_where_they_were_played(marks: list[Mark]) -> None:
    assert np.median([each.beats for each in marks]) >= 0.93
    assert np.mean([each.beats for each in marks if each.tempo_right]) >= 0.9


@pytest.mark.long
def test_sure_answers_are_right(marks: list[Mark]) -> None:
    tempi = [each.tempo_right for each in marks if each.tempo_confidence >= 0.7]
    tones = [each.key_right for each in marks if each.key_confidence >= 0.7]
    beats = [each.beats >= 0.8 for each in marks if each.beats_confidence >= 0.7]
    assert len(tempi) >= 8 and share(tempi) >= 0.95
    assert len(tones) >= 20 and share(tones) >= 0.95
    assert len(beats) >= 6 and share(beats) >= 0.95


@pytest.mark.long
def test_accuracy_rises_with_confidence(marks: list[Mark]) -> None:
    by_tempo = sorted(marks, key=lambda each: each.tempo_confidence)
    third = len(marks) // 3
    assert share([each.tempo_right for each in by_tempo[:third]]) < share(
        [each.tempo_right for each in by_tempo[-third:]]
    )
    wrong_tempi = [each.tempo_confidence for each in marks if not each.tempo_right]
    assert max(wrong_tempi, default=0.0) < 0.7


@pytest.mark.parametrize("mode", ["major", "minor"])
def test_all_twelve_keys_are_told(mode: str) -> None:
    heard = []
    for tonic in range(12):
        plan = Plan(f"key-{tonic}-{mode}", "folk", 1, 104.0, tonic, mode, seconds=14.0, reference_hz=434.0 + tonic)
        found = measure(perform(plan).sound, RATE)
        heard.append((found.key, found.mode))
    assert sum(each == (NAMES[tonic], mode) for tonic, each in enumerate(heard)) >= 11


@pytest.mark.parametrize("bpm", [68, 84, 96, 110, 124, 138, 152, 166, 180])
def test_a_steady_band_is_heard_at_every_tempo(bpm: int) -> None:
    plan = Plan(f"steady-{bpm}", "rock", 1, float(bpm), 4, "major", seconds=16.0)
    found = measure(perform(plan).sound, RATE)
    assert found.tempo == pytest.approx(bpm, rel=0.005)


def test_a_tempo_that_strays_is_told_by_its_median() -> None:
    plan = Plan("straying", "rock", 1, 112.0, 2, "minor", drift=0.05)
    played = perform(plan)
    found = measure(played.sound, RATE)
    assert found.tempo == pytest.approx(60 / np.median(np.diff(played.beats_s)), rel=0.03)
    # The beats follow the player rather than the mean.
    apart = np.diff(found.beats_ms)
    assert np.percentile(apart, 95) / np.percentile(apart, 5) > 1.07


def test_beats_are_in_order_and_within_the_sound() -> None:
    played = perform(Plan("order", "bossa", 1, 120.0, 7, "major", lead_in_s=2.0, seconds=15.0))
    found = measure(played.sound, RATE)
    assert found.beats_ms == sorted(set(found.beats_ms))
    assert found.beats_ms[0] >= 1900
    assert found.beats_ms[-1] <= len(played.sound) * 1000 / RATE


def test_volume_and_polarity_change_nothing_but_energy() -> None:
    sound = perform(Plan("volume", "jazz", 1, 132.0, 5, "minor", swing=0.66, seconds=15.0)).sound
    plain, turned, quiet = measure(sound, RATE), measure(-sound, RATE), measure(sound * np.float32(0.03), RATE)
    assert turned == plain
    assert quiet.beats_ms == plain.beats_ms
    assert (quiet.tempo, quiet.key, quiet.mode) == (plain.tempo, plain.key, plain.mode)
    assert quiet.energy is not None and plain.energy is not None and quiet.energy < plain.energy


def test_the_same_sound_is_measured_the_same() -> None:
    sound = perform(Plan("same", "house", 1, 122.0, 9, "minor", seconds=12.0)).sound
    assert measure(sound, RATE) == measure(sound.copy(), RATE)
