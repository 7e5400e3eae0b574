"""The arithmetic of Opus renditions: packets, pages, granule positions, segments, without an encoder."""

import io
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen.oggopus import OggOpus

from services.audio.codecs.geometry import BLANK, BadFrames, Gapless, Label
from services.audio.codecs.opus import Geometry, Opus
from services.audio.formats import ogg_pages
from services.audio.formats.ogg import read_ogg
from tests.stream.ogg_reader import crc, read_pages

bitrates = st.sampled_from([64_000, 128_000, 192_000])
EDGES = [1, 647, 648, 649, 4800, 50 * 960 - 312, 50 * 960 - 311, 500 * 960 - 312, 500 * 960 - 311, 22 * 48000]
samples = st.one_of(st.sampled_from(EDGES), st.integers(1, 3_000_000))


def noise(layout, index):
    """What an encoder could have made of a window: first bytes of full-band CELT, the rest anything."""
    window = layout.window(index)
    count = (window.end - window.encode_from) // 960
    chance = random.Random(index)
    return b"".join(b"\xfc" + chance.randbytes(layout.packet_bytes - 1) for _ in range(count))


def assembled(layout):
    return [layout.assemble(index, noise(layout, index)) for index in range(layout.segments)]


def complete(layout, label=BLANK):
    return layout.head(label) + b"".join(assembled(layout))


@pytest.mark.parametrize(
    ("bitrate", "size", "page"), [(64_000, 160, 8077), (128_000, 320, 16127), (192_000, 480, 24127)]
)
def test_packets_and_pages_have_a_constant_size(bitrate, size, page):
    layout = Geometry(bitrate, 10 * 48000)
    assert layout.packet_bytes == size
    assert {len(layout.page_bytes(number)) for number in range(10)} == {page}


def test_a_song_has_this_many_packets_pages_segments_and_bytes():
    song = Geometry(128_000, 48_000 * 214)
    assert (song.packets, song.pages, song.segments) == (10_701, 215, 22)
    assert song.length == 47 + 156 + 214 * 16127 + (27 + 2 + 320)
    assert song.packets * 960 == 312 + song.samples + song.padding
    assert song.gapless == Gapless(312, song.padding, song.samples)


@settings(deadline=None)
@given(bitrates, samples)
def test_pages_and_segments_tile_the_whole_without_gap_or_overlap(bitrate, count):
    layout = Geometry(bitrate, count)
    assert 0 <= layout.padding < 960
    places = [layout.segment_bytes(index) for index in range(layout.segments)]
    assert (places[0].start, places[-1].stop) == (layout.head_bytes, layout.length)
    assert all(a.stop == b.start for a, b in pairwise(places))
    pages = [layout.page_bytes(number) for number in range(layout.pages)]
    assert (pages[0].start, pages[-1].stop) == (layout.head_bytes, layout.length)
    assert all(a.stop == b.start for a, b in pairwise(pages))
    packets = [number for page in range(layout.pages) for number in layout.page_packets(page)]
    assert packets == list(range(layout.packets))


@given(bitrates, samples, st.data())
def test_a_range_touches_exactly_the_segments_that_hold_its_bytes(bitrate, count, data):
    layout = Geometry(bitrate, count)
    start = data.draw(st.integers(0, layout.length - 1))
    end = data.draw(st.integers(start, layout.length))
    holding = [
        index
        for index in range(layout.segments)
        if max(start, layout.segment_bytes(index).start) < min(end, layout.segment_bytes(index).stop)
    ]
    assert list(layout.touched(start, end)) == holding


@settings(deadline=None)
@given(bitrates, samples)
def test_a_window_leads_up_to_its_segment_from_whole_seconds(bitrate, count):
    layout = Geometry(bitrate, count)
    for index in range(layout.segments):
        window, packets = layout.window(index), layout.segment_packets(index)
        assert window.decode_from % 48_000 == window.encode_from % 48_000 == 0
        assert window.end == packets.stop * 960
        warmup = packets.start - window.encode_from // 960
        assert warmup == (200 if index else 0)


@settings(max_examples=25, deadline=None)
@given(bitrates, samples.filter(lambda count: count < 1_200_000), st.sampled_from([1, 2]), st.integers(0, 2**32 - 1))
def test_a_stranger_reads_what_was_laid_out(bitrate, count, channels, serial):
    layout = Geometry(bitrate, count, channels, serial)
    whole = complete(layout)
    assert len(whole) == layout.length
    pages = read_pages(whole)
    assert {page.serial for page in pages} == {serial}
    assert [page.sequence for page in pages] == list(range(layout.pages + 2))
    assert [page.flags for page in pages] == ([2, 0] + [0] * (layout.pages - 1) + [4])
    assert [page.granule for page in pages[:2]] == [0, 0]
    sound = pages[2:]
    assert [page.at for page in sound] == [layout.page_bytes(number).start for number in range(layout.pages)]
    assert {len(packet) for page in sound for packet in page.packets} == {layout.packet_bytes}
    ends = [min(960 * 50 * (number + 1), 960 * layout.packets) for number in range(layout.pages)]
    assert [page.granule for page in sound] == [*ends[:-1], count + 312]
    head = pages[0].packets[0]
    assert (head[:8], head[8], head[9], head[10:12], head[18]) == (b"OpusHead", 1, channels, b"\x38\x01", 0)
    windows = [noise(layout, index) for index in range(layout.segments)]
    kept = [window[200 * layout.packet_bytes if index else 0 :] for index, window in enumerate(windows)]
    assert b"".join(packet for page in sound for packet in page.packets) == b"".join(kept)


@pytest.mark.parametrize("count", EDGES)
def test_other_readers_find_the_same_length(count):
    whole = complete(Geometry(64_000, count, 1, 5))
    read = OggOpus(io.BytesIO(whole))
    assert read.info.length == pytest.approx(count / 48_000, abs=1e-9)
    assert read.info.channels == 1
    assert read.tags.vendor == "Tutti, libopus"
    if count == 1:
        return  # The library takes in nothing shorter than a millisecond.
    facts = read_ogg(io.BytesIO(whole), len(whole))
    assert (facts.codec, facts.samples, facts.delay) == ("opus", count, 312)


@given(st.binary(max_size=3000))
def test_the_checksum_is_that_of_the_rfc(data):
    assert ogg_pages.checksum(data) == crc(data)


def test_a_page_holds_whole_packets_of_one_size_and_no_more_than_fit():
    for size in (1, 254, 255, 256, 510):
        page = ogg_pages.page(bytes(size * 3), packet_bytes=size, serial=1, sequence=2, granule=3)
        assert len(page) == ogg_pages.page_bytes(3, size)
        assert [len(packet) for packet in read_pages(page)[0].packets] == [size] * 3
    for body, size in ((b"12345", 2), (bytes(256), 1), (bytes(128 * 255), 255)):
        with pytest.raises(ValueError, match="no page"):
            ogg_pages.page(body, packet_bytes=size, serial=1, sequence=2, granule=3)


def test_gains_are_told_without_moving_a_byte():
    plain = Geometry(64_000, 4800)
    for label, told in (
        (Label("any", -573, 256), {"r128_track_gain": ["-573"], "r128_album_gain": ["256"]}),
        (
            Label(track_gain_q8=-32768, album_gain_q8=-32768),
            {"r128_track_gain": ["-32768"], "r128_album_gain": ["-32768"]},
        ),
        (Label(album_gain_q8=0), {"r128_album_gain": ["0"]}),
        (Label(), {}),
    ):
        assert len(plain.head(label)) == plain.head_bytes == 203
        assert OggOpus(io.BytesIO(complete(plain, label))).tags.as_dict() == told
        output_gain = read_pages(plain.head(label))[0].packets[0][16:18]
        assert output_gain == b"\0\0", "every decoder would apply it, and the player once more"


def test_what_the_encoder_made_otherwise_is_refused():
    layout = Geometry(64_000, 11 * 48000)
    good = noise(layout, 1)
    # The second window begins with two hundred packets of warm-up, whatever they are.
    layout.assemble(1, bytes(200 * 160) + good[200 * 160 :])
    for wrong in (
        good[:-1],
        good[:-160],
        b"",
        # Two frames in a packet, and a frame of 10 ms.
        good[: 210 * 160] + b"\xfd" + good[210 * 160 + 1 :],
        good[: 210 * 160] + b"\xf4" + good[210 * 160 + 1 :],
    ):
        with pytest.raises(BadFrames):
            layout.assemble(1, wrong)


@pytest.mark.parametrize("index", [0, 1, 2])
def test_any_bit_of_a_kept_segment_that_turned_is_noticed(index):
    layout = Geometry(64_000, 22 * 48000, serial=7)
    data = layout.assemble(index, noise(layout, index))
    layout.check(index, data)
    chance = random.Random(index)
    places = [0, 5, 14, 18, 22, 26, 27, 80, 202, 203, len(data) - 1]
    for at in places + [chance.randrange(len(data)) for _ in range(40)]:
        damaged = bytearray(data)
        damaged[at] ^= 1 << chance.randrange(8)
        with pytest.raises(BadFrames):
            layout.check(index, bytes(damaged))
    for other in (data[:-1], data + b"\0", b"", bytes(len(data))):
        with pytest.raises(BadFrames):
            layout.check(index, other)


def test_a_segment_does_not_pass_for_another_one():
    layout = Geometry(64_000, 31 * 48000)
    segment = layout.assemble(1, noise(layout, 1))
    with pytest.raises(BadFrames):
        layout.check(2, segment)
    with pytest.raises(BadFrames):
        Geometry(64_000, 31 * 48000, serial=1).check(1, segment)


def test_streams_are_numbered_by_their_key_and_have_one_channel_or_two():
    made = Opus().geometry(64_000, 4800, 6, "89abcdef00112233")
    assert (made.serial, made.channels) == (0x89ABCDEF, 2)
    assert Opus().geometry(64_000, 4800, 1, "0" * 32).channels == 1
    assert Opus().geometry(64_000, 4800, 0, "0" * 32).channels == 2
