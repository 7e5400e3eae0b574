"""Each step of listening by itself: onsets, tuning, chords, the path of beats, and what is learned."""

import numpy as np
import pytest

from services.analysis.music import beats, keys, tempo
from services.analysis.music.chroma import hear_chroma
from services.analysis.music.onsets import hear_onsets
from services.analysis.music.weighing import chances, learned
from services.analysis.music.weights import KEY_WEIGHTS, SHIFT_WEIGHTS, TEMPO_WEIGHTS
from tests.music.instruments import RATE, Tone, play
from tests.music.scores import Plan, perform, plans


def test_onsets_are_heard_within_two_frames() -> None:
    sound = np.zeros(6 * RATE, dtype=np.float32)
    for second in (1.0, 2.5, 4.25):
        note = play("piano", 64, 0.6, Tone())
        sound[round(second * RATE) : round(second * RATE) + len(note)] += note
    onsets = hear_onsets(sound, RATE)
    whole = onsets.flux.sum(axis=1)
    tops = [frame for frame in range(2, len(whole) - 2) if whole[frame] == whole[frame - 2 : frame + 3].max() > 0.3]
    assert [round(frame / onsets.rate, 1) for frame in tops] == pytest.approx([1.0, 2.5, 4.25], abs=0.06)


def test_vibrato_is_no_onset() -> None:
    plain, shaking = (play("voice", 69, 5.0, Tone(vibrato=depth)) for depth in (0.0, 1.0))
    struck = np.concatenate([np.zeros(RATE, dtype=np.float32), play("piano", 69, 4.0, Tone())])
    note = hear_onsets(struck, RATE).flux.sum(axis=1).max()
    for held in (plain, shaking):
        assert np.percentile(hear_onsets(held, RATE).flux[20:-40].sum(axis=1), 98) < 0.02 * note


@pytest.mark.parametrize("reference_hz", [432.0, 436.5, 440.0, 446.0])
def test_the_tuning_is_found(reference_hz: float) -> None:
    sound = perform(Plan("tuning", "folk", 1, 100.0, 3, "major", reference_hz=reference_hz, seconds=12.0)).sound
    chroma = hear_chroma(sound, RATE)
    assert chroma.tuning == pytest.approx(12 * np.log2(reference_hz / 440.0), abs=0.04)
    assert chroma.clarity > 0.4


@pytest.mark.parametrize(
    ("triad", "index"), [((60, 64, 67), 0), ((62, 65, 69), 14), ((66, 70, 73), 6), ((59, 62, 66), 23)]
)
def test_a_chord_is_named(triad: tuple[int, ...], index: int) -> None:
    sound = np.sum([play("organ", pitch, 3.0, Tone()) for pitch in triad], axis=0).astype(np.float32)
    chords = keys.chords_of(hear_chroma(sound, RATE))
    assert int(np.argmax(chords.sum(axis=0))) == index


def test_the_right_tempo_is_among_the_candidates() -> None:
    for plan in plans(1)[::24]:
        played = perform(plan)
        periods_s, table, recurrence = tempo.evidence(hear_onsets(played.sound, RATE), hear_chroma(played.sound, RATE))
        bpm = 60 / np.median(np.diff(played.beats_s))
        assert np.abs(60 / periods_s / bpm - 1).min() < 0.05, plan.name
        assert table.shape == (len(periods_s), len(TEMPO_WEIGHTS))
        assert 0.08 < recurrence <= 1.0


def test_people_tap_most_readily_near_two_a_second() -> None:
    readiness = {bpm: float(tempo.resonance(bpm)) for bpm in (40, 80, 110, 160, 240)}
    assert max(readiness, key=readiness.__getitem__) == 110
    assert readiness[40] < readiness[80] and readiness[240] < readiness[160]


def test_the_path_follows_accents_and_bridges_gaps() -> None:
    pulse = np.zeros(1000, dtype=np.float32)
    played = np.arange(20, 980, 40)
    pulse[played] = 1.0
    pulse[played[8:10]] = 0.0
    assert beats.best_path(pulse, 40.0).tolist()[: len(played)] == played.tolist()


def test_the_path_follows_a_tempo_that_strays() -> None:
    played = np.round(np.cumsum(40 + 3 * np.sin(np.arange(24) / 3))).astype(int)
    pulse = np.zeros(1000, dtype=np.float32)
    pulse[played] = 1.0
    assert beats.best_path(pulse, 40.0).tolist() == played.tolist()


def test_every_column_of_evidence_has_a_weight() -> None:
    played = perform(Plan("columns", "rock", 1, 120.0, 0, "major", seconds=8.0))
    onsets, chroma = hear_onsets(played.sound, RATE), hear_chroma(played.sound, RATE)
    assert keys.evidence(chroma).shape == (24, len(KEY_WEIGHTS))
    path = np.arange(20, 600, 43)
    rows = beats.shift_evidence(tempo.accents(onsets), onsets.rate, chroma, path)
    assert rows.shape == (len(beats.SHIFTS), len(SHIFT_WEIGHTS))
    assert np.isfinite(rows).all()


def test_evidence_turns_with_the_key() -> None:
    chroma = hear_chroma(perform(Plan("turning", "folk", 1, 100.0, 0, "minor", seconds=10.0)).sound, RATE)
    up = type(chroma)(chroma.rate, np.roll(chroma.whole, 5, 1), np.roll(chroma.bass, 5, 1), 0.0, chroma.clarity)
    plain, turned = keys.evidence(chroma), keys.evidence(up)
    for mode in range(2):
        rows = np.roll(plain[12 * mode : 12 * mode + 12], 5, axis=0)
        assert turned[12 * mode : 12 * mode + 12] == pytest.approx(rows, abs=1e-4)


def test_likelihoods_sum_to_one_and_calm_takes_certainty_away() -> None:
    evidence = np.array([[2.0, 1.0], [1.0, 0.0], [0.0, 5.0]])
    plain, calm = chances(evidence, (1.0, 0.1)), chances(evidence, (1.0, 0.1), 3.0)
    assert plain.sum() == pytest.approx(1.0) and calm.sum() == pytest.approx(1.0)
    assert int(np.argmax(plain)) == int(np.argmax(calm)) == 0
    assert calm[0] < plain[0]


def test_learning_finds_what_told_the_right_ones() -> None:
    rng = np.random.default_rng(5)
    tables = [rng.standard_normal((5, 3)) for _ in range(300)]
    right = [int(np.argmax(table @ [2.0, 0.0, -1.0])) for table in tables]
    weights = learned(tables, right, 0.01)
    assert weights[0] > 1.0 and weights[2] < -0.5 and abs(weights[1]) < 0.2 * weights[0]
