"""The demo catalogue as a table: who recorded what, on which record, and everything its tags will say.

Owns names and facts; the notes are in `songbook`, the words in `lyrics`. All artists and records are
invented. Ids look like MusicBrainz ids but are made from the names, so every installation makes the same
ones.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from services.demo.composer import Score
from services.demo.songbook import SCORES

VERSION = "1"
"""Raise it when music, tags or covers change: an older demo folder is then made again."""


class Format(StrEnum):
    """The four ways a song is written down; the value is the file's extension."""

    FLAC = "flac"
    MP3 = "mp3"
    OPUS = "opus"
    M4A = "m4a"


class Lyrics(StrEnum):
    """How a song carries its words."""

    NONE = "none"
    PLAIN = "plain"
    BESIDE = "beside"
    EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class Artist:
    """A name and the id derived from it."""

    name: str
    sort_name: str

    @property
    def id(self) -> str:
        """A UUID in MusicBrainz's form."""
        return stable_uuid("artist", self.name)


@dataclass(frozen=True, slots=True)
class Song:
    """One song's facts. `score` names its entry in the songbook; `featured` is credited after ` feat. `."""

    score: str
    title: str
    mood: str
    genres: tuple[str, ...]
    disc: int
    track: int
    featured: Artist | None = None
    lyrics: Lyrics = Lyrics.NONE
    language: str = "zxx"

    @property
    def music(self) -> Score:
        """The written music."""
        return SCORES[self.score]


@dataclass(frozen=True, slots=True)
class Album:
    """One record. `artists` are credited joined by ` & `; `folder_cover` puts the picture beside the
    songs."""

    title: str
    artists: tuple[Artist, ...]
    date: str
    label: str
    catalogue_number: str
    barcode: str
    kind: str
    format: Format
    cover: str
    songs: tuple[Song, ...]
    folder_cover: bool = False
    replaygain: bool = False
    disc_titles: tuple[str, ...] = ()

    @property
    def artist(self) -> str:
        """The album artist as printed."""
        return " & ".join(artist.name for artist in self.artists)

    @property
    def id(self) -> str:
        """A UUID in MusicBrainz's form."""
        return stable_uuid("release", f"{self.artist}/{self.title}")

    @property
    def discs(self) -> int:
        """How many discs it has."""
        return max(song.disc for song in self.songs)

    def tracks_on(self, disc: int) -> int:
        """How many songs a disc has."""
        return sum(song.disc == disc for song in self.songs)

    def credits(self, song: Song) -> tuple[Artist, ...]:
        """Everyone on the song's credit line, the featured artist last."""
        return self.artists + ((song.featured,) if song.featured else ())

    def credit_line(self, song: Song) -> str:
        """The artist as printed on the song: `Paper Lantern Club feat. Inês Calado`."""
        return self.artist + (f" feat. {song.featured.name}" if song.featured else "")

    def isrc(self, song: Song) -> str:
        """A well-formed ISRC under the country code ZZ, which no registrar hands out."""
        number = int(hashlib.sha256(f"{self.title}/{song.title}".encode()).hexdigest(), 16) % 100_000
        return f"ZZTUT{self.date[2:4]}{number:05d}"

    def file_name(self, song: Song) -> str:
        """`Artist/Album/01 Title.ext`, with the disc before the track where there are several."""
        number = f"{song.disc}-{song.track:02d}" if self.discs > 1 else f"{song.track:02d}"
        parts = (self.artist, self.title, f"{number} {song.title}.{self.format.value}")
        return "/".join(_safe(part) for part in parts)


def stable_uuid(kind: str, name: str) -> str:
    """A version 5 shaped UUID out of a hash: the same name always has the same id."""
    digits = bytearray(hashlib.sha256(f"tutti demo/{kind}/{name}".encode()).digest()[:16])
    digits[6] = digits[6] & 0x0F | 0x50
    digits[8] = digits[8] & 0x3F | 0x80
    text = digits.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _safe(name: str) -> str:
    """A name that every file system takes: no separators, no trailing dots."""
    return "".join("_" if letter in '<>:"/\\|?*' else letter for letter in name).rstrip(". ")


LANTERN = Artist("Paper Lantern Club", "Paper Lantern Club")
VEY = Artist("Halden Vey", "Vey, Halden")
HERON = Artist("Neon Heron", "Neon Heron")
CALADO = Artist("Inês Calado", "Calado, Inês")
AVIARY = Artist("The Tin Aviary", "Tin Aviary, The")

ALBUMS: tuple[Album, ...] = (
    Album(
        title="Rain on the Night Bus",
        artists=(LANTERN,),
        date="2024-10-11",
        label="Second Kettle Records",
        catalogue_number="SKR-014",
        barcode="2000000240145",
        kind="album",
        format=Format.MP3,
        cover="night_bus",
        replaygain=True,
        songs=(
            Song("last-stop", "Last Stop, Lantern Street", "mellow", ("Lo-Fi", "Jazz"), 1, 1),
            Song(
                "umbrella",
                "Umbrella Weather",
                "wistful",
                ("Lo-Fi", "Soul"),
                1,
                2,
                CALADO,
                Lyrics.EMBEDDED,
                "eng",
            ),
            Song("vending", "Four A.M. Vending Machine", "sleepy", ("Lo-Fi", "Jazz"), 1, 3),
            Song("windows", "Every Window, Someone", "restless", ("Lo-Fi", "Hip-Hop"), 1, 4),
        ),
    ),
    Album(
        title="Slow Cartography",
        artists=(VEY,),
        date="2023-02-03",
        label="Quiet Instruments",
        catalogue_number="QI 07",
        barcode="2000000230078",
        kind="album",
        format=Format.OPUS,
        cover="cartography",
        replaygain=True,
        songs=(
            Song("unmapped", "The Unmapped Hour", "luminous", ("Ambient",), 1, 1),
            Song("fog", "Fog Survey", "solemn", ("Ambient", "Drone"), 1, 2),
            Song("rivers", "Where the Rivers Agree", "peaceful", ("Ambient", "Neoclassical"), 1, 3),
        ),
    ),
    Album(
        title="Coastline, After Dark",
        artists=(HERON,),
        date="2025-06-20",
        label="Halogen Pier",
        catalogue_number="HP-2203",
        barcode="2000000252209",
        kind="album",
        format=Format.M4A,
        cover="coastline",
        replaygain=True,
        songs=(
            Song("wingspan", "Wingspan", "driving", ("Synthwave", "Electronic"), 1, 1),
            Song(
                "motel",
                "Motel Aquamarine",
                "nocturnal",
                ("Synthwave", "Dream Pop"),
                1,
                2,
                AVIARY,
                Lyrics.PLAIN,
                "eng",
            ),
            Song("highway", "Low Tide Highway", "euphoric", ("Synthwave", "Dance"), 1, 3),
        ),
    ),
    Album(
        title="Salt Letters",
        artists=(CALADO,),
        date="2022-05-27",
        label="Second Kettle Records",
        catalogue_number="SKR-009",
        barcode="2000000220093",
        kind="album",
        format=Format.FLAC,
        cover="salt_letters",
        folder_cover=True,
        songs=(
            Song(
                "salt",
                "Salt Letters",
                "tender",
                ("Folk", "Singer-Songwriter"),
                1,
                1,
                None,
                Lyrics.BESIDE,
                "eng",
            ),
            Song("barco", "O Barco de Papel", "yearning", ("Folk", "World"), 1, 2, None, Lyrics.PLAIN, "por"),
            Song("ferry", "Ferry Song for Two", "cheerful", ("Folk",), 1, 3, LANTERN),
        ),
    ),
    Album(
        title="Waltzes for a Small Observatory",
        artists=(AVIARY,),
        date="2021-12-01",
        label="Quiet Instruments",
        catalogue_number="QI 03",
        barcode="2000000210032",
        kind="album",
        format=Format.FLAC,
        cover="observatory",
        replaygain=True,
        disc_titles=("Dusk", "Dawn"),
        songs=(
            Song("moons", "Waltz of the Paper Moons", "romantic", ("Classical", "Chamber Music"), 1, 1),
            Song("cat", "The Astronomer’s Cat", "playful", ("Classical", "Chamber Music"), 1, 2),
            Song("kettle", "Last Star, First Kettle", "hopeful", ("Classical", "Chamber Music"), 2, 1),
        ),
    ),
    Album(
        title="Postcards to the Tide",
        artists=(HERON, VEY),
        date="2026-03-13",
        label="Halogen Pier",
        catalogue_number="HP-2210",
        barcode="2000000260105",
        kind="ep",
        format=Format.OPUS,
        cover="postcards",
        songs=(
            Song(
                "dear-moon",
                "Dear Moon",
                "dreamy",
                ("Downtempo", "Electronic"),
                1,
                1,
                None,
                Lyrics.EMBEDDED,
                "eng",
            ),
            Song("weather", "Wish You Were Weather", "bright", ("Downtempo", "Electronic"), 1, 2),
        ),
    ),
)
"""Every record of the demo, in the order it is made."""


def every_song() -> list[tuple[Album, Song]]:
    """All songs with their albums, in order."""
    return [(album, song) for album in ALBUMS for song in album.songs]
