"""The arithmetic of FLAC renditions, against numbers worked out by hand and checksums computed bit by bit."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.audio.codecs.crc16 import checksums
from services.audio.codecs.flac import Flac, Geometry
from services.audio.codecs.geometry import BLANK, BadFrames


def crc(data, width, polynomial):
    """The checksum as RFC 9639 tells it, one bit after the other."""
    register, top = 0, 1 << width - 1
    for byte in data:
        for place in range(7, -1, -1):
            register ^= (byte >> place & 1) * top
            register = (register << 1 ^ (polynomial if register & top else 0)) & (1 << width) - 1
    return register


def build(layout):
    """The segments of a sound of random bytes."""
    width = layout.channels * layout.bits // 8
    data = np.random.default_rng(3).integers(0, 256, layout.samples * width, np.uint8).tobytes()
    windows = [layout.window(index) for index in range(layout.segments)]
    parts = [layout.assemble(n, data[w.encode_from * width : w.end * width]) for n, w in enumerate(windows)]
    return data, parts


@given(st.binary(min_size=0, max_size=200), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_rows_have_the_checksum_of_the_standard(data, rows):
    matrix = np.frombuffer(data * rows, np.uint8).reshape(rows, len(data))
    assert checksums(matrix).tolist() == [crc(data, 16, 0x8005)] * rows


def test_the_checksum_of_a_known_text():
    assert checksums(np.frombuffer(b"123456789", np.uint8).reshape(1, 9)).tolist() == [0xFEE8]


def test_a_second_of_cd_sound_by_hand():
    layout = Flac(44100, 2, 16).geometry(0, 44100, 2, "")
    # Ten full frames and one of 3140 samples; a header of 4 bytes, a number of 1, a checksum of 1; two subframes.
    full = 6 + 2 * (1 + 4096 * 2) + 2
    header = 4 + 4 + 34 + 4 + 18
    assert (layout.frames, layout.segments) == (11, 1)
    assert layout.length == header + 10 * full + 8 + 2 * (1 + 3140 * 2) + 2
    assert layout.segment_bytes(0) == range(header, layout.length)
    assert layout.head_bytes == header
    _, (frames,) = build(layout)
    whole = layout.head(BLANK) + frames
    assert whole[:4] == b"fLaC"
    assert struct.unpack(">HH", whole[8:12]) == (4096, 4096)
    assert int.from_bytes(whole[12:15], "big") == 8 + 2 * 6281 + 2
    assert int.from_bytes(whole[15:18], "big") == full
    packed = int.from_bytes(whole[18:26], "big")
    assert (packed >> 44, packed >> 41 & 7, packed >> 36 & 31, packed & (1 << 36) - 1) == (44100, 1, 15, 44100)
    assert whole[26:42] == bytes(16)
    assert whole[header : header + 5] == bytes([0xFF, 0xF8, 0xC9, 0x18, 0])
    assert whole[header + full : header + full + 5] == bytes([0xFF, 0xF8, 0xC9, 0x18, 1])


@pytest.mark.parametrize(
    ("rate", "channels", "bits", "samples"),
    [
        *((44100, 2, 16, 44100 * 25), (8000, 1, 8, 8000 * 70 + 1), (192000, 2, 24, 192000 * 5)),
        *((48000, 8, 32, 48000 * 4), (11025, 1, 16, 1), (352800, 1, 16, 352800), (44056, 2, 24, 4096 * 3)),
        *((22050, 6, 16, 4095), (5000, 1, 8, 4097)),
    ],
)
def test_every_frame_lies_where_it_was_said_and_holds_what_went_in(rate, channels, bits, samples):
    layout = Flac(rate, channels, bits).geometry(0, samples, channels, "")
    data, parts = build(layout)
    whole = layout.head(BLANK) + b"".join(parts)
    assert len(whole) == layout.length
    for index, part in enumerate(parts):
        place = layout.segment_bytes(index)
        assert len(part) == len(place) <= (4 << 20) + (128 << 10)
        assert layout.touched(place.start, place.stop) == range(index, index + 1)
        layout.check(index, part)
    heard = np.empty((samples, channels, bits // 8), np.uint8)
    for number in range(layout.frames):
        size = layout.frame_samples(number)
        frame = whole[layout.frame_start(number) : layout.frame_start(number + 1)]
        body = channels * (1 + size * bits // 8)
        head = frame[: -2 - body]
        assert head[:2] == b"\xff\xf8"
        assert crc(head, 8, 0x07) == 0
        sound = np.frombuffer(frame[len(head) : -2], np.uint8).reshape(channels, -1)
        assert set(sound[:, 0]) == {2}
        held = sound[:, 1:].reshape(channels, size, -1).transpose(1, 0, 2)
        heard[number * 4096 : number * 4096 + size] = held
    assert heard.tobytes() == data


def test_numbers_of_frames_grow_as_characters_do():
    layout = Geometry(8000, 4096 * 0x11_0000, 1, 8)
    width = [layout.frame_start(n + 1) - layout.frame_start(n) for n in (0x7F, 0x80, 0x7FF, 0x800, 0xFFFF, 0x1_0000)]
    assert [each - width[0] for each in width] == [0, 1, 1, 2, 2, 3]
    assert layout._frame_head(0x20AC)[4:7] == "\u20ac".encode()
    assert layout._frame_head(0x1_F600)[4:8] == "\U0001f600".encode()


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
def test_damage_anywhere_is_noticed(bits):
    layout = Flac(48000, 2, bits).geometry(0, 9000, 2, "")
    _, (whole,) = build(layout)
    layout.check(0, whole)
    for at in (0, 3, 8, layout.frame_start(1) - layout.frame_start(0) - 1, 15_000, len(whole) - 1):
        damaged = bytearray(whole)
        damaged[at] ^= 1
        with pytest.raises(BadFrames):
            layout.check(0, bytes(damaged))
    with pytest.raises(BadFrames):
        layout.check(0, whole[:-1])


def test_too_few_or_too_many_samples_are_no_segment():
    layout = Flac(48000, 2, 16).geometry(0, 9000, 2, "")
    for count in (9000 * 4 - 1, 9000 * 4 + 4, 0):
        with pytest.raises(BadFrames):
            layout.assemble(0, bytes(count))


def test_depths_between_whole_bytes_are_filled_up():
    assert [Flac(48000, 2, bits).bits for bits in (4, 8, 12, 16, 20, 24, 32, 64)] == [8, 8, 16, 16, 24, 24, 32, 32]


def test_layouts_of_different_shapes_have_different_names():
    assert Flac(44100, 2, 16).layout == "v4096s10p100r44100c2b16"
    assert Flac(44100, 2, 20).layout == Flac(44100, 2, 24).layout != Flac(44100, 6, 24).layout


def test_windows_begin_at_whole_seconds():
    layout = Flac(44056, 2, 16).geometry(0, 44056 * 60, 2, "")
    for index in range(layout.segments):
        window = layout.window(index)
        assert window.decode_from % 44056 == 0
        assert index == 0 or 44056 <= window.encode_from - window.decode_from < 2 * 44056
    assert layout.window(0).decode_from == 0


def test_the_seek_table_names_where_segments_begin():
    layout = Flac(44100, 2, 16).geometry(0, 44100 * 60, 2, "")
    table = layout.head(BLANK)[4 + 4 + 34 + 4 :]
    points = [struct.unpack(">QQH", table[at : at + 18]) for at in range(0, len(table), 18)]
    first = layout.head_bytes
    assert len(points) == layout.segments == 7
    for index, (sample, offset, size) in enumerate(points):
        start = layout.segment_bytes(index).start
        assert (sample, first + offset, size) == (index * 107 * 4096, start, 4096)


def test_a_long_song_has_a_seek_table_of_a_hundred_places_at_most():
    layout = Flac(192000, 2, 24).geometry(0, 192000 * 8 * 3600, 2, "")
    head = layout.head(BLANK)
    assert len(head) == layout.head_bytes <= 4 + 4 + 34 + 4 + 100 * 18
    assert layout.segments > 7000
    assert layout.length == layout.segment_bytes(layout.segments - 1).stop


def test_the_header_touches_no_segment():
    layout = Flac(44100, 2, 16).geometry(0, 44100 * 60, 2, "")
    end = layout.head_bytes
    spans = [(0, end), (0, end + 1), (end, end + 1), (5, 5), (layout.length - 1, layout.length)]
    assert [layout.touched(*span) for span in spans] == [range(0), range(1), range(1), range(0), range(6, 7)]
