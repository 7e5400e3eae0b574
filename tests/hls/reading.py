"""Readers of the tests' own for MP4 boxes and transport streams; nothing in them is shared with what writes these."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field

import numpy as np

from tests.sound_tool import QUICK_FFMPEG

CONTAINERS = {b"moov", b"trak", b"edts", b"mdia", b"minf", b"dinf", b"stbl", b"mvex", b"moof", b"traf", b"udta"}


@dataclass
class Box:
    """A box; `body` without its header, `inside` for those that hold boxes."""

    name: bytes
    at: int
    body: bytes
    inside: list[Box] = field(default_factory=list)

    def find(self, path: str) -> Box:
        """The first box under this one along a path such as `moov/trak/mdia`."""
        here = self
        for name in path.encode().split(b"/"):
            here = next(box for box in here.inside if box.name == name)
        return here


def boxes(data: bytes, at: int = 0) -> Box:
    """Everything in `data` under one nameless box; sizes have to come out even."""
    found, here = [], 0
    while here < len(data):
        size = int.from_bytes(data[here : here + 4], "big")
        name, body = data[here + 4 : here + 8], data[here + 8 : here + size]
        assert size >= 8
        assert here + size <= len(data)
        inside = boxes(body, at + here + 8).inside if name in CONTAINERS else []
        found.append(Box(name, at + here, body, inside))
        here += size
    return Box(b"", at, data, found)


def number(data: bytes, at: int, size: int = 4) -> int:
    """An unsigned integer, highest byte first."""
    return int.from_bytes(data[at : at + size], "big")


@dataclass
class Packet:
    """One packet of a transport stream."""

    pid: int
    begins: bool
    counter: int
    clock: int | None
    payload: bytes


def packets(data: bytes) -> list[Packet]:
    """All packets; each has a payload and starts with the sync byte."""
    assert len(data) % 188 == 0
    found = []
    for at in range(0, len(data), 188):
        raw = data[at : at + 188]
        assert raw[0] == 0x47
        body, clock = 4, None
        assert raw[3] & 0x10
        if raw[3] & 0x20:
            length = raw[4]
            if length and raw[5] & 0x10:
                clock = number(raw, 6, 6) >> 15
            body = 5 + length
        assert body < 188
        found.append(Packet(number(raw, 1, 2) & 0x1FFF, bool(raw[1] & 0x40), raw[3] & 0x0F, clock, raw[body:]))
    return found


def pes(found: list[Packet], pid: int) -> list[tuple[int, bytes]]:
    """(time stamp, data) of each packetized elementary stream packet, whose stated length has to hold."""
    wholes: list[bytes] = []
    for packet in found:
        if packet.pid == pid:
            if packet.begins:
                wholes.append(b"")
            wholes[-1] += packet.payload
    read = []
    for whole in wholes:
        assert whole[:4] == b"\0\0\1\xc0"
        assert number(whole, 4, 2) == len(whole) - 6
        stamp = whole[9:14]
        ticks = (stamp[0] >> 1 & 7) << 30 | number(stamp, 1, 2) >> 1 << 15 | number(stamp, 3, 2) >> 1
        assert stamp[0] & 0xF1 == 0x21
        assert stamp[2] & stamp[4] & 1
        read.append((ticks, whole[9 + whole[8] :]))
    return read


def lines_of(playlist: str) -> tuple[list[float], list[str], str | None]:
    """Durations, addresses and the initialization segment's address of a media playlist."""
    durations = [float(found) for found in re.findall(r"#EXTINF:([0-9.]+),", playlist)]
    initial = re.search(r'#EXT-X-MAP:URI="([^"]+)"', playlist)
    addresses = [line for line in playlist.splitlines() if line and not line.startswith("#")]
    return durations, addresses, initial[1] if initial else None


def decode(data: bytes, *, samples: int | None = None, channels: int = 2, rate: int = 48000, ffmpeg: str = ""):
    """What ffmpeg hears in the bytes of a file, float; with `samples` only what the file's own clock has from 0 on.

    ffmpeg honours edit lists by time stamps; the padding of a fragmented file's last frame lies behind its end.
    """
    command = [ffmpeg or QUICK_FFMPEG, "-v", "error", "-copyts", "-i", "-", "-map", "0:a:0"]
    if samples is not None:
        command += ["-af", f"atrim=start_pts=0:end_pts={samples}"]
    command += ["-f", "f32le", "-ac", str(channels), "-ar", str(rate), "-"]
    done = subprocess.run(command, check=True, capture_output=True, input=data)
    assert done.stderr == b""
    return np.frombuffer(done.stdout, "<f4").reshape(-1, channels).astype(np.float64)


def snr_db(heard, truth) -> float:
    """Signal to noise."""
    return float(10 * np.log10((truth**2).sum() / ((heard - truth) ** 2).sum()))
