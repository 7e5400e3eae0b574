"""What MP3 renditions are made of may not change unnoticed: listeners hold their tags, caches their bytes."""

from hashlib import sha256

import pytest

from services.audio.codecs import mp3
from services.audio.codecs.geometry import Label
from services.audio.codecs.mp3 import Geometry
from services.audio.ffmpeg import FfmpegFailed
from services.audio.segments import SegmentEncoder, Source
from services.errors import Unavailable
from services.viewer import Viewer
from tests.stream.stage import describe, stage

FILTERS = [
    "aresample=48000:rematrix_maxval=1,atrim=start_sample=0:end_sample=464256,asetpts=N/SR/TB,apad=whole_len=464256,atrim=end_sample=464256",
    "aresample=48000:rematrix_maxval=1,atrim=start_sample=57600:end_sample=550656,asetpts=N/SR/TB,apad=whole_len=493056,"
    "atrim=end_sample=493056",
    "aresample=48000:rematrix_maxval=1,atrim=start_sample=57600:end_sample=220800,asetpts=N/SR/TB,apad=whole_len=168192,"
    "atrim=end_sample=168192",
]
SEEKS = [[], ["-ss", "7800000us"], ["-ss", "17400000us"]]


class Listening:
    """Stands where ffmpeg and the cache's threads do, and remembers what it was told."""

    def __init__(self):
        self.told = []

    async def capture(self, args, *, limit_bytes, timeout_s, niceness):
        self.told.append((args, limit_bytes))
        raise FfmpegFailed("nobody is here", "")

    async def in_thread(self, work):
        return None


@pytest.mark.parametrize(
    ("index", "bitrate", "channels", "limit"),
    [(0, 96_000, 2, 118_368), (1, 160_000, 1, 209_280), (2, 320_000, 2, 147_840)],
)
async def test_the_encoder_is_told_what_it_always_was(index, bitrate, channels, limit):
    listening = Listening()
    source = Source("/x.flac", "ab" * 16, "flac", 44100, channels, 1, 1)
    with pytest.raises(Unavailable):
        await SegmentEncoder(listening, listening).encode(source, Geometry(bitrate, 22 * 48000), index)
    formats = "mp3,flac,ogg,wav,w64,aiff,aac,caf,mov,mp4,m4a,3gp,3g2,mj2"
    expected = ["-threads", "1", "-protocol_whitelist", "file", "-format_whitelist", formats, *SEEKS[index]]
    expected += [
        "-i",
        "file:/x.flac",
        "-map",
        "0:a:0",
        "-vn",
        "-sn",
        "-dn",
        "-af",
        FILTERS[index],
        "-ac",
        str(channels),
    ]
    expected += ["-c:a", "libmp3lame", "-b:a", str(bitrate), "-reservoir", "0", "-write_xing", "0"]
    expected += ["-id3v2_version", "0", "-map_metadata", "-1", "-f", "mp3", "-flush_packets", "0", "pipe:1"]
    assert listening.told == [(expected, limit)]


async def test_tags_are_made_of_what_they_always_were(tmp_path, tunes):
    async with stage(tmp_path) as running:
        running.deliveries._encoder_version = "5.1"
        running.songs["x"] = describe(tunes("flac"), kind="flac", rate=44100, samples=22 * 44100)
        sound = await running.deliveries.open(Viewer(user_id="ada"), "x", "low")
        voice = await running.deliveries.voices.of("mp3", mp3.Mp3())
    identity = sha256(f"payload|{running.songs['x'].payload_hash}".encode()).hexdigest()[:32]
    made_from = "|".join([identity, "mp3-96", "s400w25l3i1", str(22 * 48000), f"5.1+{voice.digest}"])
    key = sha256(made_from.encode()).hexdigest()[:32]
    head = Geometry(96_000, 22 * 48000).head(Label(voice.name))
    assert sound.target.etag == f'"{sha256(f"{key}|{head.hex()}".encode()).hexdigest()[:32]}"'
    assert mp3.LAYOUT == "s400w25l3i1"
