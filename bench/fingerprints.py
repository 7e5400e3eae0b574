"""How surely a sound is found again by its fingerprint, on the songs of the demo.

    python -m bench.fingerprints [--songs 18] [--seconds 0]

Every song goes through encoders, a cut, a change of loudness and a lower rate. Of each change the table tells how many
songs were found (a shared key brings the song among the candidates, and comparing says it is one sound), how many
were certain enough for an import to act on, the keys shared and the share of differing bits. Then every two different
songs are compared: those that share keys are what candidates cost, those that are said to be alike would be errors.
`--seconds` takes the beginning of each song only; 0 takes the whole.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from services.analysis.fingerprint import compare, fingerprint, keys
from services.audio.ffmpeg import Ffmpeg, find_ffmpeg
from services.demo.catalogue import every_song
from services.demo.studio import perform
from tests.analysis.signals import write_wav

FFMPEG = Ffmpeg(find_ffmpeg(None))
RATE = 44_100
ENCODINGS = {
    "MP3 96k": ("mp3", ["-c:a", "libmp3lame", "-b:a", "96k"]),
    "Opus 64k": ("opus", ["-c:a", "libopus", "-b:a", "64k"]),
    "AAC 128k": ("m4a", ["-c:a", "aac", "-b:a", "128k"]),
    "22.05 kHz": ("wav", ["-ar", "22050"]),
}
Sound = np.ndarray
CHANGES: dict[str, Callable[[Sound], Sound]] = {
    "1 s cut": lambda sound: sound[22050:],
    "1.03 s cut": lambda sound: sound[22712:],
    "3.1 s cut": lambda sound: sound[68400:],
    "-12 dB": lambda sound: sound * np.float32(0.25),
}


def heard(path: Path) -> Sound:
    """The file as the analyser hears it."""
    raw = FFMPEG.run(["-i", str(path), "-ac", "1", "-ar", "22050", "-f", "f32le", "-"], timeout_s=120)
    return np.frombuffer(raw, np.float32)


def versions(wav: Path) -> dict[str, Sound]:
    """The song as it is, and as each change leaves it."""
    sounds = {"as it is": heard(wav)}
    for name, (kind, options) in ENCODINGS.items():
        coded = wav.with_name(f"{wav.stem} coded.{kind}")
        FFMPEG.run(["-i", str(wav), *options, str(coded)], timeout_s=300)
        sounds[name] = heard(coded)
        coded.unlink()
    for name, change in CHANGES.items():
        sounds[name] = change(sounds["as it is"])
    cut = wav.with_name("cut.mp3")
    FFMPEG.run(["-ss", "1.03", "-i", str(wav), *ENCODINGS["MP3 96k"][1], str(cut)], timeout_s=300)
    sounds["1.03 s cut, MP3 96k"] = heard(cut)
    return sounds


def main() -> int:
    """Measure and print; 1 when a song was not found again or two different songs are one."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--songs", type=int, default=18)
    words.add_argument("--seconds", type=float, default=0.0)
    asked = words.parse_args()
    rows: dict[str, list[tuple[bool, bool, int, float]]] = {}
    originals = []
    with tempfile.TemporaryDirectory() as folder:
        for _, song in every_song()[: asked.songs]:
            pcm = perform(song.score, song.music).pcm
            pcm = pcm[: round(asked.seconds * RATE)] if asked.seconds else pcm
            wav = write_wav(Path(folder) / "song.wav", pcm.T / 32768, RATE)
            sounds = versions(wav)
            own = fingerprint(sounds.pop("as it is"))
            own_keys = set(keys(own))
            originals.append((own, own_keys))
            for name, sound in sounds.items():
                made = fingerprint(sound)
                shared = len(own_keys & set(keys(made)))
                found = compare(own, made)
                rate = 1.0 if found is None else found.bit_error_rate
                row = (
                    shared > 0 and found is not None and found.same,
                    found is not None and found.certain,
                    shared,
                    rate,
                )
                rows.setdefault(name, []).append(row)
            print(f"\r{len(originals)} songs", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(f"{len(originals)} songs; keys shared of at most 128: least, median; differing bits: most, median")
    print(f"{'':20} {'found':>7} {'certain':>8} {'least':>6} {'median':>7} {'most':>7} {'median':>7}")
    for name, row in rows.items():
        shared, rates = [each[2] for each in row], [each[3] for each in row]
        print(
            f"{name:20} {sum(each[0] for each in row):>4}/{len(row)} {sum(each[1] for each in row):>5}/{len(row)} "
            f"{min(shared):>6} {np.median(shared):>7.1f} {max(rates):>7.3f} {np.median(rates):>7.3f}"
        )
    pairs = list(itertools.combinations(originals, 2))
    shared = [len(first[1] & second[1]) for first, second in pairs]
    judged = [likeness for first, second in pairs if (likeness := compare(first[0], second[0])) is not None]
    wrong = sum(likeness.same for likeness in judged)
    least = min((likeness.bit_error_rate for likeness in judged), default=1.0)
    print(
        f"{len(pairs)} pairs of different songs: {wrong} said to be one sound, differing bits {least:.3f} at least; "
        f"{sum(map(bool, shared))} pairs share a key, {max(shared, default=0)} at most"
    )
    missed = sum(not each[0] for row in rows.values() for each in row)
    return 1 if wrong or missed else 0


if __name__ == "__main__":
    sys.exit(main())
