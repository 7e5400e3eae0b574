"""Fragmented MP4 as bytes: every box where it belongs, every number the one that was asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audio.hls import fmp4
from tests.hls.reading import boxes, number

AAC = fmp4.aac_entry(sample_rate=48000, channels=2, bitrate=160_000)


def track(**changes):
    told = {"sample_rate": 48000, "samples": 100_000, "delay": 1024, "frame_samples": 1024, "entry": AAC}
    return fmp4.Track(**(told | changes))


def test_the_initialization_segment_tells_rate_delay_and_length_and_holds_no_sample():
    read = boxes(fmp4.init_segment(track()))
    assert [box.name for box in read.inside] == [b"ftyp", b"moov"]
    edits = read.find("moov/trak/edts/elst").body
    assert (edits[0], number(edits, 4), number(edits, 8, 8), number(edits, 16, 8)) == (1, 1, 100_000, 1024)
    assert number(read.find("moov/mvhd").body, 20) == number(read.find("moov/trak/mdia/mdhd").body, 20) == 48000
    assert number(read.find("moov/mvex/mehd").body, 4, 8) == 100_000
    assert number(read.find("moov/mvex/trex").body, 12) == 1024
    for table in ("stts", "stsc", "stco"):
        assert number(read.find(f"moov/trak/mdia/minf/stbl/{table}").body, 4) == 0


def test_sample_entries_hold_each_decoders_own_configuration():
    read = boxes(fmp4.init_segment(track())).find("moov/trak/mdia/minf/stbl/stsd").body
    assert read[12:16] == b"mp4a"
    assert read[-7:] == b"\x05\x02\x11\x90\x06\x01\x02"
    opus = fmp4.opus_entry(channels=1, pre_skip=312)
    assert opus[4:8] == b"Opus"
    assert opus[-15:] == b"dOps" + bytes([0, 1]) + (312).to_bytes(2, "big") + (48000).to_bytes(4, "big") + bytes(3)
    flac = fmp4.flac_entry(sample_rate=96000, channels=2, bits=24, stream_info=bytes(range(34)))
    assert flac[4:8] == b"fLaC"
    # 96 kHz does not fit into 16.16.
    assert flac[32:36] == bytes(4)
    assert flac[-46:] == b"dfLa" + bytes(4) + b"\x80\0\0\x22" + bytes(range(34))


def test_opus_says_how_far_a_decoder_has_to_roll():
    told = track(entry=fmp4.opus_entry(channels=2, pre_skip=312), roll=4, delay=312, frame_samples=960)
    group = boxes(fmp4.init_segment(told)).find("moov/trak/mdia/minf/stbl/sgpd").body
    assert group[4:8] == b"roll"
    assert group[-2:] == (-4).to_bytes(2, "big", signed=True)
    segment = fmp4.media_segment(told, number=1, start=0, frames=[b"ab", b"cd"], last_samples=960)
    assert number(boxes(segment).find("moof/traf/sbgp").body, 12) == 2


@given(
    frames=st.lists(st.binary(min_size=1, max_size=9), min_size=1, max_size=40),
    start=st.integers(0, 2**40),
    last=st.integers(1, 1024),
    roll=st.sampled_from([0, 4]),
)
def test_a_media_segment_holds_its_frames_at_their_times(frames, start, last, roll):
    told = track(roll=roll)
    data = fmp4.media_segment(told, number=7, start=start, frames=frames, last_samples=last)
    read = boxes(data)
    assert [box.name for box in read.inside] == [b"moof", b"mdat"]
    assert number(read.find("moof/mfhd").body, 4) == 7
    assert number(read.find("moof/traf/tfdt").body, 4, 8) == start
    header, run = read.find("moof/traf/tfhd").body, read.find("moof/traf/trun").body
    flags = number(run, 1, 3)
    assert number(run, 4) == len(frames)
    at, durations, sizes = 12, [], []
    for _ in frames:
        durations.append(number(run, at) if flags & 0x100 else number(header, 8))
        at += 4 if flags & 0x100 else 0
        sizes.append(number(run, at) if flags & 0x200 else number(header, 12))
        at += 4 if flags & 0x200 else 0
    assert at == len(run)
    assert durations == [1024] * (len(frames) - 1) + [last]
    here = number(run, 8)
    for frame, size in zip(frames, sizes, strict=True):
        assert data[here : here + size] == frame
        here += size
    assert here == len(data)
    uniform, short = len(set(map(len, frames))) == 1, last != 1024
    overhead = fmp4.segment_overhead(told, frames=len(frames), uniform=uniform, short=short)
    assert overhead == len(data) - sum(map(len, frames))


@pytest.mark.parametrize(("samples", "padding"), [(1024, 0), (1025, 1023), (100_000, 352)])
def test_itunes_note_says_delay_padding_and_samples(samples, padding):
    data = fmp4.init_segment(track(samples=samples, itunes_note=True))
    assert f" 00000000 00000400 {padding:08X} {samples:016X} ".encode() in data
    boxes(data)
