"""Rooms, echoes and colour for stereo sound: each function takes (2, n) float32 and gives back the same
shape.

Owns signal treatment. Refuses to know songs, parts and levels.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from services.demo.instruments import SAMPLE_RATE, Signal, fast_length

_BLOCK = 1 << 16


def room(seconds: float, damping_hz: float, rng: np.random.Generator) -> Signal:
    """An impulse response: a few early reflections, then noise that dies to -60 dB in `seconds`.

    Highs die sooner than lows, as in air and plaster: above `damping_hz` the decay is about three times
    faster.
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
    heard: Signal = (impulse / np.sqrt(np.sum(impulse**2) / 2)).astype(np.float32)
    return heard


def convolve(sound: Signal, impulse: Signal) -> Signal:
    """The sound in that room, cut to its own length."""
    return _overlap_add(sound, impulse, _BLOCK)[:, : sound.shape[1]]


def shape_spectrum(sound: Signal, gain: Callable[[Signal], Signal]) -> Signal:
    """A fixed filter without delay: every frequency in Hz times `gain`, as a symmetric kernel of 4,096
    taps."""
    taps = 4096
    response = gain(np.fft.rfftfreq(taps, 1 / SAMPLE_RATE))
    kernel = np.roll(np.fft.irfft(response, taps), taps // 2) * np.hanning(taps + 1)[:taps]
    shaped = _overlap_add(np.atleast_2d(sound), kernel[None, :].astype(np.float32), 1 << 14)
    cut = shaped[:, taps // 2 : taps // 2 + sound.shape[-1]]
    return cut if sound.ndim == 2 else cut[0]


def _overlap_add(sound: Signal, impulse: Signal, block: int) -> Signal:
    """The full convolution, block by block: transforms that fit the cache beat one transform of the whole."""
    channels, count = sound.shape
    reach = impulse.shape[1]
    size = 1 << int(np.ceil(np.log2(block + reach)))
    step = size - reach
    response = np.fft.rfft(impulse.astype(np.float32), size)
    blocks = -(-count // step)
    out = np.zeros((channels, blocks * step + reach), dtype=np.float32)
    for start in range(0, count, step):
        piece = sound[:, start : start + step].astype(np.float32, copy=False)
        out[:, start : start + size] += np.fft.irfft(np.fft.rfft(piece, size) * response, size)
    return out


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
    out = np.zeros((2, (views.shape[1] + 1) * hop), dtype=np.float32)
    for first in range(0, views.shape[1], 128):
        some = views[:, first : first + 128]
        ratio = np.square(hz / cutoffs[first : first + some.shape[1], None])
        gains = 1 / np.sqrt(1 + ratio * ratio)
        shaped = np.fft.irfft(np.fft.rfft(some * window) * gains, frame) * window
        begin, length = first * hop, some.shape[1] * hop
        out[:, begin : begin + length] += shaped[:, :, :hop].reshape(2, -1)
        out[:, begin + hop : begin + hop + length] += shaped[:, :, hop:].reshape(2, -1)
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
    heard: Signal = channel[index] * (1 - part) + channel[index + 1] * part
    return heard


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
