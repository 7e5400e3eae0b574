"""How well and how fast the music of a sound is heard: tempo, beats and key against what was written.

Usage: python -m bench.music [--rounds 8] [--demo] [--wrong] [--workers 1] [--learn]. Plays the test set of tests/music
(a development half, from which the weights were learned, and a held-out half) and measures it. `--demo` has the songs
of the demo catalogue performed and measured too, `--wrong` lists the songs heard wrongly, `--learn` learns the weights
anew from a larger development half (about 800 songs) and writes services/analysis/music/weights.py.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from services.analysis.music import beats, keys, tempo
from services.analysis.music.chroma import Chroma, hear_chroma
from services.analysis.music.music import measure
from services.analysis.music.onsets import Onsets, hear_onsets
from services.analysis.music.weighing import chances, learned
from services.demo.catalogue import Song, every_song
from services.demo.instruments import SAMPLE_RATE
from services.demo.studio import perform as perform_demo
from tests.music.instruments import RATE
from tests.music.marks import Mark, f_measure, mark
from tests.music.scores import Plan, perform, plans

FLATS = {"Db": "C#", "Eb": "D#", "Gb": "F#", "Ab": "G#", "Bb": "A#"}
WEIGHTS = Path(__file__).parent.parent / "services" / "analysis" / "weights.py"
LEARNING_ROUNDS = 28
RESTRAINT = {"TEMPO": 0.02, "KEY": 0.03, "SHIFT": 0.01}


def heard_and_marked(plan: Plan) -> tuple[Mark, float, float]:
    """A song of the test set: its marks, its seconds, and the seconds it took."""
    played = perform(plan)
    begun = time.perf_counter()
    heard = measure(played.sound, RATE)
    taken = time.perf_counter() - begun
    apart = np.diff(played.beats_s)
    marks = mark(heard, 60 / float(np.median(apart)), plan.key, plan.mode, played.beats_s, plan.style, plan.steady)
    return marks, len(played.sound) / RATE, taken


def demo_marked(song: Song) -> tuple[Mark, float, float]:
    """A song of the demo catalogue, likewise; modes with a minor third count as minor."""
    take = perform_demo(song.score, song.music)
    sound = halved(take.pcm.mean(axis=1).astype(np.float32) / 32768.0)
    begun = time.perf_counter()
    heard = measure(sound, SAMPLE_RATE // 2)
    taken = time.perf_counter() - begun
    written = song.music.key.initial_key
    mode = "minor" if written.endswith("m") else "major"
    key = FLATS.get(written.rstrip("m"), written.rstrip("m"))
    beats_s = np.array([take.piece.seconds(float(beat)) for beat in range(int(take.piece.beats))])
    marks = mark(heard, song.music.bpm, key, mode, beats_s, song.score, True)
    return marks, len(sound) / (SAMPLE_RATE // 2), taken


def halved(sound: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """At half its sample rate, through a windowed sinc."""
    places = np.arange(-48, 49)
    sieve = np.sinc(places * 0.47) * np.hanning(99)[1:-1]
    return np.convolve(sound, sieve / sieve.sum(), mode="same")[::2].astype(np.float32)


def show(name: str, rows: Sequence[tuple[Mark, float, float]], *, wrong: bool) -> None:
    """The table of a set."""
    marks = [each for each, _, _ in rows]
    table(name, marks)
    calibration(marks)
    print(f"  {sum(length for _, length, _ in rows) / sum(taken for *_, taken in rows):.0f} × real time on one core")
    for each in marks if wrong else ():
        if not (each.tempo_right and each.key_right):
            sure = f"{each.tempo_confidence:.2f} and {each.key_confidence:.2f}"
            print(f"    {each.style:14} {each.wanted:18} heard as {each.answered:18} sure {sure}")


def table(name: str, marks: Sequence[Mark]) -> None:
    """One row."""
    sure = [each for each in marks if each.tempo_confidence >= 0.7]
    sure_keys = [each for each in marks if each.key_confidence >= 0.7]
    steady = [each for each in marks if each.steady]
    print(
        f"{name:16} {len(marks)} songs: tempo {share(m.tempo_right for m in marks)}"
        f" (steady {share(m.tempo_right for m in steady)}, to the octave {share(m.octave_right for m in marks)},"
        f" {len(sure)} sure ones {share(m.tempo_right for m in sure)}),"
        f" key {share(m.key_right for m in marks)} (MIREX {np.mean([m.key_score for m in marks]):.3f},"
        f" {len(sure_keys)} sure ones {share(m.key_right for m in sure_keys)}),"
        f" beats {np.mean([m.beats for m in marks]):.3f}"
    )


def share(which: Iterable[bool]) -> str:
    """A percentage."""
    rows = list(which)
    return f"{100 * sum(rows) / len(rows):5.1f}%" if rows else "    –"


def calibration(marks: Sequence[Mark]) -> None:
    """How often answers are right, by how sure they were."""
    for low, high in ((0.0, 0.5), (0.5, 0.7), (0.7, 0.85), (0.85, 0.95), (0.95, 1.01)):
        tempi = [m.tempo_right for m in marks if low <= m.tempo_confidence < high]
        tones = [m.key_right for m in marks if low <= m.key_confidence < high]
        found = [m.beats >= 0.8 for m in marks if low <= m.beats_confidence < high]
        print(
            f"  confidence {low:.2f}–{min(high, 1):.2f}: tempo {share(tempi)} of {len(tempi):3}, "
            f"key {share(tones)} of {len(tones):3}, beats (F ≥ 0.8) {share(found)} of {len(found):3}"
        )


@dataclass(frozen=True)
class Heard:
    """What a song of the development half has to teach."""

    plan: Plan
    beats_s: npt.NDArray[np.float64]
    onsets: Onsets
    chroma: Chroma

    @property
    def bpm(self) -> float:
        """The median tempo."""
        return 60 / float(np.median(np.diff(self.beats_s)))

    def cut(self, start_s: float, end_s: float) -> tuple[Onsets, Chroma]:
        """A part of it: what is learned must hold for short sounds too."""
        first, last = (round(each * self.onsets.rate) for each in (start_s, end_s))
        of = self.onsets
        part = Onsets(of.rate, of.flux[first:last], of.level[first:last], of.centroid_hz[first:last])
        first, last = (round(each * self.chroma.rate) for each in (start_s, end_s))
        notes = self.chroma
        return part, Chroma(notes.rate, notes.whole[first:last], notes.bass[first:last], notes.tuning, notes.clarity)


def hear(plan: Plan) -> Heard:
    """Play a song and listen to it."""
    played = perform(plan)
    return Heard(plan, played.beats_s, hear_onsets(played.sound, RATE), hear_chroma(played.sound, RATE))


def lessons(song: Heard) -> dict[str, list[tuple[npt.NDArray[np.float64], int]]]:
    """Tables of evidence and the right row of each."""
    found: dict[str, list[tuple[npt.NDArray[np.float64], int]]] = {"TEMPO": [], "KEY": [], "SHIFT": []}
    whole = (song.onsets, song.chroma)
    for onsets, chroma in (whole, song.cut(0, 15), song.cut(10, 25)):
        periods_s, rows, _ = tempo.evidence(onsets, chroma)
        away = np.abs(60 / periods_s / song.bpm - 1)
        # The first lesson of a song is the whole of it; without the right tempo among the candidates it teaches none.
        found["TEMPO"].append((rows, int(np.argmin(away)) if away.min() < 0.04 else -1))
    found["KEY"].append((keys.evidence(song.chroma), song.plan.tonic + 12 * (song.plan.mode == "minor")))
    registers = tempo.accents(song.onsets)
    span = 60 / song.bpm * song.onsets.rate
    path = beats.best_path(beats.pulse_of(registers, span), span)
    fits = [f_measure(beats.shifted(path, each) / song.onsets.rate, song.beats_s) for each in beats.SHIFTS]
    if max(fits) > 0.75:
        rows = beats.shift_evidence(registers, song.onsets.rate, song.chroma, path)
        found["SHIFT"].append((rows, int(np.argmax(fits))))
    return found


def learn(songs: Sequence[Heard]) -> str:
    """The text of services/analysis/music/weights.py."""
    taught = [lessons(song) for song in songs]
    lines = [
        '"""What was learned from the development half of the test set: rewritten by `python -m bench.music --learn`.',
        "",
        "A weight for each column of evidence in `tempo`, `keys` and `beats`, and how much less certain to be than the",
        "examples were, so that answers called 0.7 likely hold. Refuses to be edited by hand.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
    ]
    for name, restraint in RESTRAINT.items():
        every = [lesson for each in taught for lesson in each[name] if lesson[1] >= 0]
        weights = learned([rows for rows, _ in every], [place for _, place in every], restraint)
        body = "\n".join(f"    {weight:.5g}," for weight in weights)
        lines += [f"{name}_WEIGHTS: tuple[float, ...] = (", body, ")"]
        if name != "SHIFT":
            lines += [f"{name}_CALM = {calm_of(taught, name, restraint):.2f}", ""]
    return "\n".join(lines) + "\n"


def calm_of(
    taught: Sequence[dict[str, list[tuple[npt.NDArray[np.float64], int]]]], name: str, restraint: float
) -> float:
    """The least calm at which, of songs not learned from, 98 of a hundred answers at 0.7 or more are right."""
    scores: list[tuple[npt.NDArray[np.float64], int]] = []
    for fold in range(5):
        shown = [x for at, each in enumerate(taught) if at % 5 != fold for x in each[name] if x[1] >= 0]
        weights = learned([rows for rows, _ in shown], [place for _, place in shown], restraint)
        scores += [(each[name][0][0] @ weights, each[name][0][1]) for at, each in enumerate(taught) if at % 5 == fold]
    right = np.mean([int(np.argmax(score)) == place for score, place in scores])
    print(f"{name.lower()}: {100 * right:.1f}% of songs not learned from")
    for calm in np.arange(1.0, 3.0, 0.05):
        sure = [
            int(np.argmax(score)) == place
            for score, place in scores
            if chances(score[:, None], (1.0,), float(calm)).max() >= 0.7
        ]
        if np.mean(sure) >= 0.98:
            break
    return float(calm)


def main() -> None:
    """Measure, or learn and write."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=8)
    options.add_argument("--demo", action="store_true")
    options.add_argument("--workers", type=int, default=1)
    options.add_argument("--learn", action="store_true")
    options.add_argument("--wrong", action="store_true", help="list what was heard wrongly")
    chosen = options.parse_args()
    with ProcessPoolExecutor(chosen.workers) as pool:
        if chosen.learn:
            songs = list(pool.map(hear, plans(0, LEARNING_ROUNDS), chunksize=4))
            WEIGHTS.write_text(learn(songs))
            return
        for half, name in enumerate(("development", "held out")):
            rows = list(pool.map(heard_and_marked, plans(half, chosen.rounds), chunksize=4))
            show(name, rows, wrong=chosen.wrong)
        if chosen.demo:
            show("demo catalogue", list(pool.map(demo_marked, [song for _, song in every_song()])), wrong=chosen.wrong)


if __name__ == "__main__":
    main()
