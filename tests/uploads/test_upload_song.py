"""Songs sent in: each of the three ways, who may, what is refused, and that the song plays at once."""

import asyncio
import json
import resource
import subprocess
from io import BytesIO

import mutagen.id3
import pytest
from mutagen.flac import FLAC, Picture
from mutagen.wave import WAVE
from PIL import Image

from services.events import CatalogueChanged
from services.uploads.lifted import lift, lowered
from tests.sound_tool import QUICK_FFMPEG
from tests.stream.stage import until
from tests.uploads.place import text_of, tone

VERBATIM = """mutation {
  uploadSong(
    title: "My New Song"
    artistId: "ann"
    albumId: "dawn"
    audioFile: "%s"
    duration: 240
    trackNumber: 5
    genre: "pop"
    isExplicit: false
    lyrics: "Song lyrics here..."
  ) {
    song {
      id
      title
      audioUrl
    }
  }
}"""


def decoded(data):
    """The sound as ffmpeg decodes it."""
    command = [QUICK_FFMPEG, "-v", "error", "-i", "pipe:0", "-f", "s16le", "pipe:1"]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def to_flac(wav, flac):
    """The same sound, packed."""
    subprocess.run([QUICK_FFMPEG, "-v", "error", "-i", str(wav), str(flac)], check=True)


async def test_the_specifications_document_runs_as_written(place, tmp_path):
    short = tone(tmp_path / "short.wav", seconds=0.2)
    heard = []
    place.household.house.bus.hear(CatalogueChanged, heard.append)
    answer = await place.ask(VERBATIM % text_of(short), "ann")
    song = answer["data"]["uploadSong"]["song"]
    assert song["title"] == "My New Song"
    assert song["audioUrl"].startswith(f"/stream/{song['id']}?ticket=")
    kept = await place.store.songs.get(song["id"])
    assert (kept.duration_ms, kept.track_number, kept.genre_ids, kept.lyrics, kept.is_explicit) == (
        200,
        5,
        ["g-Pop"],
        "Song lyrics here...",
        False,
    )
    assert (kept.slug, kept.artist_credit, kept.artist_ids, kept.album_title) == (
        "my-new-song",
        "Ann",
        ["ann"],
        "Dawn",
    )
    assert heard == [CatalogueChanged((song["id"],), ("dawn",), ("ann",))]


async def test_a_long_song_may_stand_in_the_document_too(place, tmp_path):
    text = text_of(tone(tmp_path / "long.wav", seconds=20))
    song = (await place.ask(VERBATIM % text, "ann"))["data"]["uploadSong"]["song"]
    assert (await place.store.songs.get(song["id"])).duration_ms == 20_000
    forged = await place.ask(VERBATIM % "lifted:0", "ann")
    assert forged["errors"][0]["extensions"] == {"code": "INVALID", "field": "audioFile"}


def test_only_long_sound_is_lifted_out_of_a_document():
    long = "A" * 5000
    quoted = f'lyrics: "audioFile: \\"{long}\\""'
    query = f'mutation {{ a({quoted} audioFile: "{long}") b(audioFile : "AAAA") c(audioFile: "{long[1:]}")}}'
    shown = lift({"query": query})["query"]
    assert shown == query.replace(f'audioFile: "{long}"', 'audioFile: "lifted:0"').replace(
        f'"{long[1:]}"', '"lifted:1"'
    )
    assert [lowered(text) for text in ("lifted:0", "lifted:1", "lifted:2", "lifted:x", "AAAA")] == [
        long,
        long[1:],
        "lifted:2",
        "lifted:x",
        "AAAA",
    ]
    assert lift([{"query": "{ a }"}, 7, {"query": None}]) == [{"query": "{ a }"}, 7, {"query": None}]


async def test_album_and_artist_are_counted_again(place, sound):
    await place.song(album="dawn", text=text_of(sound))
    album, artist = await place.store.albums.get("dawn"), await place.store.artists.get("ann")
    assert (album.total_tracks, album.total_duration_ms, album.is_hidden) == (1, 1000, False)
    assert album.release_date == "2024-05-03"
    assert (artist.song_count, artist.album_count, artist.is_hidden) == (1, 1, False)


async def test_an_uploaded_song_plays_at_once(place, tmp_path, sound):
    song = await place.song(text="data:audio/wav;base64," + text_of(sound))
    part = await place.fetch(song["audioUrl"] + "&quality=lossless", headers={"Range": "bytes=1000-1999"})
    whole = await place.fetch(song["audioUrl"] + "&quality=lossless")
    assert (part.code, part.body, part.headers["Content-Type"]) == (206, sound[1000:2000], "audio/wav")
    assert decoded(whole.body) == decoded(sound)
    flac = tmp_path / "b.flac"
    wav = tmp_path / "b.wav"
    tone(wav, 2, 330)
    to_flac(wav, flac)
    second = json.loads((await place.send_file(flac.read_bytes(), title="Second")).body)["data"]["uploadSong"]["song"]
    answer = await place.fetch(second["audioUrl"] + "&quality=lossless")
    assert (answer.headers["Content-Type"], second["durationMs"]) == ("audio/flac", 2000)
    assert decoded(answer.body) == decoded(wav.read_bytes())
    await until(lambda: not place.left())
    assert sorted(path.suffix for path in place.kept()) == [".flac", ".wav"]


async def test_the_length_is_measured_and_the_words_given_win_over_tags(place, tmp_path, sound):
    path = tmp_path / "tagged.wav"
    path.write_bytes(sound)
    tagged = WAVE(path)
    tagged.add_tags()
    for frame in (
        mutagen.id3.TIT2(encoding=3, text="Wrong"),
        mutagen.id3.TRCK(encoding=3, text="9"),
        mutagen.id3.TCON(encoding=3, text="Rock"),
        mutagen.id3.TSRC(encoding=3, text="DEA122500001"),
    ):
        tagged.tags.add(frame)
    tagged.save()
    query = """mutation($t: String!) { uploadSong(title: "Right", artistId: "ann", audioFile: $t, duration: 9999,
        featuredArtistIds: ["bob"], mood: "calm", language: "en", discNumber: 2)
        { song { title duration trackNumber discNumber isrc mood language artistCredit
                 genre { name } featuredArtists { name } } } }"""
    answer = await place.ask(query, "adm", t=text_of(path.read_bytes()))
    assert answer["data"]["uploadSong"]["song"] == {
        "title": "Right",
        "duration": 1,
        "trackNumber": 9,
        "discNumber": 2,
        "isrc": "DEA122500001",
        "mood": "calm",
        "language": "en",
        "artistCredit": "Ann feat. Bob",
        "genre": {"name": "Rock"},
        "featuredArtists": [{"name": "Bob"}],
    }


async def test_the_embedded_cover_dresses_an_album_without_one(place, tmp_path):
    wav, flac = tmp_path / "c.wav", tmp_path / "c.flac"
    tone(wav)
    to_flac(wav, flac)
    drawn = BytesIO()
    Image.new("RGB", (64, 64), "teal").save(drawn, "PNG")
    file, picture = FLAC(flac), Picture()
    picture.type, picture.mime, picture.data = 3, "image/png", drawn.getvalue()
    file.add_picture(picture)
    file.save()
    song = await place.song(album="dawn", text=text_of(flac.read_bytes()))
    kept = await place.store.songs.get(song["id"])
    assert kept.cover_id is not None
    assert (await place.store.albums.get("dawn")).cover_id == kept.cover_id
    assert (await place.fetch(f"/covers/{kept.cover_id}")).code == 200


@pytest.mark.parametrize(("who", "code"), [(None, "UNAUTHENTICATED"), ("lis", "DENIED"), ("bob", "DENIED")], ids=str)
async def test_only_the_artists_owner_and_admins_may_send(place, sound, who, code):
    refused = await place.refusal(who, text=text_of(sound))
    assert refused["code"] == code
    answer = await place.send_file(sound, who)
    assert json.loads(answer.body)["errors"][0]["extensions"]["code"] == code
    await until(lambda: not place.left())
    assert (await place.store.songs.count({}), place.kept()) == (0, [])
    assert (await place.song("adm", text=text_of(sound)))["title"] == "Song"


async def test_the_files_of_those_who_may_not_send_are_never_stored(place, sound):
    begun = []
    plain = place.uploads.staging.begin
    place.uploads.staging.begin = lambda *a, **k: begun.append(1) or plain(*a, **k)
    assert (await place.send_file(sound, "lis")).code == 403
    assert (await place.send_file(sound, None)).code == 401
    assert begun == []
    assert (await place.send_file(sound, "ann")).code == 200
    assert begun == [1]


BAD_WORDS = [
    ({"title": ""}, "INVALID", "title"),
    ({"title": "x" * 201}, "INVALID", "title"),
    ({"title": "a\0b"}, "INVALID", "title"),
    ({"title": "a\u202eb"}, "INVALID", "title"),
    ({"artist": "ghost"}, "NOT_FOUND", "artistId"),
    ({"artist": "nobody"}, "NOT_FOUND", "artistId"),
    ({"artist": "\0" * 9}, "NOT_FOUND", "artistId"),
    ({"artist": "x" * 100_000}, "NOT_FOUND", "artistId"),
    ({"album": "bees"}, "NOT_FOUND", "albumId"),
    ({"album": "none"}, "NOT_FOUND", "albumId"),
    ({"text": None}, "INVALID", "audioFile"),
    ({"upload": "x"}, "INVALID", "audioFile"),
    ({"text": ""}, "INVALID", "audioFile"),
    ({"text": "!!!!"}, "INVALID", "audioFile"),
    ({"text": "abc"}, "INVALID", "audioFile"),
    ({"text": "é" * 8}, "INVALID", "audioFile"),
    ({"text": text_of(b"<html>no sound</html>")}, "NOT_AUDIO", "audioFile"),
    ({"text": text_of(b"\x89PNG\r\n\x1a\n" + b"\0" * 64)}, "NOT_AUDIO", "audioFile"),
    ({"text": None, "upload": "x"}, "NOT_FOUND", None),
    ({"text": None, "upload": "../../x"}, "NOT_FOUND", None),
]


async def test_bad_words_are_refused_and_nothing_is_written(place, sound):
    for words, code, field in BAD_WORDS:
        given = {"text": text_of(sound), **words}
        refused = await place.refusal(**given)
        assert (refused["code"], refused.get("field")) == (code, field)
        assert (await place.store.songs.count({}), await place.store.audio_files.count({})) == (0, 0)
        assert (await place.store.uploads.count({}), place.left(), place.kept()) == (0, [], [])


BAD_DETAILS = [
    ("duration: -1", "duration"),
    ("trackNumber: 0", "trackNumber"),
    ("trackNumber: 10000", "trackNumber"),
    ("discNumber: -1", "discNumber"),
    ('genre: "polka"', "genre"),
    ('genre: ""', "genre"),
    ('featuredArtistIds: ["ghost"]', "featuredArtistIds"),
    ('isrc: "x"', "isrc"),
    ('language: "English"', "language"),
    ('mood: ""', "mood"),
    ('lyrics: "a\\u0000"', "lyrics"),
]


async def test_each_detail_has_its_bounds(place, sound):
    for argument, field in BAD_DETAILS:
        query = 'mutation($t: String!) { uploadSong(title: "S", artistId: "ann", audioFile: $t, %s) { song { id } } }'
        answer = await place.ask(query % argument, "ann", t=text_of(sound))
        assert answer["errors"][0]["extensions"]["field"] == field
        assert await place.store.songs.count({}) == 0
        if argument.startswith('genre: "p'):
            assert "Pop" in answer["errors"][0]["message"]


async def test_the_same_sound_in_the_same_place_is_refused_by_name(place, sound):
    first = await place.song(text=text_of(sound))
    answer = await place.ask(
        'mutation($t: String!) { uploadSong(title: "B", artistId: "ann", audioFile: $t) { song { id } } }',
        "ann",
        t=text_of(sound),
    )
    assert answer["errors"][0]["extensions"]["code"] == "DUPLICATE_AUDIO"
    assert first["id"] in answer["errors"][0]["message"]
    # On an album it is a song of its own, and what is not ours to see is not told.
    assert (await place.song(text=text_of(sound), album="dawn"))["id"] != first["id"]
    assert (await place.song("bob", artist="bob", text=text_of(sound)))["id"] != first["id"]
    assert await place.store.songs.count({}) == 3


async def test_two_at_the_same_time_make_one_song(place, sound):
    answers = await asyncio.gather(*(place.send_file(sound) for _ in range(2)))
    codes = [
        json.loads(a.body).get("errors", [{"extensions": {"code": "OK"}}])[0]["extensions"]["code"] for a in answers
    ]
    assert sorted(codes) == ["DUPLICATE_AUDIO", "OK"]
    assert (await place.store.songs.count({}), len(place.kept())) == (1, 1)
    await until(lambda: not place.left())


async def test_large_json_is_for_those_who_may_send(place, tmp_path):
    large = text_of(tone(tmp_path / "large.wav", seconds=12))
    assert len(large) > 1_000_000
    for who in (None, "lis"):
        body = json.dumps({"query": "{ __typename }", "variables": {"text": large}})
        headers = {"Content-Type": "application/json"}
        answer = await place.fetch("/graphql", who, method="POST", headers=headers, body=body)
        assert (answer.code, json.loads(answer.body)["errors"][0]["extensions"]["code"]) == (413, "TOO_LARGE")
    assert (await place.song(text=large))["durationMs"] == 12_000


async def test_a_full_disk_is_said_and_leaves_nothing(place, sound, log_watch):
    log_watch.expect("tutti.access: request")
    big = sound * 30
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The store's own log may not grow beyond it either, so it is a little above what that needs here.
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, hard))
    try:
        answer = await place.send_file(big)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert json.loads(answer.body)["errors"][0]["extensions"] | {"requestId": ""} == {
        "code": "STORAGE_FULL",
        "field": "variables.file",
        "requestId": "",
    }
    assert (answer.code, place.left(), place.kept()) == (503, [], [])
