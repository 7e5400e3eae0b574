"""Playlists as files: what other players write is read, what is written is read back the same."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import Invalid, TooLarge, TuttiError
from services.playlists.exchange import Exchange, Track, read_jspf, read_m3u8, write_jspf, write_m3u8

VLC = """#EXTM3U
#EXTINF:215,Sigur Rós - Svefn-g-englar
/home/me/Music/Sigur%20R%C3%B3s/Svefn-g-englar.flac

#EXTVLCOPT:network-caching=1000
#EXTINF:-1 tvg-id="x",Radio
http://radio.example/live.mp3
C:\\Music\\AC-DC\\T.N.T..mp3
"""


def test_what_another_player_wrote_is_read():
    read = read_m3u8(VLC.replace("\n", "\r\n"))
    assert [(track.artist, track.title, track.duration_ms) for track in read.tracks] == [
        ("Sigur Rós", "Svefn-g-englar", 215_000),
        ("", "Radio", None),
        ("", "", None),
    ]
    assert [track.file_name for track in read.tracks] == ["Svefn-g-englar", "live", "T.N.T."]


def test_a_file_of_ours_names_its_songs_exactly():
    exchange = Exchange("Mine", tracks=[Track("Tides", "Anna", "Dawn", 200_400, "", None, "s1")])
    assert write_m3u8(exchange) == (
        "#EXTM3U\n#EXTENC:UTF-8\n#PLAYLIST:Mine\n#EXTINF:200,Anna - Tides\n#EXTALB:Dawn\n#TUTTI-SONG:s1\nAnna - Tides\n"
    )
    written = json.loads(write_jspf(exchange))
    assert written["playlist"]["track"] == [
        {"title": "Tides", "creator": "Anna", "album": "Dawn", "duration": 200_400,
         "identifier": ["urn:tutti:song:s1"]}
    ]  # fmt: skip


def test_jspf_as_others_write_it_is_read():
    text = json.dumps(
        {
            "playlist": {
                "title": "Weekly",
                "creator": "somebody",
                "track": [
                    {"title": "A", "creator": "B", "duration": 1000.0, "location": "file:///a.mp3",
                     "identifier": "isrc:usabc2400001"},
                    {"title": 7, "duration": True, "location": [1], "identifier": {"no": 1}},
                ],
            }
        }
    )  # fmt: skip
    read = read_jspf(text)
    assert (read.name, read.creator) == ("Weekly", "somebody")
    assert read.tracks == [Track("A", "B", "", 1000, "file:///a.mp3", "USABC2400001"), Track()]


@pytest.mark.parametrize("text", ["", "#EXTM3U\n#EXTINF:3,A - B\n", "\ufeff\n\n"])
def test_a_list_without_a_track_is_refused(text):
    with pytest.raises(Invalid):
        read_m3u8(text)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"playlist": []}', '{"playlist": {"track": 3}}', '{"playlist": {"track": [3]}}', "{", "\ud800"],
)
def test_what_is_not_jspf_is_refused(text):
    with pytest.raises(Invalid):
        read_jspf(text)


def test_too_much_is_refused():
    for read, text in ((read_m3u8, "a\n" * 10_001), (read_m3u8, "a" * 5_000_001), (read_jspf, " " * 5_000_001)):
        with pytest.raises(TooLarge):
            read(text)


LETTERS = st.characters(exclude_categories=["C", "Z"])
NAMES = st.lists(st.text(LETTERS, min_size=1, max_size=6), max_size=3).map(" ".join)
TRACKS = st.builds(
    Track,
    title=NAMES,
    artist=NAMES.map(lambda name: name.replace("-", "~")),
    album=NAMES,
    duration_ms=st.one_of(st.none(), st.integers(1, 3_600).map(lambda seconds: seconds * 1000)),
    song_id=st.one_of(st.none(), st.from_regex(r"[0-9A-Z]{26}", fullmatch=True)),
)
EXCHANGES = st.builds(Exchange, name=NAMES, tracks=st.lists(TRACKS, min_size=1, max_size=5))


@given(EXCHANGES)
def test_jspf_comes_back_as_it_went(exchange):
    assert read_jspf(write_jspf(exchange)) == exchange


@given(EXCHANGES)
def test_m3u8_comes_back_as_it_went_but_for_the_location(exchange):
    read = read_m3u8(write_m3u8(exchange))
    for track in read.tracks:
        track.location = ""
    assert [(t.album, t.duration_ms, t.song_id) for t in read.tracks] == [
        (t.album, t.duration_ms, t.song_id) for t in exchange.tracks
    ]
    assert len(read.tracks) == len(exchange.tracks)


@given(st.text())
def test_any_text_is_read_or_refused(text):
    for read in (read_m3u8, read_jspf):
        try:
            assert read(text).tracks
        except TuttiError as refusal:
            assert refusal.field == "text"
