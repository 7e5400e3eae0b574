"""A house in which everything is there `rows` times, each row with things of its own behind it.

So a list of a hundred has a hundred times as much to follow as a list of one, and no row can lean on another's. Owns
the rows; refuses to know what is asked about them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from services.listening.charts import ARTISTS, EVERYWHERE, SONGS, chart_id
from services.listening.time_ranges import TimeRange
from services.now_playing import NowPlayingMoment
from services.viewer import Viewer
from storage.engine import Insert
from storage.records import (
    Album,
    Artist,
    ArtistMember,
    Chart,
    ChartEntry,
    Collaborator,
    Credit,
    Edge,
    Genre,
    LyricLine,
    MonthListen,
    Notification,
    Play,
    Playlist,
    PlaylistEntry,
    PlaylistInvite,
    Session,
    Song,
    User,
)
from storage.records.access_key import AccessKey
from storage.records.artist_claim import ArtistClaim
from storage.records.device import Device, DeviceList
from storage.records.download import Download, DownloadDevice
from storage.records.moderation import ModerationCase, ModerationDecision, Report
from storage.records.play_queue import PlayQueue, QueueItem
from storage.records.radio import Radio
from storage.records.review import Review
from storage.records.room import Room, RoomInvite, RoomItem, RoomLine, RoomMember
from storage.records.search_query import SearchQuery
from storage.records.search_trends import SearchTrend, SearchTrends
from storage.records.share_link import ShareLink
from tests.catalogue_rig import START, Rig

NOW = START


async def crowd(rig: Rig, rows: int) -> Viewer:
    """Fill the house; the viewer whose lists they are, `ann`. Thing number 0 of each kind has `rows` of its own."""
    ann = await rig.sign_up("ann")
    me = str(ann.user_id)
    store = rig.store
    numbers = range(rows)

    async def put(collection: Any, records: Sequence[Any]) -> None:
        done = await collection.bulk([Insert(collection.codec.encode(record)) for record in records])
        assert not done.duplicates, (collection.name, done.duplicates[:3])

    await put(store.genres, [genre for n in numbers for genre in _genres(n)])
    await put(store.artists, [artist for n in numbers for artist in (_artist(f"a{n}", n), _artist(f"x{n}", n))])
    await put(
        store.albums, [_album(f"b{n}", f"a{n}", n) for n in numbers] + [_album(f"d{n}", "a0", n) for n in numbers]
    )
    own = [_song(f"s{n}", f"a{n}", f"b{n}", n, plays=1000) for n in numbers]
    await put(store.songs, own + [_song(f"e{n}", "a0", "b0", n) for n in numbers])
    await put(store.users, [_user(f"u{n}") for n in numbers] + [_user(f"v{n}") for n in numbers])

    await put(
        store.moderation_cases,
        [
            ModerationCase(f"case{n}", "user", f"u{n}", f"user:u{n}", NOW, NOW, f"8:{n:03}", "reported", f"user:u{n}")
            for n in numbers
        ],
    )
    claims = [ArtistClaim(f"c{n}", me, f"a{n}", "self", "I am.", NOW, NOW, f"w{n}", f"s{n}") for n in numbers]
    await put(store.artist_claims, claims)
    await put(store.reports, [Report(f"case{n}:{me}", f"case{n}", me, "user", f"u{n}", "spam", NOW) for n in numbers])
    await put(
        store.moderation_decisions,
        [ModerationDecision(f"c{n}", f"x{n}", "user", me, "warn", "spam", NOW, "u0", owner_id=me) for n in numbers],
    )
    lists = [_playlist(f"l{n}", f"u{n}", [n], is_editorial=True) for n in numbers]
    lists += [_playlist(f"m{n}", me, [n] if n else list(numbers)) for n in numbers]
    await put(store.playlists, lists)
    await put(store.playlist_followers, _edges(me, [f"l{n}" for n in numbers]))
    await put(store.playlist_followers, [_edge(f"u{n}", "m0") for n in numbers])
    later = NOW + timedelta(days=30)
    await put(
        store.playlist_invites, [PlaylistInvite(f"i{n}", "m0", f"hash {n}", "viewer", me, NOW, later) for n in numbers]
    )
    await put(store.rooms, [_room(f"r{n}", me, rows if n == 0 else 1) for n in range(min(rows, 50))])
    await put(store.room_invites, [RoomInvite(f"j{n}", "r0", f"hash {n}", me, NOW, later) for n in numbers])
    await put(store.liked_songs, _edges(me, [f"s{n}" for n in numbers]))
    await put(store.saved_albums, _edges(me, [f"b{n}" for n in numbers]))
    await put(store.followed_artists, _edges(me, [f"a{n}" for n in numbers]))
    await put(store.followed_artists, [_edge(f"u{n}", f"x{n}") for n in numbers])
    await put(store.followed_users, _edges(me, [f"u{n}" for n in numbers]))
    await put(store.followed_users, [_edge(f"u{n}", me) for n in numbers])
    await put(store.followed_users, [_edge(f"u{n}", f"v{n}") for n in numbers])
    await put(store.followed_users, [_edge(f"v{n}", f"u{n}") for n in numbers])
    reviews = [_review(me, *_of_kinds(n, ("song", "s"), ("album", "b"))) for n in range(max(rows, 2))]
    for kind, first in (("song", "s"), ("album", "b")):
        reviews += [_review(f"v{n}", kind, f"{first}{n}") for n in numbers]
        reviews += [_review(f"u{n}", kind, f"{first}0") for n in numbers]
    await put(store.reviews, reviews)
    await put(
        store.notifications,
        [
            Notification(
                f"n{n:04}",
                me,
                f"key {n}",
                "followed",
                "T",
                "M",
                NOW,
                actor_id=f"u{n}",
                target_id=f"u{n}",
                turn=n + 1,
                slot=f"{me}:{n + 1}",
            )
            for n in numbers
        ],
    )
    await put(store.search_queries, [SearchQuery(f"{me}:{n}", me, f"tune {n}", NOW) for n in numbers])
    await put(store.search_trends, [SearchTrends("now", NOW, [SearchTrend(f"tune {n}", 3, 1.0) for n in numbers])])
    await put(store.share_links, [_link(me, n) for n in range(max(rows, 3))])
    queued = [QueueItem(f"q{n}", f"s{n}", 1000, "user", 0.0) for n in numbers]
    await put(store.play_queues, [PlayQueue(me, NOW, 1, made=rows, items=queued, current_id="q0")])
    devices = [Device(f"d{n}", f"Device {n}", "phone", NOW, NOW) for n in range(min(rows, 50))]
    await put(store.device_lists, [DeviceList(me, 1, devices)])
    for n in numbers:
        rig.house.now_playing.note(NowPlayingMoment(f"u{n}", f"s{n}", rig.clock.now()))
    await put(store.radios, [_radio(me, n) for n in range(max(rows, 3))])
    await put(store.downloads, [_download(me, n, rows) for n in range(max(rows, 2))])
    await put(
        store.download_devices, [DownloadDevice(f"{me}:{n:03}", me, f"device {n}", "Phone", NOW, NOW) for n in numbers]
    )
    await put(
        store.access_keys,
        [
            AccessKey(f"key-{kind}{n}", me, kind, f"Key {n}", "tutti_", f"hash {kind}{n}", NOW, ["read"])
            for n in range(min(rows, 20))
            for kind in ("api", "app")
        ],
    )
    await put(store.sessions, [Session(f"se{n}", me, f"h{n}", NOW, NOW, later) for n in range(min(rows, 49))])
    plays = [_play(me, n, NOW - timedelta(hours=n + 1)) for n in numbers]
    await put(store.plays, plays + [_play(f"u{n}", n, NOW - timedelta(hours=n + 1)) for n in numbers])
    month = f"{NOW:%Y-%m}"
    await put(
        store.listens_by_month,
        [
            MonthListen(f"{me}:{month}:{kind}:{first}{n}", me, month, kind, f"{first}{n}", rows - n, 1)
            for n in numbers
            for kind, first in (("song", "s"), ("artist", "a"))
        ],
    )
    for subject, first in ((SONGS, "s"), (ARTISTS, "a")):
        entries = [ChartEntry(f"{first}{n}", n + 1, rows - n, n + 1, n + 1) for n in numbers]
        id = chart_id(subject, EVERYWHERE, TimeRange.WEEK)
        await put(store.charts, [Chart(id, subject, EVERYWHERE, TimeRange.WEEK.value, NOW, f"{NOW:%Y-%m-%d}", entries)])
    await rig.house.indexing.catch_up()
    return ann


def _genres(n: int) -> list[Genre]:
    """A top, a genre below it, and one below that; and one more below the first top."""
    top, genre, below, more = f"p{n}", f"g{n}", f"c{n}", f"k{n}"
    found = []
    for id, ancestors in ((top, []), (genre, [top]), (below, [top, genre]), (more, ["p0"])):
        made = Genre(
            id, f"Genre {n:03} {id}", f"genre {n:03} {id}", f"slug-{id}", NOW, NOW, ancestor_ids=list(ancestors)
        )
        made.parent_id = ancestors[-1] if ancestors else None
        found.append(made)
    return found


def _room(id: str, me: str, rows: int) -> Room:
    """With so many members, songs and lines."""
    members = [RoomMember(me, "ann", "host", 0.0), *(RoomMember(f"u{n}", f"u{n}", "member", 0.0) for n in range(rows))]
    return Room(
        id,
        f"Room {id}",
        "epoch",
        NOW,
        NOW,
        member_ids=[member.id for member in members],
        members=members,
        items=[RoomItem(f"{id}-{n}", f"s{n}", me, n, 1000) for n in range(rows)],
        chat=[RoomLine(f"{id}-{n}", me, "ann", "Hello", 0.0) for n in range(rows)],
    )


def _artist(id: str, n: int) -> Artist:
    return Artist(id, f"Tune band {id}", f"Tune band {id}", f"slug-{id}", f"key-{id}", NOW, NOW, genre_ids=[f"g{n}"],
                  members=[ArtistMember(f"member-{id}", "Ann")], monthly_listeners=n, is_kept=True)  # fmt: skip


def _album(id: str, artist_id: str, n: int) -> Album:
    return Album(id, f"Tune disc {id}", f"Tune disc {id}", f"slug-{id}", f"key-{id}", artist_id, artist_id, NOW, NOW,
                 credits=[Credit(artist_id, artist_id), Credit(f"x{n}", f"x{n}")], genre_ids=[f"g{n}"],
                 release_date="2025", is_kept=True)  # fmt: skip


def _song(id: str, artist_id: str, album_id: str, n: int, plays: int = 0) -> Song:
    return Song(id, f"Tune {id}", f"Tune {id}", f"slug-{id}", artist_id, artist_id, NOW, NOW,
                credits=[Credit(artist_id, artist_id), Credit(f"x{n}", f"x{n}", "featured")],
                artist_ids=[artist_id, f"x{n}"], album_id=album_id, album_title=album_id, duration_ms=200_000,
                track_number=n + 1, genre_id=f"g{n}", genre_ids=[f"g{n}"], play_count=plays + n, year=2025,
                synced_lyrics=[LyricLine(0, "la")])  # fmt: skip


def _user(id: str) -> User:
    return User(id, f"{id}@example.com", f"{id}@example.com", f"tune_{id}", f"tune_{id}", "", NOW, NOW)


def _playlist(id: str, user_id: str, songs: Sequence[int], *, is_editorial: bool = False) -> Playlist:
    entries = [PlaylistEntry(f"{id}-{n}", f"s{n}", f"v{n}", NOW) for n in songs]
    collaborators = [Collaborator(f"u{n}", "editor", NOW) for n in songs]
    return Playlist(id, f"Tune list {id}", f"slug-{id}", user_id, NOW, NOW, is_editorial=is_editorial,
                    collaborators=collaborators, collaborator_ids=[each.user_id for each in collaborators],
                    entries=entries, song_count=len(entries))  # fmt: skip


def _edge(user_id: str, target_id: str) -> Edge:
    return Edge(f"{user_id}:{target_id}", user_id, target_id, NOW)


def _edges(user_id: str, target_ids: Sequence[str]) -> list[Edge]:
    return [_edge(user_id, target_id) for target_id in target_ids]


def _of_kinds(n: int, *kinds: tuple[str, str]) -> tuple[str, str]:
    """The kind and id of thing number `n` where kinds take turns; those of the first turn are number 0 of each."""
    kind, first = kinds[n % len(kinds)]
    return kind, f"{first}{n // len(kinds)}"


def _review(user_id: str, kind: str, thing: str) -> Review:
    made = Review(f"r-{user_id}-{thing}", user_id, f"{kind}:{thing}", 4, NOW, NOW)
    setattr(made, f"{kind}_id", thing)
    return made


def _download(user_id: str, n: int, rows: int) -> Download:
    kind, target = ("playlist", f"m{n}") if n % 2 == 0 else ("album", f"b{n // 2}")
    songs = [f"s{number}" for number in (range(rows) if n == 0 else [n])]
    made = Download(f"o{n}", user_id, f"device {n}", kind, "high", NOW, NOW, NOW, NOW + timedelta(days=30))
    made.key, made.target_id, made.revision, made.state = f"key {n}", target, 1, "ready"
    made.order, made.song_ids, made.song_count = songs, songs, len(songs)
    for name, value in (("revisions", 1), ("added", 1), ("renditions", "r"), ("sizes", 1), ("stamps", "s")):
        setattr(made, name, [value] * len(songs))
    made.facts, made.failures = made.stamps, [""] * len(songs)
    return made


def _link(user_id: str, n: int) -> ShareLink:
    kind, id = _of_kinds(n, ("song", "s"), ("album", "b"), ("artist", "a"))
    return ShareLink(f"link-{id}", user_id, kind, id, NOW, NOW + timedelta(days=30))


def _radio(user_id: str, n: int) -> Radio:
    kind, id = _of_kinds(n, ("artist", "a"), ("song", "s"), ("genre", "g"))
    radio = Radio(f"radio-{n}", user_id, "R", NOW, NOW)
    setattr(radio, f"seed_{kind}_id", id)
    return radio


def _play(user_id: str, n: int, at: Any) -> Play:
    return Play(f"{user_id}:{n}", user_id, f"s{n}", at, at, album_id=f"b{n}", artist_ids=[f"a{n}", f"x{n}"],
                completed=True, folded=True)  # fmt: skip
