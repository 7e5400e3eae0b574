"""Transport streams as bytes: tables, time stamps, clocks and counters."""

import itertools
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.audio.hls import mpeg_ts
from tests.hls.reading import number, packets, pes


def segment(frames, first=0, index=0):
    return mpeg_ts.segment(frames, first_frame=first, priming_frames=1, index=index)


def mirrored(data):
    return bytes(int(f"{byte:08b}"[::-1], 2) for byte in data)


def test_the_tables_lead_to_the_sound_and_their_checksums_hold():
    pat, pmt = packets(segment([bytes(300)] * 5))[:2]
    assert (pat.pid, pat.begins, pmt.pid) == (0, True, 0x1000)
    for packet in (pat, pmt):
        section = packet.payload[1 : 4 + (number(packet.payload, 2, 2) & 0x0FFF)]
        # zlib's CRC is the same one with its bits the other way round, and inverted: its residue tells.
        assert zlib.crc32(mirrored(section[:-4])) ^ 0xFFFFFFFF == int.from_bytes(mirrored(section[-4:]), "little")
    assert number(pat.payload, 11, 2) & 0x1FFF == 0x1000
    assert number(pmt.payload, 9, 2) & 0x1FFF == 0x100
    assert pmt.payload[13] == 0x0F
    assert number(pmt.payload, 14, 2) & 0x1FFF == 0x100


@example([8, 8, 699], 0, 0)
@example([8], 0, 0)
@given(st.lists(st.integers(8, 1536), min_size=1, max_size=60), st.integers(0, 10**6), st.integers(0, 99))
def test_frames_come_out_as_they_went_in_each_at_its_time(sizes, first, index):
    frames = [bytes([number % 256]) * size for number, size in enumerate(sizes)]
    data = segment(frames, first, index)
    assert len(data) <= mpeg_ts.most_bytes(sum(sizes), len(sizes))
    read = packets(data)
    sound = [packet for packet in read if packet.pid == 0x100]
    assert all(packet.payload for packet in sound)
    units = pes(read, 0x100)
    assert b"".join(payload for _, payload in units) == b"".join(frames)
    ticks = [(900_000 + (first + at - 1) * 1920) % 2**33 for at in range(0, len(frames), 4)]
    assert [stamp for stamp, _ in units] == ticks
    clocks = [packet.clock for packet in sound if packet.begins]
    assert clocks == [(stamp - 45_000) % 2**33 for stamp in ticks]
    assert [packet.counter for packet in sound] == [at % 16 for at in range(len(sound))]
    # So that the next segment's first packet, which counts 0, follows on this one's last.
    assert len(sound) % 16 == 0


@pytest.mark.parametrize("index", [0, 1, 15, 16, 1000])
def test_tables_count_on_from_segment_to_segment(index):
    assert [packet.counter for packet in packets(segment([bytes(20)], 0, index))[:2]] == [index % 16] * 2


def test_clocks_come_often_enough():
    units = pes(packets(segment([bytes(100)] * 20)), 0x100)
    assert max(later - earlier for (earlier, _), (later, _) in itertools.pairwise(units)) <= 9000
