"""From parts to a stereo mix: notes are placed in time, each part is levelled by loudness, treated and added.

Owns the mixing desk: what a `Track` and an `Arrangement` are, and how they sound together. Refuses to know
styles.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from services.demo import drums, effects, instruments, sustained
from services.demo.composer import Note, Piece
from services.demo.instruments import SAMPLE_RATE, Signal
from services.demo.mastering import loudness_lufs

_REFERENCE_LUFS = -23.0
Voice = Callable[[float, float, float, np.random.Generator], Signal]

# Instruments that ring by themselves: the seconds one recorded note lasts before it is reused for every
# length.
_RINGING: dict[str, tuple[Voice, float]] = {
    "electric_piano": (instruments.electric_piano, 4.0),
    "piano": (instruments.felt_piano, 5.0),
    "guitar": (instruments.plucked, 3.0),
    "steel": (instruments.steel, 3.0),
    "harp": (instruments.harp, 3.5),
    "pizzicato": (instruments.pizzicato, 0.9),
    "vibraphone": (instruments.vibraphone, 3.5),
    "bell": (instruments.bell, 4.0),
    "celesta": (instruments.celesta, 2.0),
    "upright": (instruments.upright_bass, 2.0),
    "blip": (instruments.synth_pluck, 1.0),
}
_HELD: dict[str, Voice] = {
    "warm_pad": sustained.warm_pad,
    "glass_pad": sustained.glass_pad,
    "bright_pad": sustained.bright_pad,
    "choir": sustained.choir,
    "strings": sustained.string_section,
    "saw": sustained.saw_lead,
    "glass": sustained.glass_lead,
    "violin": sustained.solo_violin,
    "cello": sustained.cello,
    "clarinet": sustained.clarinet,
    "whistle": sustained.whistle,
    "voice": sustained.voice,
    "synth_bass": sustained.synth_bass,
    "sub": sustained.sub_bass,
}

# How far a held note reaches into the next: pads melt into one another, lines are sung rather than typed.
_OVERLAP_S = {
    "warm_pad": 0.7,
    "glass_pad": 1.3,
    "choir": 0.6,
    "strings": 0.25,
    "bright_pad": 0.15,
    "sub": 0.12,
}


@dataclass(slots=True)
class Track:
    """One part. `level_lu` is its loudness against the mix's reference while it plays; sends are 0 to 1.

    `kit` names a drum flavour when the pitches are drums. `sweep` is (beat, cutoff Hz) points of a moving
    filter.
    """

    instrument: str
    notes: list[Note]
    level_lu: float
    pan: float = 0.0
    spread: float = 0.0
    reverb: float = 0.2
    echo: float = 0.0
    chorus_ms: float = 0.0
    tremolo: float = 0.0
    drive: float = 0.0
    roof_hz: float = 0.0
    floor_hz: float = 0.0
    duck: float = 0.0
    sweep: tuple[tuple[float, float], ...] = ()
    loose_ms: float = 6.0
    kit: str = ""


@dataclass(slots=True)
class Arrangement:
    """Everything a band plays in a piece, and the place it plays in."""

    tracks: list[Track] = field(default_factory=list)
    room_s: float = 1.6
    damping_hz: float = 4000.0
    reverb_lu: float = -8.0
    echo_beats: float = 0.75
    texture: str = ""
    texture_lu: float = -22.0
    tape_ms: float = 0.0
    roof_hz: float = 0.0
    glue: float = 2.0
    tail_s: float = 3.0
    fade_out_s: float = 2.5


def mix(piece: Piece, arrangement: Arrangement, rng: np.random.Generator) -> Signal:
    """The stereo mix, not yet mastered."""
    count = round((piece.seconds(piece.beats) + arrangement.tail_s) * SAMPLE_RATE)
    kicks = [
        piece.seconds(piece.swung(note.start))
        for track in arrangement.tracks
        if track.kit
        for note in track.notes
        if note.pitch == drums.KICK
    ]
    dry = np.zeros((2, count), dtype=np.float32)
    wet = np.zeros((2, count), dtype=np.float32)
    repeats = np.zeros((2, count), dtype=np.float32)
    for track in arrangement.tracks:
        if not track.notes:
            continue
        bus = _treat(piece, track, _perform(piece, track, count, rng), kicks)
        bus *= np.float32(10 ** ((_REFERENCE_LUFS + track.level_lu - loudness_lufs(bus, 3)) / 20))
        dry += bus
        if track.reverb:
            wet += np.float32(track.reverb) * bus
        if track.echo:
            repeats += np.float32(track.echo) * bus
    if repeats.any():
        delay_s = arrangement.echo_beats * 60.0 / piece.score.bpm
        bounced = effects.echo(repeats, delay_s, 0.5, 3200.0)
        dry += bounced
        wet += 0.3 * bounced
    hall = effects.room(arrangement.room_s, arrangement.damping_hz, rng)
    send = effects.shape_spectrum(wet, effects.high_pass(180.0))
    dry += np.float32(10 ** (arrangement.reverb_lu / 20)) * effects.convolve(send, hall)
    if arrangement.tape_ms:
        dry = effects.tape(dry, arrangement.tape_ms)
    if arrangement.texture:
        bed = drums.weather(arrangement.texture, count, rng)
        dry += bed * np.float32(10 ** ((_REFERENCE_LUFS + arrangement.texture_lu - loudness_lufs(bed, 3)) / 20))
    if arrangement.roof_hz:
        dry = effects.shape_spectrum(dry, effects.low_pass(arrangement.roof_hz))
    return dry


def _perform(piece: Piece, track: Track, count: int, rng: np.random.Generator) -> Signal:
    """The part's notes, each at its moment and place in the stereo picture."""
    bus = np.zeros((2, count), dtype=np.float32)
    recorded: dict[tuple[int, int, int], Signal] = {}
    for note in track.notes:
        start_s = piece.seconds(piece.swung(note.start))
        end_s = piece.seconds(piece.swung(note.start + note.length))
        start_s += float(rng.normal(0, track.loose_ms / 2000)) if track.loose_ms else 0.0
        velocity = float(np.clip(note.velocity + rng.normal(0, 0.03), 0.05, 1.0))
        sound = _note(track, note.pitch, max(0.06, end_s - start_s), velocity, recorded, rng)
        at = max(0, round(start_s * SAMPLE_RATE))
        room_left = count - at
        if room_left <= 0:
            continue
        place = float(np.clip(track.pan + track.spread * ((note.pitch * 7) % 12 - 5.5) / 5.5, -1, 1))
        angle = (place + 1) * np.pi / 4
        sides = np.array([[np.cos(angle)], [np.sin(angle)]], dtype=np.float32) * np.float32(0.2 + velocity)
        bus[:, at : at + sound.shape[-1]] += (sides * sound)[:, :room_left]
    return bus


def _note(
    track: Track,
    pitch: int,
    seconds: float,
    velocity: float,
    recorded: dict[tuple[int, int, int], Signal],
    rng: np.random.Generator,
) -> Signal:
    touch = round(velocity * 4)
    if track.kit:
        take = (pitch, int(rng.integers(3)), 0)
        if take not in recorded:
            recorded[take] = drums.drum(pitch, track.kit, rng)
        return recorded[take]
    hz = 440.0 * 2 ** ((pitch - 69) / 12)
    if track.instrument in _RINGING:
        voice, ring_s = _RINGING[track.instrument]
        take = (pitch, touch, 0)
        if take not in recorded:
            recorded[take] = voice(hz, ring_s, touch / 4, rng)
        return _damp(recorded[take], seconds)
    held = _HELD[track.instrument]
    take = (pitch, touch, round(seconds * 50))
    if take not in recorded:
        # A held note overlaps the next by its release, so that lines are sung, not typed.
        recorded[take] = held(hz, seconds + _OVERLAP_S.get(track.instrument, 0.06), touch / 4, rng)
    return recorded[take]


def _damp(sound: Signal, seconds: float) -> Signal:
    """A ringing note let go after so many seconds: a short, natural release instead of a cut."""
    release = round(0.16 * SAMPLE_RATE)
    end = round(seconds * SAMPLE_RATE) + release
    if end >= sound.size:
        out = sound.copy()
        tail = min(out.size, 2000)
        out[-tail:] *= np.linspace(1, 0, tail, dtype=np.float32)
        return out
    out = sound[:end].copy()
    out[-release:] *= np.linspace(1, 0, release, dtype=np.float32) ** 2
    return out


def _treat(piece: Piece, track: Track, bus: Signal, kicks: list[float]) -> Signal:
    """The part's own effects, in the order of a channel strip."""
    if track.sweep:
        frames = bus.shape[1] // 1024 + 2
        moments = [piece.seconds(beat) * SAMPLE_RATE / 1024 for beat, _ in track.sweep]
        octaves = np.interp(np.arange(frames), moments, [np.log2(hz) for _, hz in track.sweep])
        bus = effects.sweep(bus, 2**octaves)
    if track.roof_hz or track.floor_hz:
        roof = effects.low_pass(track.roof_hz or 20_000.0)
        floor = effects.high_pass(track.floor_hz or 20.0)
        bus = effects.shape_spectrum(bus, lambda hz: roof(hz) * floor(hz))
    if track.drive:
        bus = effects.saturate(bus * np.float32(1.0 / (np.abs(bus).max() + 1e-9)), track.drive)
    if track.chorus_ms:
        bus = effects.chorus(bus, track.chorus_ms, 0.6)
    if track.tremolo:
        bus = effects.tremolo(bus, piece.score.bpm / 60.0, track.tremolo)
    if track.duck and kicks:
        bus = effects.duck(bus, kicks, track.duck, 0.32)
    return bus
