"""Which tracks make one album, and whose it is, when their tags agree only more or less.

Owns grouping and album keys; pure. Refuses to know what the catalogue holds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from services.library.credits import NamedCredit
from services.library.names import fold, plain_year, sort_name
from services.library.track import Track
from storage.records import Album

VARIOUS_ARTISTS = "Various Artists"
_MAIN_SHARE = 0.6


@dataclass(slots=True)
class AlbumPlan:
    """An album as a group of tracks describes it. `is_credited` when a tag names its artist.

    `renames` is the known album that consists of exactly these tracks' songs, whatever it is called so far.
    """

    title: str
    sort_title: str
    folder: str
    credit: str
    credits: list[NamedCredit]
    is_credited: bool
    year: int | None
    release_id: str | None = None
    barcode: str | None = None
    album_type: str | None = None
    label: str | None = None
    copyright: str | None = None
    gain_db: float | None = None
    peak: float | None = None
    tracks: list[Track] = field(default_factory=list)
    renames: Album | None = None

    @property
    def identity_key(self) -> str:
        """MusicBrainz release, else barcode, else folded artist, title and year."""
        if self.release_id:
            return f"mb:{self.release_id}"
        if self.barcode:
            return f"upc:{self.barcode}"
        return f"name:{fold(self.credit)}|{fold(self.title)}|{self.year or ''}"

    @property
    def title_key(self) -> str:
        """The folded title."""
        return fold(self.title)


def plan_albums(tracks: list[Track]) -> list[AlbumPlan]:
    """The albums of a batch. Tracks without an album are in none.

    One folder (with its CD subfolders) and one folded title make a group; explicit album artists, then MusicBrainz
    releases and barcodes, divide it only where it names more than one.
    """
    groups: dict[tuple[str, str], list[Track]] = {}
    for track in tracks:
        if track.album:
            groups.setdefault((track.folder, fold(track.album)), []).append(track)
    return [plan for group in groups.values() for part in _divide(group) for plan in [_plan(part)]]


def _divide(group: list[Track]) -> list[list[Track]]:
    artists = {fold(track.album_credit) for track in group if track.album_credit}
    releases = {track.tags.release_id for track in group if track.tags.release_id}
    barcodes = {track.tags.barcode for track in group if track.tags.barcode}
    parts: dict[tuple[str, str, str], list[Track]] = {}
    for track in group:
        key = (
            fold(track.album_credit or "") if len(artists) > 1 else "",
            track.tags.release_id or "" if len(releases) > 1 else "",
            track.tags.barcode or "" if len(barcodes) > 1 and len(releases) <= 1 else "",
        )
        parts.setdefault(key, []).append(track)
    return list(parts.values())


def _plan(tracks: list[Track]) -> AlbumPlan:
    credit, credits, is_credited = _artist(tracks)
    title = most_common([track.album or "" for track in tracks])
    dates = [track.date for track in tracks if track.date]
    return AlbumPlan(
        title,
        next((track.tags.album_sort for track in tracks if track.tags.album_sort), None) or sort_name(title),
        tracks[0].folder,
        credit,
        credits,
        is_credited,
        plain_year(most_common(dates)) if dates else None,
        _some(tracks, "release_id"),
        _some(tracks, "barcode"),
        _some(tracks, "album_type"),
        _some(tracks, "label"),
        _some(tracks, "copyright"),
        next((track.tags.album_gain_db for track in tracks if track.tags.album_gain_db is not None), None),
        next((track.tags.album_peak for track in tracks if track.tags.album_peak is not None), None),
        tracks,
    )


def _some(tracks: list[Track], name: str) -> str | None:
    values = [value for track in tracks if (value := getattr(track.tags, name))]
    return most_common(values) if values else None


def _artist(tracks: list[Track]) -> tuple[str, list[NamedCredit], bool]:
    """The tagged album artist; else the main artist of three in five tracks; else Various Artists."""
    credited = next((track for track in tracks if track.album_credits), None)
    if credited is not None:
        return credited.album_credit or "", credited.album_credits, True
    is_compilation = any(track.tags.is_compilation for track in tracks)
    leads = Counter(fold(track.credits[0].name) for track in tracks)
    lead, count = leads.most_common(1)[0]
    if len(leads) > 1 and (is_compilation or count < _MAIN_SHARE * len(tracks)):
        return VARIOUS_ARTISTS, [NamedCredit(VARIOUS_ARTISTS)], is_compilation
    track = next(track for track in tracks if fold(track.credits[0].name) == lead)
    first = track.credits[0]
    return first.name, [NamedCredit(first.name, musicbrainz_id=first.musicbrainz_id)], False


def most_common(values: list[str]) -> str:
    """The most frequent value; among equals the first seen."""
    return Counter(values).most_common(1)[0][0]
