"""Energy, danceability and valence lean the way they must."""

from dataclasses import replace

import numpy as np
import pytest

from services.analysis.music.beats import Beats
from services.analysis.music.feel import Bearing, danceability, energy, valence
from services.analysis.music.music import Music, measure
from tests.music.instruments import RATE, Tone, play
from tests.music.scores import Plan, perform

PLAIN = Bearing(loud_db=-20.0, density=3.0, bite=0.3, bright_hz=1200.0, low_share=0.15)
EVEN = Beats(np.arange(40) * 0.5, likelihood=0.9, strength=1.5, evenness=0.8)


def heard(plan: Plan) -> Music:
    return measure(perform(plan).sound, RATE)


@pytest.mark.parametrize("more", [{"loud_db": -14.0}, {"density": 5.0}, {"bite": 0.6}, {"bright_hz": 2400.0}])
def test_energy_rises_with_each_of_its_measures(more: dict[str, float]) -> None:
    assert energy(replace(PLAIN, **more)) > energy(PLAIN)


def test_danceability_rises_with_a_strong_even_beat_at_a_walking_tempo() -> None:
    plain = danceability(PLAIN, EVEN, 118.0)
    assert danceability(PLAIN, replace(EVEN, strength=2.5), 118.0) > plain
    assert danceability(PLAIN, replace(EVEN, evenness=0.4), 118.0) < plain
    assert danceability(replace(PLAIN, low_share=0.3), EVEN, 118.0) > plain
    assert danceability(replace(PLAIN, bite=0.5), EVEN, 118.0) > plain
    assert danceability(PLAIN, EVEN, 55.0) < plain
    assert danceability(PLAIN, EVEN, 200.0) < plain


def test_valence_rises_with_major_and_with_the_tempo() -> None:
    middle = valence(PLAIN, 0.5, 105.0)
    assert valence(PLAIN, 0.9, 105.0) > middle > valence(PLAIN, 0.1, 105.0)
    assert valence(PLAIN, 0.5, 150.0) > middle > valence(PLAIN, 0.5, 70.0)


@pytest.mark.parametrize("extreme", [-1e9, 0.0, 1e9])
def test_every_feel_stays_between_nought_and_one(extreme: float) -> None:
    wild = Bearing(extreme, extreme, extreme, extreme, extreme)
    assert 0.0 <= energy(wild) <= 1.0
    assert 0.0 <= danceability(wild, EVEN, 120.0) <= 1.0
    assert 0.0 <= valence(wild, 1.0, 208.0) <= 1.0


def test_loud_drums_have_more_energy_than_a_quiet_pad() -> None:
    tone = Tone()
    chords = [np.sum([play("pad", pitch, 4.0, tone) for pitch in (57, 60, 64)], axis=0) for _ in range(4)]
    pad = np.concatenate(chords).astype(np.float32)
    quiet = measure(pad * np.float32(0.02 / np.abs(pad).max()), RATE)
    loud = heard(Plan("loud", "punk", 1, 160.0, 2, "major", seconds=14.0))
    assert quiet.energy is not None and loud.energy is not None
    assert quiet.energy < 0.3 < 0.5 < loud.energy


def test_four_on_the_floor_is_more_danceable_than_a_straying_solo() -> None:
    floor = heard(Plan("floor", "house", 1, 120.0, 9, "minor", seconds=16.0))
    solo = heard(Plan("alone", "solo", 1, 84.0, 9, "minor", drift=0.08, seconds=16.0))
    assert floor.danceability is not None and solo.danceability is not None
    assert floor.danceability > solo.danceability + 0.2


def test_fast_major_is_gladder_than_slow_minor() -> None:
    glad = heard(Plan("glad", "folk", 1, 138.0, 7, "major", seconds=16.0))
    sad = heard(Plan("sad", "ballad", 1, 66.0, 9, "minor", seconds=20.0))
    assert glad.valence is not None and sad.valence is not None
    assert glad.valence > sad.valence + 0.3
    assert glad.valence_confidence <= 0.35
