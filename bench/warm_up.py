"""How much of a segment has to be encoded before it begins: what is lost at a splice, by length of warm-up.

Usage: python -m bench.warm_up [--codec mp3|opus] [--joints 6] [--music NAME …] [--songs 2]. Encodes each kind in
one go, then again from shortly before a joint; the table shows the worst joint's signal-to-noise ratio behind the
splice, in dB below the one run's. The warm-ups in `services/audio/codecs` were chosen by it (decision 0018).
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from services.audio.codecs import mp3, opus
from services.audio.codecs.geometry import BLANK, SAMPLE_RATE
from services.audio.ffmpeg import Ffmpeg, find_ffmpeg
from services.demo.catalogue import every_song
from services.demo.instruments import SAMPLE_RATE as DEMO_RATE
from services.demo.studio import perform

Sound = npt.NDArray[np.int16]
SECONDS = 40
BEHIND, BEFORE, JUDGED = 4, 40, 12
"""Steps looked at: from so many before the joint, decoded from more before it, up to so many behind it."""
TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Subject:
    """A codec and what is tried with it. A step is a frame or a packet."""

    name: str
    bitrates: tuple[int, ...]
    warm_ups: tuple[int, ...]
    chosen: int
    step: int
    delay: int
    lookahead: int

    def layout(self, bitrate: int, steps: int) -> mp3.Geometry | opus.Geometry:
        """The layout of a song of exactly so many steps."""
        samples = steps * self.step - self.delay
        return mp3.Geometry(bitrate, samples) if self.name == "mp3" else opus.Geometry(bitrate, samples)


SUBJECTS = (
    Subject(
        *("mp3", (96_000, 160_000, 320_000), (0, 1, 2, 4, 8, 16, 25, 50), mp3.WARMUP_FRAMES),
        *(mp3.FRAME_SAMPLES, mp3.ENCODER_DELAY, mp3.LOOKAHEAD_FRAMES),
    ),
    Subject(
        *("opus", (64_000, 128_000, 192_000), (0, 4, 10, 25, 50, 100, 200), opus.WARMUP_PACKETS),
        *(opus.PACKET_SAMPLES, opus.PRE_SKIP, 0),
    ),
)


def main() -> None:
    """Print one table a codec."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--joints", type=int, default=6)
    parser.add_argument("--songs", type=int, default=2, help="how many songs of the demo")
    parser.add_argument("--music", nargs="*", help="kinds of music, all if none is named")
    parser.add_argument("--codec", choices=[subject.name for subject in SUBJECTS])
    given = parser.parse_args()
    ffmpeg = Ffmpeg(find_ffmpeg(None))
    print(f"ffmpeg {ffmpeg.version()}; dB lost behind the worst of {given.joints} splices; * is what is used")
    with tempfile.TemporaryDirectory() as folder:
        for subject in (each for each in SUBJECTS if given.codec in (None, each.name)):
            heads = (f"{each}*" if each == subject.chosen else str(each) for each in subject.warm_ups)
            print(f"\n{subject.name:34}" + "".join(f"{each:>8}" for each in heads))
            for name, sound in kinds(given.songs, ffmpeg):
                if given.music and name.split()[0] not in given.music:
                    continue
                for bitrate in subject.bitrates:
                    lost = measure(subject, bitrate, sound, given.joints, ffmpeg, Path(folder))
                    print(f"{name:26} {bitrate // 1000:>6} " + "".join(f"{each:8.2f}" for each in lost), flush=True)


def kinds(songs: int, ffmpeg: Ffmpeg) -> Iterator[tuple[str, Sound]]:
    """Names and sounds: songs of the demo, and what is made to be hard."""
    yield "tones", made(tones)
    yield "speech-like noise", made(speech)
    yield "drums and noise", made(drums)
    yield "plucked, dark", made(plucked)
    everything = every_song()
    for _, song in everything[:: max(1, len(everything) // max(1, songs))][:songs]:
        pcm = perform(song.score, song.music).pcm[: SECONDS * DEMO_RATE]
        args = [
            "-f",
            "s16le",
            "-ar",
            str(DEMO_RATE),
            "-ac",
            "2",
            "-i",
            "pipe:0",
            "-ar",
            str(SAMPLE_RATE),
            "-f",
            "s16le",
        ]
        raw = ffmpeg.run([*args, "pipe:1"], stdin=pcm.astype("<i2").tobytes(), timeout_s=TIMEOUT_S)
        yield f"song {song.score}"[:26], np.frombuffer(raw, "<i2").reshape(-1, 2)


def made(voice: Callable[[npt.NDArray[np.float64], np.random.Generator], npt.NDArray[np.float64]]) -> Sound:
    """Two channels of a voice, the second a little later than the first; always the same."""
    sound = voice(np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE, np.random.default_rng(11))
    sound *= 0.7 / np.abs(sound).max()
    return (np.stack([sound, np.roll(sound, 20)], axis=1) * 32767).astype(np.int16)


def tones(t: npt.NDArray[np.float64], chance: np.random.Generator) -> npt.NDArray[np.float64]:
    """Gliding tones over a faint hiss."""
    sound = 0.002 * chance.standard_normal(len(t))
    for number, pitch in enumerate((110, 220.7, 331, 1234, 5000)):
        sound += 0.3 / (number + 1) * np.sin(2 * np.pi * pitch * t + 3 * np.sin(0.3 * t * (number + 1)))
    return sound


def speech(t: npt.NDArray[np.float64], chance: np.random.Generator) -> npt.NDArray[np.float64]:
    """Syllables: noise and a buzz through two moving resonances, four a second, with pauses."""
    buzz = np.sin(2 * np.pi * 120 * t + 20 * np.sin(2 * np.pi * 0.4 * t)) > 0.97
    source = 0.5 * buzz + 0.05 * chance.standard_normal(len(t))
    spectrum, rate = np.fft.rfft(source.reshape(-1, SAMPLE_RATE // 4), axis=1), SAMPLE_RATE / (SAMPLE_RATE // 4)
    hertz = np.arange(spectrum.shape[1]) * rate
    for row in spectrum:
        first, second = chance.uniform(250, 900), chance.uniform(900, 3500)
        row *= np.exp(-(((hertz - first) / 150) ** 2)) + 0.5 * np.exp(-(((hertz - second) / 300) ** 2)) + 0.01
        row *= chance.choice((0.02, 0.6, 1.0))
    return np.fft.irfft(spectrum, SAMPLE_RATE // 4, axis=1).reshape(-1)


def drums(t: npt.NDArray[np.float64], chance: np.random.Generator) -> npt.NDArray[np.float64]:
    """A burst of noise every half second over a low tone."""
    return chance.standard_normal(len(t)) * (np.exp(-(t % 0.5) / 0.03) + 0.01) + 0.2 * np.sin(2 * np.pi * 80 * t)


def plucked(t: npt.NDArray[np.float64], chance: np.random.Generator) -> npt.NDArray[np.float64]:
    """Strings without overtones above 9 kHz, quiet at times: hard on an encoder that weighs how much treble to keep."""
    sound, at = np.zeros(len(t)), 0.0
    while at < t[-1] - 1.3:
        pitch = 110 * 2 ** (chance.integers(0, 30) / 12)
        place = slice(int(at * SAMPLE_RATE), int((at + chance.uniform(0.2, 1.2)) * SAMPLE_RATE))
        since = t[place] - t[place.start]
        envelope = np.minimum(since / 0.005, 1) * np.exp(-since * chance.uniform(1, 6))
        for overtone in range(1, min(30, int(np.ceil(9000 / pitch)))):
            sound[place] += 0.2 / overtone * envelope * np.sin(2 * np.pi * pitch * overtone * since + overtone)
        at += chance.uniform(0.05, 0.35)
    return sound * (0.6 + 0.4 * np.sin(2 * np.pi * t * 0.35))


def measure(subject: Subject, bitrate: int, sound: Sound, joints: int, ffmpeg: Ffmpeg, folder: Path) -> list[float]:
    """For each warm-up, the worst joint's loss in dB."""
    steps = len(sound) // subject.step - 8
    arguments = ["-map", "0:a:0", *subject.layout(bitrate, 2).encoder_arguments()]
    step_bytes = bytes_of_step(subject, bitrate)
    one_run = encode(sound, arguments, ffmpeg)
    lost = [-np.inf] * len(subject.warm_ups)
    first, last = max(subject.warm_ups) + BEFORE, steps - 2 * SAMPLE_RATE // subject.step
    for joint in np.linspace(first, last, joints).astype(int).tolist():
        lead = one_run[(joint - BEFORE) * step_bytes : joint * step_bytes]
        tail = one_run[joint * step_bytes : (joint + JUDGED) * step_bytes]
        reference = judge(subject, bitrate, lead + tail, sound, joint, ffmpeg, folder)
        for place, warm_up in enumerate(subject.warm_ups):
            piece = sound[(joint - warm_up) * subject.step : (joint + JUDGED + 1 + subject.lookahead) * subject.step]
            fresh = encode(piece, arguments, ffmpeg)[warm_up * step_bytes :][: JUDGED * step_bytes]
            heard = judge(subject, bitrate, lead + fresh, sound, joint, ffmpeg, folder)
            lost[place] = max(lost[place], reference - heard)
    return [float(each) for each in lost]


def bytes_of_step(subject: Subject, bitrate: int) -> int:
    """Bytes of a step."""
    return mp3.Geometry(bitrate, 1).frame_bytes if subject.name == "mp3" else opus.Geometry(bitrate, 1).packet_bytes


def encode(sound: Sound, arguments: Sequence[str], ffmpeg: Ffmpeg) -> bytes:
    """The encoder's steps."""
    reading = ["-f", "s16le", "-ar", str(SAMPLE_RATE), "-ac", "2", "-i", "pipe:0"]
    return ffmpeg.run([*reading, *arguments, "pipe:1"], stdin=sound.astype("<i2").tobytes(), timeout_s=TIMEOUT_S)


def judge(
    subject: Subject, bitrate: int, steps: bytes, sound: Sound, joint: int, ffmpeg: Ffmpeg, folder: Path
) -> float:
    """The signal-to-noise ratio around the joint of steps that begin BEFORE steps in front of it, in dB."""
    layout = subject.layout(bitrate, BEFORE + JUDGED)
    file = folder / f"piece.{subject.name}"
    file.write_bytes(layout.head(BLANK) + layout.assemble(0, steps))
    raw = ffmpeg.run(["-i", str(file), "-f", "f32le", "-ac", "2", "pipe:1"], timeout_s=TIMEOUT_S)
    heard = np.frombuffer(raw, "<f4").reshape(-1, 2).astype(np.float64)
    # What is decoded begins where the encoder's delay ends.
    start = (BEFORE - BEHIND) * subject.step - subject.delay
    first = (joint - BEHIND) * subject.step - subject.delay
    truth = sound[first : first + (BEHIND + JUDGED) * subject.step].astype(np.float64) / 32768
    near = heard[start:][: len(truth)]
    truth = truth[: len(near)]
    return float(10 * np.log10((truth**2).sum() / ((near - truth) ** 2).sum()))


if __name__ == "__main__":
    main()
