"""The arithmetic of frames and segments."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audio.codecs.geometry import BadFrames, Gapless, samples_at_rate
from services.audio.codecs.mp3 import Geometry, check_frames

bitrates = st.sampled_from([96_000, 160_000, 320_000])


@pytest.mark.parametrize(("bitrate", "size"), [(96_000, 288), (160_000, 480), (320_000, 960)])
def test_frames_have_a_constant_size(bitrate, size):
    assert Geometry(bitrate, 1).frame_bytes == size


def test_a_song_has_this_many_frames_segments_and_bytes():
    song = Geometry(320_000, 48_000 * 214)
    assert (song.frames, song.segments, song.length) == (8918, 23, 8919 * 960)
    assert len(song.segment_frames(22)) == 118
    assert song.frames * 1152 == 1105 + song.samples + song.padding
    assert song.gapless == Gapless(1105, song.padding, song.samples)


@given(bitrates, st.integers(1, 10_000_000))
def test_segments_tile_the_whole_without_gap_or_overlap(bitrate, samples):
    layout = Geometry(bitrate, samples)
    places = [layout.segment_bytes(index) for index in range(layout.segments)]
    assert places[0].start == layout.head_bytes == layout.frame_bytes
    assert places[-1].stop == layout.length
    assert all(a.stop == b.start for a, b in pairwise(places))
    assert 0 <= layout.padding < 1152


@given(bitrates, st.integers(1, 3_000_000), st.data())
def test_a_range_touches_exactly_the_segments_that_hold_its_bytes(bitrate, samples, data):
    layout = Geometry(bitrate, samples)
    start = data.draw(st.integers(0, layout.length - 1))
    end = data.draw(st.integers(start, layout.length))
    holding = [
        index
        for index in range(layout.segments)
        if max(start, layout.segment_bytes(index).start) < min(end, layout.segment_bytes(index).stop)
    ]
    assert list(layout.touched(start, end)) == holding


def test_resampled_lengths_are_rounded_up():
    assert samples_at_rate(44_100, 44_100) == 48_000
    assert samples_at_rate(2_085_929, 44_100) == 2_270_399
    assert samples_at_rate(5, 48_000) == 5


def frames(count, head=b"\xff\xfb\x74\x04\x00", size=288):
    return (head + bytes(size - len(head))) * count


def test_good_frames_pass_and_bad_ones_do_not():
    check_frames(frames(5), 96_000, 5)
    for wrong in (
        frames(4),
        frames(5) + b"x",
        frames(4) + bytes(288),
        frames(4) + frames(1, b"\xff\xfb\x78\x04\x00"),
        frames(4) + frames(1, b"\xff\xfb\x76\x04\x00"),
        frames(4) + frames(1, b"\xff\xfb\x74\x04\x01"),
    ):
        with pytest.raises(BadFrames):
            check_frames(wrong, 96_000, 5)
