"""Playlists as text, and what is offered to whom."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audio.codecs import aac, opus
from services.audio.hls import playlists
from services.audio.hls.cuts import AAC_PROFILES, AacInFmp4, AacInTs, OpusInFmp4
from services.audio.hls.variants import VARIANTS, Kind, Variant, kinds_for, offered, parse_kinds, variant_of
from services.audio.renditions import Quality
from services.errors import Invalid, NotFound
from tests.hls.reading import lines_of

LOW, NORMAL, HIGH, LOSSLESS = Quality


def test_a_master_playlist_is_exactly_this():
    lines = [
        playlists.VariantLine("ts-low/playlist.m3u8?ticket=x", "mp4a.40.2", 128_000, 96_000),
        playlists.VariantLine("opus-low/playlist.m3u8", "Opus", 64_298, None),
    ]
    assert playlists.master(lines) == (
        "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        '#EXT-X-STREAM-INF:BANDWIDTH=128000,AVERAGE-BANDWIDTH=96000,CODECS="mp4a.40.2"\n'
        "ts-low/playlist.m3u8?ticket=x\n"
        '#EXT-X-STREAM-INF:BANDWIDTH=64298,CODECS="Opus"\nopus-low/playlist.m3u8\n'
    )


def test_a_media_playlist_is_exactly_this():
    assert playlists.media([275_456, 276_480, 100], 48000, ["0.m4s", "1.m4s", "2.m4s"], initial="init.mp4") == (
        "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n"
        '#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MAP:URI="init.mp4"\n'
        "#EXTINF:5.738667,\n0.m4s\n#EXTINF:5.760000,\n1.m4s\n#EXTINF:0.002083,\n2.m4s\n#EXT-X-ENDLIST\n"
    )
    assert "#EXT-X-VERSION:3\n" in playlists.media([48000], 48000, ["0.ts"], initial=None)


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=200), st.sampled_from([8000, 44100, 48000, 96000]))
def test_durations_never_drift_and_no_segment_is_longer_than_the_target(durations, rate):
    text = playlists.media(durations, rate, [f"{at}.ts" for at in range(len(durations))], initial=None)
    told, addresses, _ = lines_of(text)
    assert len(addresses) == len(durations)
    for exact, sum_told in zip(itertools.accumulate(durations), itertools.accumulate(told), strict=True):
        assert abs(Fraction(exact, rate) - Fraction(round(sum_told * 10**6), 10**6)) <= Fraction(1, 10**6)
    target = int(text.split("TARGETDURATION:")[1].split("\n")[0])
    assert all(int(one + 0.5) <= target for one in told)


@given(st.integers(1, 48000 * 600))
def test_fragmented_durations_add_up_to_the_song_and_transport_streams_to_whole_frames(samples):
    profile = AAC_PROFILES[HIGH]
    frames = aac.Layout(profile.bitrate, samples)
    for cut in (AacInFmp4(frames, profile), OpusInFmp4(opus.Geometry(64_000, samples))):
        assert sum(cut.durations) == samples
        assert min(cut.durations) > 0
    assert sum(AacInTs(frames, profile).durations) == frames.frames * 1024
    assert 0 <= frames.frames * 1024 - 1024 - samples < 1024


@given(st.integers(1, 48000 * 100), st.sampled_from([64_000, 192_000]))
def test_opus_rates_are_those_of_its_segments(samples, bitrate):
    geometry = opus.Geometry(bitrate, samples)
    cut = OpusInFmp4(geometry)
    sizes = [len(cut.wrap(at, bytes(len(geometry.segment_bytes(at))))) for at in range(geometry.segments)]
    most, average = cut.bandwidth
    assert average == -(-8 * sum(sizes) * 48000 // samples)
    for size, duration in zip(sizes, cut.durations, strict=True):
        if 2 * duration >= max(cut.durations):
            assert 8 * size * 48000 <= most * duration
    assert most >= average


def names(kinds=tuple(Kind), **told):
    usual = {"lossless": True, "requested": None, "preference": HIGH, "ceiling": LOSSLESS, "insisted": False}
    return [variant.name for variant in offered(kinds, **(usual | told))]


def test_the_preference_bounds_what_is_offered_and_the_ceiling_bounds_the_preference():
    assert names((Kind.TS,)) == ["ts-high", "ts-normal", "ts-low"]
    assert names((Kind.TS,), preference=NORMAL) == ["ts-normal", "ts-low"]
    assert names((Kind.TS, Kind.FLAC), preference=LOSSLESS) == ["ts-high", "ts-normal", "ts-low", "flac-lossless"]
    assert names((Kind.TS, Kind.FLAC), preference=LOSSLESS, ceiling=LOW) == ["ts-low"]
    assert names((Kind.TS, Kind.FLAC), preference=LOSSLESS, lossless=False) == ["ts-high", "ts-normal", "ts-low"]


def test_a_quality_that_is_asked_for_is_offered_alone():
    assert names(requested=LOW) == ["ts-low", "fmp4-low", "opus-low"]
    assert names(requested=LOSSLESS) == ["flac-lossless"]
    assert names(requested=LOSSLESS, lossless=False) == ["ts-high", "fmp4-high", "opus-high"]
    assert names(requested=LOSSLESS, ceiling=NORMAL) == ["ts-normal", "fmp4-normal", "opus-normal"]


def test_flac_that_is_asked_for_by_name_needs_no_preference_and_gives_way_to_aac():
    assert names((Kind.FLAC,), insisted=True) == ["flac-lossless"]
    assert names((Kind.FLAC,), insisted=True, lossless=False) == ["fmp4-high"]
    assert names((Kind.FLAC,), insisted=True, ceiling=LOW) == ["fmp4-low"]


def test_players_are_offered_what_they_are_good_at():
    for player in (
        "Lavf/59.27.100",
        "libmpv",
        "VLC/3.0.18 LibVLC/3.0.18",
        "GStreamer souphttpsrc 1.22.0 libsoup/3.2.3",
    ):
        assert kinds_for(player) == (Kind.TS,)
    assert Kind.TS not in kinds_for("Mozilla/5.0 (X11; Linux x86_64)")
    assert set(kinds_for("")) == set(kinds_for("AppleCoreMedia/1.0.0")) == set(Kind)


def test_words_that_mean_nothing_are_refused():
    assert variant_of("opus-low") == Variant(Kind.OPUS, LOW)
    assert len(VARIANTS) == 10
    for name in ("", "opus", "opus-lossless", "flac-high", "TS-low", "ts-low/"):
        with pytest.raises(NotFound):
            variant_of(name)
    with pytest.raises(Invalid) as refusal:
        parse_kinds("mp3")
    assert refusal.value.field == "format"
