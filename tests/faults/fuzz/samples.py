"""Real things to make garbage of: sounds, pictures, lyrics, playlists, feeds, settings.

Owns the examples, each made once. What comes from other programs is written as they write it.
"""

from __future__ import annotations

import io
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, COMM, ID3, SYLT, TDRC, TIT2, TRCK, TXXX, USLT
from mutagen.mp4 import MP4, MP4Cover
from mutagen.oggopus import OggOpus
from PIL import Image

from tests.pictures.canvas import corners, saved
from tests.sound_tool import QUICK_FFMPEG

ROOT = Path(__file__).parents[3]
SOUNDS = {
    "a.mp3": ["-c:a", "libmp3lame", "-b:a", "64k"],
    "b.flac": ["-c:a", "flac"],
    "c.ogg": ["-c:a", "libvorbis", "-q:a", "1"],
    "d.opus": ["-c:a", "libopus", "-b:a", "48k"],
    "e.m4a": ["-c:a", "aac", "-b:a", "48k"],
    "f.wav": ["-c:a", "pcm_s16le"],
    "g.aiff": ["-c:a", "pcm_s16be"],
    "h.m4a": ["-c:a", "alac"],
    "i.aac": ["-c:a", "aac", "-f", "adts"],
}


@cache
def sounds() -> dict[str, bytes]:
    """A second of a tone in each format, with every tag that is read, a cover and lyrics."""
    made: dict[str, bytes] = {}
    cover = saved(corners(), "JPEG")
    words = ["-metadata", "title=Dawn", "-metadata", "artist=Ann; Bob", "-metadata", "album=Day", "-metadata",
             "track=3/9", "-metadata", "date=2024-05-03", "-metadata", "genre=Rock"]  # fmt: skip
    with TemporaryDirectory() as folder:
        for name, options in SOUNDS.items():
            path = Path(folder) / name
            source = ["-f", "lavfi", "-i", "sine=frequency=330:duration=1:sample_rate=44100"]
            asked = [QUICK_FFMPEG, "-v", "error", "-y", *source, *words, *options, str(path)]
            subprocess.run(asked, check=True)
            _tag(path, cover)
            made[name] = path.read_bytes()
    return made


def _tag(path: Path, cover: bytes) -> None:
    if path.suffix == ".mp3":
        tags = ID3(path)
        tags.add(APIC(encoding=3, mime="image/jpeg", type=3, desc="", data=cover))
        tags.add(USLT(encoding=1, lang="eng", desc="", text="la la\nla"))
        tags.add(SYLT(encoding=3, lang="eng", format=2, type=1, text=[("la", 100), ("lu", 500)]))
        for frame in (TIT2(3, "Dawn"), TRCK(3, "3/9"), TDRC(3, "2024-05-03"), TXXX(3, "MOOD", "calm"), COMM(3, "eng")):
            tags.add(frame)
        tags.save(path)
    elif path.suffix == ".flac":
        flac, picture = FLAC(path), Picture()
        picture.type, picture.mime, picture.data = 3, "image/jpeg", cover
        flac.add_picture(picture)
        flac["lyrics"], flac["replaygain_track_gain"] = "[00:00.10]la", "-3.2 dB"
        flac.save()
    elif path.name == "e.m4a":
        box = MP4(path)
        box["covr"], box["\xa9lyr"], box["disk"] = [MP4Cover(cover)], ["la la"], [(1, 2)]
        box.save()
    elif path.suffix == ".opus":
        opus = OggOpus(path)
        opus["lyrics"], opus["isrc"] = "la la", "DEA123456789"
        opus.save()


@cache
def pictures() -> list[bytes]:
    """A small picture in each format that is taken, and some that are not."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a picture"
    moving = io.BytesIO()
    frames = [Image.new("P", (16, 16), number) for number in range(4)]
    frames[0].save(moving, "GIF", save_all=True, append_images=frames[1:], loop=0)
    return [
        saved(corners(), "JPEG", exif=exif),
        saved(corners(96), "JPEG", progressive=True, quality=70),
        saved(corners().convert("CMYK"), "JPEG"),
        saved(corners(), "PNG"),
        saved(corners().convert("P"), "PNG"),
        saved(corners().convert("RGBA"), "PNG", optimize=True),
        moving.getvalue(),
        saved(corners(), "WEBP"),
        saved(corners(), "WEBP", lossless=True, exif=exif),
        saved(corners(), "AVIF"),
        saved(corners(), "BMP"),
        saved(corners(), "TIFF"),
    ]


LRC = """[ti:Dawn]
[ar:Ann]
[length:03:21]
[offset:+250]
[00:01.50]The <00:01.80>first <00:02.10>light
[00:04.00][00:12.00]comes over the hill
[00:08.25]v1: and stays
[99:59.99]to the end
"""
ENHANCED = "[00:00.10]<00:00.10>la <00:00.50>la <00:01.00>\n[bg: <00:01.20>oh <00:01.60>]\n[00:02.00]la\n"
SRT = "1\n00:00:01,000 --> 00:00:02,500\n<i>The first light</i>\n\n2\n00:00:03,000 --> 00:00:04,000\nOver the hill\n"
VTT = (
    "WEBVTT\n\n00:01.000 --> 00:02.500 align:start\n<v Ann>The first light\n\nNOTE x\n\n00:03.000 --> 00:04.000\nhill\n"
)
TTML = """<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata" xml:lang="en"
 xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:frameRate="25" ttp:tickRate="1000">
<head><metadata><ttm:agent xml:id="v1" type="person"><ttm:name>Ann</ttm:name></ttm:agent>
<iTunesMetadata><translations><translation xml:lang="de"><text for="L1">Das Licht</text></translation></translations>
</iTunesMetadata></metadata></head>
<body dur="3:21.5"><div begin="1s" end="00:00:30.000"><p begin="1.5s" end="4s" itunes:key="L1" ttm:agent="v1"
 xmlns:itunes="x"><span begin="0:01.5" end="2s">The </span><span begin="50f" dur="500ms">light</span>
<span ttm:role="x-bg"><span begin="2500t" end="3s">(oh)</span></span><br/></p>
<p begin="5s" dur="2s">over<span ttm:role="x-translation" xml:lang="de">drüber</span></p></div></body></tt>
"""
RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel>
<title>Talk</title><link>https://a.example/</link><item><title>One</title><guid isPermaLink="false">1</guid>
<enclosure url="https://a.example/1.mp3" length="12345" type="audio/mpeg"/><itunes:duration>1:02:03</itunes:duration>
<pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate>
<description><![CDATA[<p>Hello</p>]]></description></item></channel></rss>
"""
OPML = """<?xml version="1.0"?><opml version="2.0"><head><title>Mine</title></head><body><outline text="Talk"
 type="rss" xmlUrl="https://a.example/feed"/><outline text="a"><outline text="b"/></outline></body></opml>
"""
XSPF = """<?xml version="1.0"?><playlist version="1" xmlns="http://xspf.org/ns/0/"><title>Mine</title><trackList>
<track><location>file:///a.mp3</location><creator>Ann</creator><title>First</title><duration>200000</duration></track>
</trackList></playlist>
"""
M3U = """#EXTM3U
#EXTENC:UTF-8
#PLAYLIST:Kitchen
#EXTINF:1,Ann - Sound 1
#EXTALB:Dawn
music/Anna/01 First.flac
#EXTINF:-1 tvg-id="x",Ann - Sound 2
https://a.example/b.mp3?x=1
#EXTINF:123.456,Nobody - Nothing
C:\\Music\\c.mp3
"""
PLS = "[playlist]\nFile1=a.mp3\nTitle1=Anna - First\nLength1=200\nNumberOfEntries=1\nVersion=2\n"
CUE = 'PERFORMER "Anna"\nTITLE "Dawn"\nFILE "a.wav" WAVE\n  TRACK 01 AUDIO\n    TITLE "First"\n    INDEX 01 00:00:00\n'
JSPF = {
    "playlist": {
        "title": "Kitchen", "annotation": "For cooking.", "creator": "Ann", "date": "2026-11-02T10:00:00Z",
        "track": [
            {"title": "Sound 1", "creator": "Ann", "album": "Dawn", "duration": 1000, "location": ["a.mp3"],
             "identifier": ["isrc:DEA123456789", "urn:tutti:song:s1"], "trackNum": 1},
            {"title": "Bees", "creator": "Bert", "duration": 200000.5, "location": "b.mp3", "identifier": []},
        ],
    }
}  # fmt: skip
LYRICS = [LRC, ENHANCED, SRT, VTT]
MARKUP = [TTML, TTML, RSS, OPML, XSPF]
PLAYLISTS = [M3U, M3U, PLS, CUE, XSPF]


@cache
def configurations() -> list[str]:
    """The product's own settings, and a set of them as somebody keeps them."""
    own = (ROOT / "config.yaml").read_text(encoding="utf-8")
    small = (
        "server: {port: 8080, mode: production, secret: " + "k" * 40 + ", cors_origins: [https://a.example]}\n"
        "library:\n  folders:\n    - /music\n    - &a /more\n  demo: off\nstorage: {data_dir: ./data}\n"
        "sign_in:\n  oidc: {issuer: https://id.example, client_id: x, roles: ['a = admin']}\n"
        "  others: {work: {issuer: https://w.example, client_id: y}}\n"
    )
    return [own, small]
