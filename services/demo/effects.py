"""Rooms, echoes and colour for stereo sound: each function takes (2, n) float32 and gives back the same shape.

Owns signal treatment. Refuses to know songs, parts and levels.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from services.demo.instruments import SAMPLE_RATE, Signal, fast_length

_BLOCK = 1 << 16


def room(seconds: float, damping_hz: float, rng: np.random.Generator) -> Signal:
    """An impulse response: a few early reflections, then noise that dies to -60 dB in `seconds`.

    Highs die sooner than lows, as in air and plaster: above `damping_hz` the decay is about three times faster.
    """
    count = fast_length(round(seconds * 1.1 * SAMPLE_RATE))
    t = np.arange(count) / SAMPLE_RATE
    hz = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
    low_pass = 1 / np.sqrt(1 + (hz / damping_hz) ** 2)
    channels = []
    for _ in range(2):
        noise = np.fft.rfft(rng.standard_normal(count))
        mellow = np.fft.irfft(noise * low_pass, count)
        brisk = np.fft.irfft(noise * (1 - low_pass), count)
        onset = np.clip((t - 0.012) / 0.03, 0, 1)
        tail = onset * (mellow * np.exp(-6.9 * t / seconds) + brisk * np.exp(-20.0 * t / seconds))
        for _ in range(6):
            tail[int(rng.uniform(0.006, 0.055) * SAMPLE_RATE)] += float(rng.uniform(-1, 1)) * 2.2
        channels.append(tail)
    impulse = np.stack(channels)
    return (impulse / np.sqrt(np.sum(impulse**2) / 2)).astype(np.float32)


def convolve(sound: Signal, impulse: Signal) -> Signal:
    """The sound in that room, cut to its own length; overlap-add with one transform size for all blocks."""
    count, reach = sound.shape[1], impulse.shape[1]
    size = 1 << int(np.ceil(np.log2(_BLOCK + reach)))
    step = size - reach
    blocks = -(-count // step)
    padded = np.zeros((2, blocks * step), dtype=np.float32)
    padded[:, :count] = sound
    response = np.fft.rfft(impulse, size)
    out = np.zeros((2, blocks * step + reach), dtype=np.float32)
    for block in range(blocks):
        start = block * step
        wet = np.fft.irfft(np.fft.rfft(padded[:, start : start + step], size) * response, size)
        out[:, start : start + size] += wet[:, : out.shape[1] - start]
    return out[:, :count]


def shape_spectrum(sound: Signal, gain: Callable[[Signal], Signal]) -> Signal:
    """A fixed, phase-free filter: every frequency in Hz times `gain`, by one transform of the whole."""
    count = sound.shape[-1]
    size = fast_length(count + 4096)
    bins = np.fft.rfft(sound, size) * gain(np.fft.rfftfreq(size, 1 / SAMPLE_RATE)).astype(np.float32)
    return np.fft.irfft(bins, size)[..., :count].astype(np.float32)


def low_pass(cutoff_hz: float) -> Callable[[Signal], Signal]:
    """A gentle roof, 12 dB an octave."""
    return lambda hz: 1 / np.sqrt(1 + (hz / cutoff_hz) ** 4)


def high_pass(cutoff_hz: float) -> Callable[[Signal], Signal]:
    """A gentle floor, 12 dB an octave; nothing at 0 Hz passes."""
    return lambda hz: 1 / np.sqrt(1 + (cutoff_hz / np.maximum(hz, 1e-3)) ** 4)


def sweep(sound: Signal, cutoff_hz: Signal) -> Signal:
    """A low-pass whose cutoff moves: `cutoff_hz` holds one value for every 1,024 samples."""
    frame, hop = 2048, 1024
    count = sound.shape[1]
    frames = count // hop + 1
    window = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(frame) / frame)).astype(np.float32)
    padded = np.zeros((2, (frames + 1) * hop), dtype=np.float32)
    padded[:, hop : hop + count] = sound
    views = np.lib.stride_tricks.sliding_window_view(padded, frame, axis=1)[:, ::hop]
    hz = np.fft.rfftfreq(frame, 1 / SAMPLE_RATE).astype(np.float32)
    cutoffs = np.interp(np.arange(views.shape[1]), np.arange(cutoff_hz.size), cutoff_hz).astype(np.float32)
    gains = 1 / np.sqrt(1 + (hz / cutoffs[:, None]) ** 4)
    shaped = np.fft.irfft(np.fft.rfft(views * window) * gains, frame).astype(np.float32) * window
    out = np.zeros_like(padded)
    halves = shaped.shape[1] * hop
    out[:, :halves] += shaped[:, :, :hop].reshape(2, -1)
    out[:, hop : hop + halves] += shaped[:, :, hop:].reshape(2, -1)[:, : out.shape[1] - hop]
    return out[:, hop : hop + count]


def echo(sound: Signal, delay_s: float, feedback: float, roof_hz: float) -> Signal:
    """Only the repeats: they bounce left and right, each softer and darker than the one before."""
    delay = round(delay_s * SAMPLE_RATE)
    mono = shape_spectrum(sound.mean(axis=0), low_pass(roof_hz))
    out = np.zeros_like(sound)
    level, side = 1.0, 0
    for bounce in range(1, 7):
        if bounce * delay >= mono.size:
            break
        out[side, bounce * delay :] += level * mono[: mono.size - bounce * delay]
        out[1 - side, bounce * delay :] += 0.25 * level * mono[: mono.size - bounce * delay]
        level, side = level * feedback, 1 - side
    return out


def chorus(sound: Signal, depth_ms: float, rate_hz: float) -> Signal:
    """A second, slightly wandering copy in each ear: width without blur."""
    return np.stack(
        [
            0.75 * channel + 0.55 * _wander(channel, 9.0 + 4.0 * side, depth_ms, rate_hz, side * 1.9)
            for side, channel in enumerate(sound)
        ]
    )


def tape(sound: Signal, depth_ms: float) -> Signal:
    """A tired tape: slow wow and a trace of flutter, the same in both channels, so the picture stays put."""
    return np.stack(
        [_wander(_wander(channel, 6.0, depth_ms, 0.55, 0.0), 1.0, depth_ms * 0.05, 6.3, 0.0) for channel in sound]
    )


def _wander(channel: Signal, base_ms: float, depth_ms: float, rate_hz: float, phase: float) -> Signal:
    """The channel through a delay that sways around `base_ms`."""
    n = np.arange(channel.size, dtype=np.float64)
    sway = base_ms + depth_ms * np.sin(2 * np.pi * rate_hz * n / SAMPLE_RATE + phase)
    place = np.maximum(n - sway * (SAMPLE_RATE / 1000), 0.0)
    index = np.minimum(place.astype(np.int64), channel.size - 2)
    part = (place - index).astype(np.float32)
    return channel[index] * (1 - part) + channel[index + 1] * part


def tremolo(sound: Signal, rate_hz: float, depth: float) -> Signal:
    """The suitcase piano's stereo tremolo: the sound leans left and right."""
    n = np.arange(sound.shape[1], dtype=np.float64)
    lean = (depth * np.sin(2 * np.pi * rate_hz * n / SAMPLE_RATE)).astype(np.float32)
    return sound * np.stack([1 + lean, 1 - lean])


def saturate(sound: Signal, drive: float) -> Signal:
    """Soft clipping that keeps small signals as they are."""
    return (np.tanh(sound * drive) / drive).astype(np.float32)


def duck(sound: Signal, at_s: list[float], depth: float, recover_s: float) -> Signal:
    """The sound bows to each kick: down by `depth` (0 to 1) at once, back within `recover_s`."""
    gain = np.ones(sound.shape[1], dtype=np.float32)
    count = round(recover_s * SAMPLE_RATE)
    curve = (1 - depth * (0.5 + 0.5 * np.cos(np.linspace(0, np.pi, count)))).astype(np.float32)
    lead = round(0.004 * SAMPLE_RATE)
    curve[:lead] = np.linspace(1.0, curve[lead], lead)
    for moment in at_s:
        start = max(0, round(moment * SAMPLE_RATE))
        span = gain[start : start + count]
        np.minimum(span, curve[: span.size], out=span)
    return sound * gain
