"""What a player is told before it plays, through the API, and whether what is told is so."""

import dataclasses
from urllib.parse import parse_qs, urlparse

import pytest

from services.audio.codecs.flac import Flac
from services.audio.renditions import Accepted, Format, Quality, choose
from services.errors import Invalid
from services.playback.offers import accepted_types, offers
from services.playback.playback import follows_on_album
from services.playback.song_loudness import SongLoudness, gain_q8
from services.viewer import Viewer
from storage.records.sound_analysis import SoundAnalysis
from tests.catalogue_rig import START, file_of, furnish
from tests.stream.stage import describe, stage

FLAC = {
    "codec": "flac",
    "content_type": "audio/flac",
    "payload_hash": "p1",
    "bitrate": 900_000,
    "sample_rate": 44_100,
    "channels": 2,
    "samples": 44_100 * 60,
    "size": 5_000_000_000,
}

ALL = """query($id: ID!, $format: SoundFormat, $quality: AudioQuality, $plays: [String!]) {
  playback(songId: $id, format: $format, quality: $quality, plays: $plays) {
    song { id } durationMs why ceiling
    renditions { name quality format url isAllowed contentType codec bitrate sampleRate channels bytes samples
                 gapless { delay padding samples } carriesGainTags }
    chosen { name }
    loudness { integratedLufs rangeLu truePeakDbtp albumLufs referenceLufs trackGainDb albumGainDb }
    sound { soundStartMs soundEndMs fadeInEndMs fadeOutStartMs }
    tempo { tempo tempoConfidence hasBeats beatsConfidence }
  }
}"""


@pytest.fixture
async def music(rig):
    """The furnished house, in which `s1` has a FLAC file that was measured."""
    await furnish(rig)
    await rig.store.audio_files.insert(file_of("s1", **FLAC))
    await rig.store.songs.update({"_id": "s1"}, {"$set": {"file_id": "f-s1"}})
    measured = SoundAnalysis(
        *("p1", 1, START),
        duration_ms=60_000,
        loudness_lufs=-9.5,
        loudness_range_lu=6.0,
        true_peak_dbtp=-0.4,
        silence_start_ms=120,
        silence_end_ms=59_000,
        fade_out_start_ms=52_000,
        tempo=120.0,
        tempo_confidence=0.9,
        beats_ms=[120, 620],
        beats_confidence=0.7,
    )
    await rig.store.sound_analyses.insert(measured)
    return rig


async def test_everything_is_told_at_once(music, finds):
    ann = await music.sign_up("ann")
    async with finds(10, songs=2, users=1, sound_analyses=3):
        told = (await music.data(ALL, ann, id="s1"))["playback"]
    assert (told["song"], told["durationMs"], told["ceiling"]) == ({"id": "s1"}, 200_000, "LOSSLESS")
    assert (told["chosen"]["name"], told["why"]) == ("mp3-320", "as preferred")
    named = {each["name"]: each for each in told["renditions"]}
    assert list(named) == ["mp3-96", "opus-64", "mp3-160", "opus-128", "mp3-320", "opus-192", "original"]
    samples = 48_000 * 60
    frames = -(-(samples + 1105) // 1152)
    mp3 = named["mp3-320"]
    assert mp3["bytes"] == (frames + 1) * 960
    assert mp3["gapless"] == {"delay": 1105, "padding": frames * 1152 - 1105 - samples, "samples": samples}
    assert (mp3["bitrate"], mp3["sampleRate"], mp3["samples"], mp3["channels"]) == (320_000, 48_000, samples, 2)
    assert (mp3["contentType"], mp3["codec"], mp3["carriesGainTags"]) == ("audio/mpeg", "mp3", False)
    assert named["opus-64"]["gapless"]["delay"] == 312
    assert named["opus-64"]["carriesGainTags"]
    original = named["original"]
    assert (original["bytes"], original["samples"], original["gapless"]) == (5_000_000_000, 44_100 * 60, None)
    assert told["loudness"] == {
        "integratedLufs": -9.5,
        "rangeLu": 6.0,
        "truePeakDbtp": -0.4,
        "albumLufs": None,
        "referenceLufs": -23.0,
        "trackGainDb": -13.5,
        "albumGainDb": None,
    }
    assert told["sound"] == {"soundStartMs": 120, "soundEndMs": 59_000, "fadeInEndMs": None, "fadeOutStartMs": 52_000}
    assert told["tempo"] == {"tempo": 120.0, "tempoConfidence": 0.9, "hasBeats": True, "beatsConfidence": 0.7}


async def test_an_address_says_which_rendition_and_for_whom(music):
    ann = await music.sign_up("ann")
    told = (await music.data(ALL, ann, id="s1"))["playback"]["renditions"]
    for each in told:
        address = urlparse(each["url"])
        words = {name: values[0] for name, values in parse_qs(address.query, strict_parsing=True).items()}
        assert address.path == "/stream/s1"
        assert (words["quality"], words["format"]) == (each["quality"].lower(), each["format"].lower())
        assert music.house.tickets.open(words["ticket"], "s1").user_id == ann.user_id


@pytest.mark.parametrize(
    ("wanted", "name", "why"),
    [
        ({"plays": ["audio/ogg; codecs=opus", "audio/mpeg"]}, "opus-192", "as preferred; the player likes opus best"),
        ({"quality": "LOW"}, "mp3-96", "as asked"),
        ({"format": "OPUS", "quality": "NORMAL"}, "opus-128", "as asked"),
        ({"format": "ORIGINAL"}, "original", "as asked"),
        ({"quality": "LOSSLESS", "plays": ["audio/flac"]}, "original", "as asked"),
    ],
)
async def test_the_one_function_chooses(music, wanted, name, why):
    ann = await music.sign_up("ann")
    told = (await music.data(ALL, ann, id="s1", **wanted))["playback"]
    assert (told["chosen"]["name"], told["why"]) == (name, why)


async def test_a_song_without_its_file_has_nothing_to_play(music):
    ann = await music.sign_up("ann")
    told = (await music.data(ALL, ann, id="s2"))["playback"]
    assert (told["renditions"], told["chosen"], told["why"]) == ([], None, "the file is away")
    assert (told["loudness"], told["sound"], told["tempo"]) == (None, None, None)


async def test_what_is_not_to_be_seen_is_null_and_nobody_is_asked_to_sign_in(music):
    ann = await music.sign_up("ann")
    for id in ("s4", "nothing"):
        assert (await music.data(ALL, ann, id=id))["playback"] is None
    assert (await music.errors(ALL, id="s1"))[0]["code"] == "UNAUTHENTICATED"
    assert (await music.errors(ALL, ann, id="s1", plays=["audio/mpeg"] * 33))[0] == {
        "code": "INVALID",
        "field": "plays",
    }


def test_above_the_ceiling_it_is_listed_without_an_address():
    file = file_of("x", **FLAC)
    choice = choose(None, Quality.HIGH, Quality.NORMAL, file)
    told = offers(file, Quality.NORMAL, choice, "/stream/x?ticket=t")
    assert {each.name: each.url for each in told if not each.is_allowed} == {
        "mp3-320": None,
        "opus-192": None,
        "original": None,
    }
    assert [each.name for each in told if each.is_chosen] == ["mp3-160"]
    small = dataclasses.replace(file, codec="mp3", content_type="audio/mpeg", bitrate=128_000)
    choice = choose(None, Quality.HIGH, Quality.NORMAL, small)
    [original] = [each for each in offers(small, Quality.NORMAL, choice, "") if each.name == "original"]
    assert original.is_allowed
    assert original.is_chosen


def test_samples_nobody_counted_make_no_numbers_up():
    file = file_of("x", **{**FLAC, "samples": None})
    told = offers(file, Quality.LOSSLESS, choose(None, Quality.HIGH, Quality.LOSSLESS, file), "")
    assert {(each.bytes, each.samples, each.gapless) for each in told[:-1]} == {(None, None, None)}


def test_media_types_are_read_with_their_parameters_and_capitals():
    assert accepted_types(['Audio/Opus; codecs="x"', "audio/flac"]) == Accepted(
        Format.OPUS, *[frozenset({"audio/ogg", "audio/flac"})] * 2
    )
    assert accepted_types([]).liked is Format.MP3
    with pytest.raises(Invalid):
        accepted_types(["a"] * 33)


@pytest.mark.parametrize(("rate", "channels"), [(44_100, 2), (48_000, 1), (96_000, 2)])
async def test_what_is_told_is_what_is_served(tmp_path, tunes, rate, channels):
    viewer = Viewer(user_id="ada", session_id="s1")
    path = tunes("flac", rate, channels, 12.0)
    file = describe(path, kind="flac", rate=rate, channels=channels, samples=12 * rate)
    async with stage(tmp_path) as running:
        running.songs["x"] = file
        for offer in offers(file, Quality.LOSSLESS, choose(None, Quality.HIGH, Quality.LOSSLESS, file), "?"):
            sound = await running.deliveries.open(viewer, "x", offer.quality.value, wished=offer.format.value)
            served = (sound.rendition, sound.target.length, sound.target.content_type, sound.gapless)
            assert served == (offer.name, offer.bytes, offer.content_type, offer.gapless)
            sound.close()
        assert running.deliveries.encoder.encoded == 0


@pytest.mark.parametrize(
    ("gain_db", "told"), [(None, None), (0.0, 0), (-2.24, -573), (1.0, 256), (-300.0, -32768), (200.0, 32767)]
)
def test_gains_are_held_within_sixteen_bits(gain_db, told):
    assert gain_q8(gain_db) == told


async def test_loudness_is_looked_up_once_in_half_a_minute(music):
    asked = []

    async def album_loudness(album_id):
        asked.append(album_id)
        return -11.0

    loudness = SongLoudness(music.house.sound_facts, album_loudness, music.clock)
    song = await music.store.songs.get("s1")
    assert await loudness.gains_q8(song) == (-3456, -3072)
    assert await loudness.gains_q8(song) == (-3456, -3072)
    assert asked == ["dawn"]
    music.clock.turn(31)
    assert (await loudness.of_song(song)).album_gain_db == -12.0
    assert asked == ["dawn", "dawn"]
    unmeasured = await music.store.songs.get("s2")
    assert await loudness.gains_q8(unmeasured) == (None, None)


WAY = """query($a: ID!, $b: ID!) { transition(fromSongId: $a, toSongId: $b) {
  kind fromEndMs toStartMs overlapMs gapMs fadeOutMs fadeInMs isBeatAligned reason } }"""


async def test_the_way_through_an_album_has_no_gap_and_the_way_out_of_it_has(music):
    way = (await music.data(WAY, a="s1", b="s2"))["transition"]
    assert (way["kind"], way["fromEndMs"], way["toStartMs"], way["gapMs"]) == ("GAPLESS", 60_000, 0, 0)
    # The first of the second disc follows the last of the first.
    assert (await music.data(WAY, a="s2", b="s3"))["transition"]["kind"] == "GAPLESS"
    for a, b in (("s2", "s1"), ("s1", "s3"), ("s3", "b1"), ("s1", "s1")):
        assert (await music.data(WAY, a=a, b=b))["transition"]["kind"] != "GAPLESS", (a, b)


async def test_a_fade_is_used_where_both_were_measured(music, finds):
    assert (await music.data(WAY, a="s1", b="b1"))["transition"]["kind"] == "CUT"
    await music.store.audio_files.insert(file_of("b1", **{**FLAC, "payload_hash": "p2"}))
    await music.store.songs.update({"_id": "b1"}, {"$set": {"file_id": "f-b1"}})
    await music.store.sound_analyses.insert(SoundAnalysis("p2", 1, START, duration_ms=90_000, silence_start_ms=40))
    async with finds(3, songs=1, audio_files=1, sound_analyses=1):
        found = (await music.data(WAY, a="s1", b="b1"))["transition"]
    assert found == {
        "kind": "CROSSFADE",
        "fromEndMs": 59_000,
        "toStartMs": 40,
        "overlapMs": 7_000,
        "gapMs": 0,
        "fadeOutMs": 0,
        "fadeInMs": 7_000,
        "isBeatAligned": False,
        "reason": "The first fades out: they overlap by 7.0 s.",
    }


async def test_no_way_leads_from_or_to_what_is_not_to_be_seen(music):
    for a, b in (("s4", "s1"), ("s3", "s4"), ("s1", "nothing")):
        assert (await music.data(WAY, a=a, b=b))["transition"] is None


async def test_what_is_hidden_between_two_songs_parts_them(music):
    first, second, third = [await music.store.songs.get(id) for id in ("s1", "s2", "s3")]
    fourth = dataclasses.replace(third, id="x", disc_number=1, track_number=3)
    assert follows_on_album(first, second, [first, second, fourth])
    assert not follows_on_album(first, fourth, [first, fourth]), "track 2 is hidden from this viewer"
    assert not follows_on_album(fourth, first, [first, fourth])
    unnumbered = dataclasses.replace(second, track_number=None)
    assert follows_on_album(first, unnumbered, [first, unnumbered])
    assert not follows_on_album(first, second, [])


@pytest.mark.parametrize(("codec", "container", "bits"), [("alac", "mp4", 24), ("pcm", "aiff", 16)])
async def test_flac_is_offered_where_the_file_is_something_else_and_lossless(music, codec, container, bits):
    ann = await music.sign_up("ann")
    change = {"codec": codec, "container": container, "content_type": f"audio/{container}", "bits_per_sample": bits}
    await music.store.audio_files.update({"_id": "f-s1"}, {"$set": change})
    told = (await music.data(ALL, ann, id="s1", quality="LOSSLESS"))["playback"]
    offer = told["renditions"][-2]
    samples = 44_100 * 60
    assert (told["chosen"]["name"], offer["name"], offer["format"], offer["quality"]) == (
        "flac",
        "flac",
        "FLAC",
        "LOSSLESS",
    )
    assert (offer["contentType"], offer["sampleRate"], offer["channels"]) == ("audio/flac", 44_100, 2)
    assert offer["bitrate"] == 44_100 * 2 * bits
    assert offer["bytes"] == Flac(44_100, 2, bits).geometry(0, samples, 2, "").length > samples * 2 * bits // 8
    assert offer["gapless"] == {"delay": 0, "padding": 0, "samples": samples}
    assert offer["url"].endswith("&quality=lossless&format=flac")


async def test_flac_is_not_offered_of_what_is_lossy_or_flac(music):
    ann = await music.sign_up("ann")
    for codec, kind in (("mp3", "audio/mpeg"), ("flac", "audio/flac")):
        await music.store.audio_files.update({"_id": "f-s1"}, {"$set": {"codec": codec, "content_type": kind}})
        told = (await music.data(ALL, ann, id="s1"))["playback"]["renditions"]
        assert "flac" not in [each["name"] for each in told]
