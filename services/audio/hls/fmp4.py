"""Fragmented MP4 with one track of sound (ISO/IEC 14496-12): the initialization segment and the media segments.

Owns the bytes of the boxes. All times are in samples, the timescale is the sample rate, so nothing is ever rounded.
Refuses to know where frames come from, playlists and players.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_UNDETERMINED = 0x55C4
_TRACK = 1
_EVERY_FRAME_STANDS_ALONE = 0x02000000
_BASE_IS_MOOF, _DURATION, _SIZE, _FLAGS = 0x020000, 0x08, 0x10, 0x20
_DATA_OFFSET, _DURATIONS, _SIZES = 0x001, 0x100, 0x200
_MOST_IN_16_16 = 0xFFFF


@dataclass(frozen=True, slots=True)
class Track:
    """What players are told before the first frame.

    `delay` samples are skipped at the beginning, then `samples` are played. `entry` is the sample entry box; `roll`
    frames are decoded before a place that is entered (0: not told). `itunes_note` says delay and samples once more in
    the way of iTunes, for players that overlook the edit list of a fragmented file (ffmpeg 5.1 does, for AAC).
    """

    sample_rate: int
    samples: int
    delay: int
    frame_samples: int
    entry: bytes
    roll: int = 0
    itunes_note: bool = False


def init_segment(track: Track) -> bytes:
    """`ftyp` and `moov`; the edit list names the song's first sample and how many there are."""
    ftyp = _box(b"ftyp", b"iso6", struct.pack(">I", 1), b"iso6", b"mp41")
    zeros = bytes(4)
    mvhd = _full(
        b"mvhd", 1, 0, struct.pack(">QQIQ", 0, 0, track.sample_rate, 0),
        struct.pack(">IH", 0x10000, 0x0100), bytes(10), _MATRIX, bytes(24), struct.pack(">I", _TRACK + 1),
    )  # fmt: skip
    tkhd = _full(
        b"tkhd", 1, 0x3, struct.pack(">QQIIQ", 0, 0, _TRACK, 0, 0),
        bytes(8), struct.pack(">hhHH", 0, 0, 0x0100, 0), _MATRIX, bytes(8),
    )  # fmt: skip
    elst = _full(b"elst", 1, 0, struct.pack(">IQqhh", 1, track.samples, track.delay, 1, 0))
    mdhd = _full(b"mdhd", 1, 0, struct.pack(">QQIQHH", 0, 0, track.sample_rate, 0, _UNDETERMINED, 0))
    hdlr = _full(b"hdlr", 0, 0, zeros, b"soun", bytes(12), b"SoundHandler\0")
    dinf = _box(b"dinf", _full(b"dref", 0, 0, struct.pack(">I", 1), _full(b"url ", 0, 1)))
    tables = [_full(name, 0, 0, zeros) for name in (b"stts", b"stsc", b"stco")]
    stsz = _full(b"stsz", 0, 0, bytes(8))
    group = _roll_group(track.roll) if track.roll else b""
    stbl = _box(b"stbl", _full(b"stsd", 0, 0, struct.pack(">I", 1), track.entry), *tables, stsz, group)
    minf = _box(b"minf", _full(b"smhd", 0, 0, zeros), dinf, stbl)
    trak = _box(b"trak", tkhd, _box(b"edts", elst), _box(b"mdia", mdhd, hdlr, minf))
    trex = _full(
        b"trex", 0, 0, struct.pack(">IIIII", _TRACK, 1, track.frame_samples, 0, _EVERY_FRAME_STANDS_ALONE)
    )  # fmt: skip
    mehd = _full(b"mehd", 1, 0, struct.pack(">Q", track.samples))
    noted = _box(b"udta", _itunes_note(track)) if track.itunes_note else b""
    return ftyp + _box(b"moov", mvhd, trak, _box(b"mvex", mehd, trex), noted)


def media_segment(track: Track, *, number: int, start: int, frames: Sequence[bytes], last_samples: int) -> bytes:
    """`moof` and `mdat` with `frames`, the first of which begins at sample `start` of the undelayed timeline.

    `number` counts from 1. The last frame lasts `last_samples`, each other a whole frame.
    """
    sizes = [len(frame) for frame in frames]
    uniform = len(set(sizes)) == 1
    short = last_samples != track.frame_samples
    durations = [track.frame_samples] * (len(frames) - 1) + [last_samples]
    flags = _DATA_OFFSET | (_DURATIONS if short else 0) | (0 if uniform else _SIZES)
    columns = [column for column, wanted in ((durations, short), (sizes, not uniform)) if wanted]
    rows = [value for row in zip(*columns, strict=True) for value in row]
    table = struct.pack(f">{len(rows)}I", *rows)
    header = _BASE_IS_MOOF | _DURATION | _FLAGS | (_SIZE if uniform else 0)
    defaults = [track.frame_samples, *([sizes[0]] if uniform else []), _EVERY_FRAME_STANDS_ALONE]
    tfhd = _full(b"tfhd", 0, header, struct.pack(f">I{len(defaults)}I", _TRACK, *defaults))
    tfdt = _full(b"tfdt", 1, 0, struct.pack(">Q", start))
    group = _full(b"sbgp", 0, 0, b"roll", struct.pack(">III", 1, len(frames), 1)) if track.roll else b""

    def moof(data_offset: int) -> bytes:
        trun = _full(b"trun", 0, flags, struct.pack(">Ii", len(frames), data_offset), table)
        return _box(b"moof", _full(b"mfhd", 0, 0, struct.pack(">I", number)), _box(b"traf", tfhd, tfdt, trun, group))

    return moof(len(moof(0)) + 8) + _box(b"mdat", *frames)


def segment_overhead(track: Track, *, frames: int, uniform: bool, short: bool) -> int:
    """Bytes of a media segment that are not sound."""
    row = 4 * ((0 if uniform else 1) + (1 if short else 0))
    return 8 + 8 + 16 + 8 + 24 + (4 if uniform else 0) + 20 + 20 + row * frames + (28 if track.roll else 0)


def aac_entry(*, sample_rate: int, channels: int, bitrate: int) -> bytes:
    """`mp4a` with the decoder's configuration for AAC-LC (ISO/IEC 14496-3 §1.6.2.1) at 48 kHz."""
    config = (2 << 11 | 3 << 7 | channels << 3).to_bytes(2, "big")
    decoder = struct.pack(">BBBHII", 0x40, 0x15, 0, 6144 * channels // 8, 0, bitrate) + _descriptor(5, config)
    body = struct.pack(">HB", _TRACK, 0) + _descriptor(4, decoder) + _descriptor(6, b"\x02")
    return _sound_entry(b"mp4a", sample_rate, channels, 16, _full(b"esds", 0, 0, _descriptor(3, body)))


def opus_entry(*, channels: int, pre_skip: int) -> bytes:
    """`Opus` with `dOps` (Encapsulation of Opus in ISO Base Media File Format §4.3.2): family 0, no gain."""
    config = _box(b"dOps", struct.pack(">BBHIhB", 0, channels, pre_skip, 48_000, 0, 0))
    return _sound_entry(b"Opus", 48_000, channels, 16, config)


def flac_entry(*, sample_rate: int, channels: int, bits: int, stream_info: bytes) -> bytes:
    """`fLaC` with `dfLa` (Encapsulation of FLAC in ISO Base Media File Format §3.3); `stream_info` has 34 bytes."""
    config = _full(b"dfLa", 0, 0, b"\x80" + len(stream_info).to_bytes(3, "big"), stream_info)
    return _sound_entry(b"fLaC", sample_rate, channels, bits, config)


def _sound_entry(name: bytes, sample_rate: int, channels: int, bits: int, config: bytes) -> bytes:
    # A rate that does not fit into 16.16 is left at 0: the decoder's own configuration has it.
    rate = sample_rate if sample_rate <= _MOST_IN_16_16 else 0
    return _box(name, bytes(6), struct.pack(">H8xHHHHI", 1, channels, bits, 0, 0, rate << 16), config)


def _roll_group(distance: int) -> bytes:
    return _full(b"sgpd", 1, 0, b"roll", struct.pack(">IIh", 2, 1, -distance))


def _itunes_note(track: Track) -> bytes:
    frames = -(-(track.samples + track.delay) // track.frame_samples)
    padding = frames * track.frame_samples - track.delay - track.samples
    note = f" 00000000 {track.delay:08X} {padding:08X} {track.samples:016X}" + " 00000000" * 8
    value = _full(b"data", 0, 1, bytes(4), note.encode("ascii"))
    item = _box(b"----", _full(b"mean", 0, 0, b"com.apple.iTunes"), _full(b"name", 0, 0, b"iTunSMPB"), value)
    hdlr = _full(b"hdlr", 0, 0, bytes(4), b"mdirappl", bytes(9))
    return _full(b"meta", 0, 0, hdlr, _box(b"ilst", item))


def _descriptor(tag: int, data: bytes) -> bytes:
    return bytes([tag, len(data)]) + data


def _box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return (len(body) + 8).to_bytes(4, "big") + name + body


def _full(name: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return _box(name, (version << 24 | flags).to_bytes(4, "big"), *parts)
