"""The last desk: how loud a mix is, gentle compression, a limiter, and 16-bit samples with dither.

Owns levels. Loudness follows ITU-R BS.1770: K-weighting, 400 ms blocks, gates at -70 LUFS and 10 LU under
the mean.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from services.demo.effects import high_pass, shape_spectrum
from services.demo.instruments import SAMPLE_RATE, Signal

TARGET_LUFS = -14.0
CEILING_DBFS = -2.5
"""Sample peaks stay under this, so that true peaks, also after lossy coding, stay under -1 dB."""


def loudness_lufs(sound: Signal, every: int = 1) -> float:
    """Integrated loudness of stereo sound; -70 when there is nothing above the gate.

    With `every` above 1 only one tenth of a second in so many is looked at: near enough to level a part with.
    """
    frame = SAMPLE_RATE // 10
    frames = max(4, sound.shape[1] // frame)
    if sound.shape[1] < frames * frame:
        sound = np.pad(sound, ((0, 0), (0, frames * frame - sound.shape[1])))
    tenths = np.ascontiguousarray(sound[:, : frames * frame], dtype=np.float32).reshape(2, frames, frame)[:, ::every]
    weights = k_weighting(np.fft.rfftfreq(frame, 1 / SAMPLE_RATE)).astype(np.float32)
    bins = np.fft.rfft(tenths)
    # Parseval: the weighted power of a tenth of a second is the sum over its spectrum, both halves counted.
    power = 2 * ((bins.real**2 + bins.imag**2) * weights).sum(axis=(0, 2)) / frame**2
    powers = np.convolve(power, np.full(4, 0.25), mode="valid")
    return _gated(powers)


def k_weighting(hz: Signal) -> Signal:
    """Power response of BS.1770's two filters: a high shelf of +4 dB for the head, and a high-pass near 38
    Hz."""
    z = np.exp(-2j * np.pi * hz / 48_000)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    floor = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    heard: Signal = np.abs(shelf * floor) ** 2
    return heard


def _gated(powers: Signal) -> float:
    loud = powers[powers > 10 ** ((-70 + 0.691) / 10)]
    if loud.size == 0:
        return -70.0
    loud = loud[loud > loud.mean() / 10]
    return float(-0.691 + 10 * np.log10(loud.mean()))


def compress(sound: Signal, *, threshold_db: float, ratio: float) -> Signal:
    """Gentle bus compression: 20 ms to react, a quarter of a second to let go, both channels alike."""
    block = 128
    count = sound.shape[1]
    blocks = -(-count // block)
    padded = np.zeros((2, blocks * block), dtype=np.float32)
    padded[:, :count] = sound
    level = 10 * np.log10((padded**2).mean(axis=0).reshape(blocks, block).mean(axis=1) + 1e-10)
    wanted = np.minimum(0.0, (threshold_db - level) * (1 - 1 / ratio))
    attack, release = (1 - np.exp(-block / SAMPLE_RATE / seconds) for seconds in (0.02, 0.25))
    gains, held = [], 0.0
    for target in wanted.tolist():
        held += (target - held) * (attack if target < held else release)
        gains.append(held)
    curve = np.interp(np.arange(count), np.arange(blocks) * block + block / 2, gains)
    heard: Signal = (sound * 10 ** (curve / 20)).astype(np.float32)
    return heard


def limit(sound: Signal, ceiling_dbfs: float = CEILING_DBFS) -> Signal:
    """Peaks held under the ceiling: the gain is down before a peak arrives and returns slowly after it."""
    block, ahead = 32, 48
    ceiling = 10 ** (ceiling_dbfs / 20)
    count = sound.shape[1]
    blocks = -(-count // block)
    padded = np.zeros((2, blocks * block), dtype=np.float32)
    padded[:, :count] = sound
    peaks = np.abs(padded).max(axis=0).reshape(blocks, block).max(axis=1)
    needed = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    release = 1 - np.exp(-block / SAMPLE_RATE / 0.12)
    gains, held = [], 1.0
    for target in needed.tolist():
        held = min(target, held + (1.0 - held) * release)
        gains.append(held)
    # The lowest gain within reach, then smoothed within that same reach: never above what any peak needs.
    edge = np.pad(np.array(gains), (ahead, ahead), mode="edge")
    lowest = np.lib.stride_tricks.sliding_window_view(edge, 2 * ahead + 1).min(axis=1)
    window = np.hanning(ahead + 1)
    window /= window.sum()
    smooth = np.convolve(np.pad(lowest, (ahead // 2, ahead // 2), mode="edge"), window, mode="valid")
    curve = np.interp(np.arange(count), np.arange(blocks) * block + block / 2, smooth)
    return (sound * curve).astype(np.float32)


def master(mix: Signal, *, glue: float = 2.0) -> Signal:
    """A finished stereo master at `TARGET_LUFS`, peaks under the ceiling. `glue` is the compressor's
    ratio."""
    sound = shape_spectrum(mix, high_pass(28.0))
    sound = sound * np.float32(10 ** ((TARGET_LUFS - 4 - loudness_lufs(sound)) / 20))
    sound = compress(sound, threshold_db=-20.0, ratio=glue)
    for _ in range(3):
        gain_db = TARGET_LUFS - loudness_lufs(sound)
        sound = limit(sound * np.float32(10 ** (gain_db / 20)))
        if abs(gain_db) < 0.2:
            break
    return sound


def to_int16(sound: Signal, rng: np.random.Generator) -> npt.NDArray[np.int16]:
    """Interleaved 16-bit samples with triangular dither of one step, so that fades end in air, not in
    crackle."""
    noise = rng.random(sound.shape, dtype=np.float32) - rng.random(sound.shape, dtype=np.float32)
    steps = np.rint(sound * 32767.0 + noise)
    return np.clip(steps, -32768, 32767).astype(np.int16).T.copy()
