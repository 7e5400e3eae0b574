"""Lengths to the sample against a decoder, hashes of the sound alone, and tags of every format."""

from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path
from typing import Any

import mutagen
import pytest
from mutagen.apev2 import APEv2
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, ID3, SYLT, TIPL, TMCL, TPE1, TRCK, TXXX, UFID, USLT
from mutagen.mp4 import MP4, MP4Cover, MP4FreeForm
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from PIL import Image

from services.audio.formats.probe import embedded_cover, probe_path
from services.audio.formats.stream_facts import Unreadable
from services.library.payload import payload_hash
from tests.library.sounds import ARGUMENTS, Sounds, run_ffmpeg, tag
from tests.sound_tool import shared_folder

KINDS = sorted(ARGUMENTS)
RECORDING, ARTIST, RELEASE = (f"{digit * 8}-1111-2222-3333-444444444444" for digit in "123")


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Sounds:
    return Sounds(shared_folder(tmp_path_factory, "sounds"))


def sound_hash(path: Path) -> str:
    with path.open("rb") as file:
        return payload_hash(file, probe_path(path).facts)


def jpeg(colour: str = "red", size: tuple[int, int] = (8, 8)) -> bytes:
    data = BytesIO()
    Image.new("RGB", size, colour).save(data, "JPEG")
    return data.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_the_sample_count_is_exact(sounds: Sounds, kind: str) -> None:
    path = sounds.take(kind, 440, 1.234)
    facts = probe_path(path).facts
    decoded = len(run_ffmpeg("-i", str(path), "-map", "0:a", "-f", "s16le", "-ac", "1", "-")) // 2
    # This decoder plays the last AAC packet of an MP4 to its end; the file says where the music stops.
    whole = {"m4a": round(1.234 * 44100)}
    assert facts.samples == whole.get(kind, decoded)
    assert facts.duration_ms == round(facts.samples * 1000 / facts.sample_rate)
    assert facts.channels == 2
    assert facts.sample_rate == (48000 if kind == "opus" else 44100)


@pytest.mark.parametrize(
    ("kind", "codec", "container", "bits"),
    [("mp3", "mp3", "mp3", None), ("flac", "flac", "flac", 16), ("ogg", "vorbis", "ogg", None),
     ("opus", "opus", "ogg", None), ("m4a", "aac", "mp4", None), ("alac.m4a", "alac", "mp4", 16),
     ("aac", "aac", "adts", None), ("wav", "pcm", "wav", 16), ("aiff", "pcm", "aiff", 16)],
)  # fmt: skip
def test_codec_container_and_depth(sounds: Sounds, kind: str, codec: str, container: str, bits: int | None) -> None:
    facts = probe_path(sounds.take(kind)).facts
    assert (facts.codec, facts.container, facts.bits_per_sample) == (codec, container, bits)
    if codec == "pcm":
        assert facts.bitrate == 44100 * 2 * 16
    if kind == "mp3":
        assert (facts.bitrate // 1000, facts.delay) == (64, 576)


@pytest.mark.parametrize("kind", ["mp3", "plain.mp3", "flac", "ogg", "opus", "m4a", "aac", "wav", "aiff"])
def test_tags_do_not_change_the_hash_of_the_sound(sounds: Sounds, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind.rpartition('.')[2]}"
    shutil.copyfile(sounds.take(kind), path)
    before = sound_hash(path)
    if kind == "aac":
        ID3().save(path)
    # Long enough that comments outgrow their page and an MP4's table moves.
    tag(path, title="T" * 9000, artist="Ann")
    if kind == "mp3":
        ID3(path).save(path, v1=2)
        ape = APEv2()
        ape["Mood"] = "calm"
        ape.save(path)
    assert path.read_bytes() != sounds.take(kind).read_bytes()
    assert sound_hash(path) == before
    assert sound_hash(sounds.take(kind, 441)) != before


def full_tags(path: Path) -> None:
    """Everything the catalogue can hold, in the format's own words."""
    kind: Any = mutagen.File(path)
    if isinstance(kind, (FLAC, OggVorbis, OggOpus)):
        kind.update({
            "TITLE": "Song", "ARTIST": "Ann feat. Bob", "ARTISTS": ["Ann", "Bob"], "ALBUMARTIST": "Ann",
            "ALBUM": "Disc", "TRACKNUMBER": "3/12", "DISCNUMBER": "2/2", "DATE": "2020-03", "GENRE": ["Rock", "Pop"],
            "ISRC": "us-abc-12-34567", "BARCODE": "0123456789012", "LABEL": "Label", "COPYRIGHT": "(c) Ann",
            "BPM": "128", "KEY": "Am", "MOOD": "calm", "LANGUAGE": "eng", "ITUNESADVISORY": "1", "COMPILATION": "1",
            "RELEASETYPE": ["album", "live"], "MUSICBRAINZ_TRACKID": RECORDING, "MUSICBRAINZ_ARTISTID": ARTIST,
            "MUSICBRAINZ_ALBUMID": RELEASE, "COMPOSER": "Cy", "PRODUCER": "Di", "PERFORMER": "Ed (violin)",
            "REPLAYGAIN_TRACK_GAIN": "-6.50 dB", "REPLAYGAIN_TRACK_PEAK": "0.98", "REPLAYGAIN_ALBUM_GAIN": "-7 dB",
            "REPLAYGAIN_ALBUM_PEAK": "1.0", "LYRICS": "[00:01.00]La\n[00:02.00]Lo",
        })  # fmt: skip
        block = Picture()
        block.type, block.mime, block.data = 3, "image/jpeg", jpeg()
        if isinstance(kind, FLAC):
            kind.add_picture(block)
        else:
            import base64

            kind["METADATA_BLOCK_PICTURE"] = base64.b64encode(block.write()).decode()
        kind.save()
    elif isinstance(kind, MP4):
        kind.tags.update({
            "\xa9nam": "Song", "\xa9ART": "Ann feat. Bob", "aART": "Ann", "\xa9alb": "Disc", "trkn": [(3, 12)],
            "disk": [(2, 2)], "\xa9day": "2020-03", "\xa9gen": ["Rock", "Pop"], "cprt": "(c) Ann", "tmpo": [128],
            "rtng": [1], "cpil": True, "\xa9lyr": "[00:01.00]La\n[00:02.00]Lo", "\xa9wrt": "Cy",
            "covr": [MP4Cover(jpeg(), MP4Cover.FORMAT_JPEG)],
        })  # fmt: skip
        free = {
            "ARTISTS": ["Ann", "Bob"], "ISRC": ["USABC1234567"], "BARCODE": ["0123456789012"], "LABEL": ["Label"],
            "initialkey": ["Am"], "MOOD": ["calm"], "LANGUAGE": ["eng"], "MusicBrainz Album Type": ["album", "live"],
            "MusicBrainz Track Id": [RECORDING], "MusicBrainz Artist Id": [ARTIST], "MusicBrainz Album Id": [RELEASE],
            "PRODUCER": ["Di"], "PERFORMER": ["Ed (violin)"], "replaygain_track_gain": ["-6.50 dB"],
            "replaygain_track_peak": ["0.98"], "replaygain_album_gain": ["-7 dB"], "replaygain_album_peak": ["1.0"],
        }  # fmt: skip
        for name, values in free.items():
            kind.tags[f"----:com.apple.iTunes:{name}"] = [MP4FreeForm(value.encode()) for value in values]
        kind.save()
    else:
        frames = ID3()
        texts = {
            "TIT2": ["Song"], "TPE1": ["Ann feat. Bob"], "TPE2": ["Ann"], "TALB": ["Disc"], "TRCK": ["3/12"],
            "TPOS": ["2/2"], "TDRC": ["2020-03"], "TCON": ["(17)", "Pop"], "TSRC": ["USABC1234567"], "TPUB": ["Label"],
            "TCOP": ["(c) Ann"], "TBPM": ["128"], "TKEY": ["Am"], "TMOO": ["calm"], "TLAN": ["eng"], "TCMP": ["1"],
            "TCOM": ["Cy"],
        }  # fmt: skip
        for name, values in texts.items():
            frames.add(getattr(mutagen.id3, name)(encoding=3, text=values))
        described = {
            "ARTISTS": ["Ann", "Bob"], "BARCODE": ["0123456789012"], "ITUNESADVISORY": ["1"],
            "MusicBrainz Album Type": ["album", "live"], "MusicBrainz Artist Id": [ARTIST],
            "MusicBrainz Album Id": [RELEASE], "REPLAYGAIN_TRACK_GAIN": ["-6.50 dB"], "REPLAYGAIN_TRACK_PEAK": ["0.98"],
            "replaygain_album_gain": ["-7 dB"], "replaygain_album_peak": ["1.0"],
        }  # fmt: skip
        for name, values in described.items():
            frames.add(TXXX(encoding=3, desc=name, text=values))
        frames.add(UFID(owner="http://musicbrainz.org", data=RECORDING.encode()))
        frames.add(TIPL(encoding=3, people=[["producer", "Di"]]))
        frames.add(TMCL(encoding=3, people=[["violin", "Ed"]]))
        frames.add(USLT(encoding=3, lang="eng", desc="", text="La\nLo"))
        frames.add(SYLT(encoding=3, lang="eng", format=2, type=1, desc="", text=[("La", 1000), ("Lo", 2000)]))
        frames.add(APIC(encoding=3, mime="image/png", type=0, desc="back", data=b"not this"))
        frames.add(APIC(encoding=3, mime="image/jpeg", type=3, desc="front", data=jpeg()))
        if path.suffix in (".wav", ".aiff"):
            if kind.tags is None:
                kind.add_tags()
            for frame in frames.values():
                kind.tags.add(frame)
            kind.save()
        else:
            frames.save(path)


@pytest.mark.parametrize("kind", ["mp3", "flac", "ogg", "opus", "m4a", "aac", "wav", "aiff"])
def test_every_format_tells_everything(sounds: Sounds, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    shutil.copyfile(sounds.take(kind), path)
    full_tags(path)
    probed = probe_path(path)
    tags = probed.tags
    assert (tags.title, tags.artist, tags.artists, tags.album_artist) == (
        "Song",
        "Ann feat. Bob",
        ["Ann", "Bob"],
        "Ann",
    )
    assert (tags.album, tags.track_number, tags.disc_number, tags.date) == ("Disc", 3, 2, "2020-03")
    assert (tags.genres, tags.isrc, tags.barcode) == (["Rock", "Pop"], "USABC1234567", "0123456789012")
    assert (tags.label, tags.copyright, tags.tempo, tags.key) == ("Label", "(c) Ann", 128.0, "Am")
    assert (tags.mood, tags.language, tags.is_explicit, tags.is_compilation) == ("calm", "eng", True, True)
    assert (tags.album_type, tags.recording_id, tags.artist_ids) == ("live", RECORDING, [ARTIST])
    assert tags.release_id == RELEASE
    assert (tags.track_gain_db, tags.track_peak, tags.album_gain_db, tags.album_peak) == (-6.5, 0.98, -7.0, 1.0)
    assert tags.people == [("composer", "Cy"), ("performer", "Ed"), ("producer", "Di")]
    assert tags.lyrics == "La\nLo"
    assert [(line.at_ms, line.text) for line in tags.synced_lyrics] == [(1000, "La"), (2000, "Lo")]
    assert embedded_cover(path) == jpeg()
    assert probed.picture_id is not None


def test_id3_of_every_age_is_read(sounds: Sounds, tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    shutil.copyfile(sounds.take("plain.mp3"), path)
    frames = ID3()
    frames.add(TPE1(encoding=3, text=["AC/DC"]))
    frames.add(TRCK(encoding=3, text=["3/12"]))
    frames.add(mutagen.id3.TDRC(encoding=3, text=["2001-09-10"]))
    frames.update_to_v23()
    frames.save(path, v2_version=3)
    tags = probe_path(path).tags
    assert (tags.artist, tags.artists, tags.track_number, tags.date) == ("AC/DC", [], 3, "2001-09-10")
    sound = sounds.take("plain.mp3").read_bytes()
    body = b"TT2\x00\x00\x05\x00Song" + b"TP1\x00\x00\x04\x00Ann" + b"TCO\x00\x00\x05\x00(17)"
    path.write_bytes(b"ID3\x02\x00\x00\x00\x00\x00" + bytes([len(body)]) + body + sound)
    tags = probe_path(path).tags
    assert (tags.title, tags.artist, tags.genres) == ("Song", "Ann", ["Rock"])
    oldest = b"TAG" + b"Song".ljust(30, b"\0") + b"Ann".ljust(30, b"\0") + b"Disc".ljust(30, b"\0") + b"1999"
    path.write_bytes(sound + oldest + bytes(29) + b"\x07" + b"\x11")
    tags = probe_path(path).tags
    assert (tags.title, tags.artist, tags.album, tags.date, tags.track_number) == ("Song", "Ann", "Disc", "1999", 7)


def test_ape_tags_fill_what_id3_leaves_open(sounds: Sounds, tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    shutil.copyfile(sounds.take("plain.mp3"), path)
    ape = APEv2()
    ape["Title"], ape["Artist"], ape["Track"] = "Song", "Ann", "4/9"
    ape.save(path)
    tags = probe_path(path).tags
    assert (tags.title, tags.artist, tags.track_number) == ("Song", "Ann", 4)


def test_wav_info_is_read_where_there_is_no_id3(sounds: Sounds, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    run_ffmpeg("-i", str(sounds.take("wav")), "-metadata", "title=Söng", "-metadata", "artist=Ann", "-metadata",
               "date=2001", str(path))  # fmt: skip
    tags = probe_path(path).tags
    assert (tags.title, tags.artist, tags.date) == ("Söng", "Ann", "2001")


def test_opus_gain_is_turned_into_replaygain(sounds: Sounds, tmp_path: Path) -> None:
    path = tmp_path / "a.opus"
    shutil.copyfile(sounds.take("opus"), path)
    tag(path, r128_track_gain="-1792", r128_album_gain="256")
    tags = probe_path(path).tags
    assert (tags.track_gain_db, tags.album_gain_db) == (-2.0, 6.0)


@pytest.mark.parametrize("codec", ["adpcm_ms", "pcm_mulaw"])
def test_compressed_wav_is_refused_by_name(sounds: Sounds, tmp_path: Path, codec: str) -> None:
    path = tmp_path / "a.wav"
    run_ffmpeg("-i", str(sounds.take("wav")), "-c:a", codec, str(path))
    with pytest.raises(Unreadable, match="compressed sound"):
        probe_path(path)


def test_wav_of_24_bits_float_and_a_rate_of_96_khz(sounds: Sounds, tmp_path: Path) -> None:
    for codec, bits in (("pcm_s24le", 24), ("pcm_f32le", 32)):
        path = tmp_path / f"{codec}.wav"
        run_ffmpeg("-i", str(sounds.take("wav")), "-ar", "96000", "-c:a", codec, str(path))
        facts = probe_path(path).facts
        assert (facts.sample_rate, facts.bits_per_sample, facts.samples) == (96000, bits, 96000)
