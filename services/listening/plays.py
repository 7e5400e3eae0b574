"""The ledger of what was listened to, and the counts that follow from it at once.

Owns the append-only rows, the rule that a repeated report counts once, and what counts as a play. Refuses to know who
hears about it, and what else is made of the ledger later: that is `services/listening/roll_ups.py`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from services.catalogue.songs import Songs
from services.clock import Clock, to_epoch_ms
from services.downloads.licences import Window
from services.errors import Invalid, NotFound, TuttiError
from services.events import Bus, PlayRecorded
from services.listening.listens import is_listen
from services.listening.same_playing import same_playing
from services.now_playing import NowPlaying
from services.typed_text import is_id
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import Change, DuplicateKey, Insert
from storage.records import Play, Song, User

_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_COUNTRY = re.compile(r"[A-Z]{2}")
EARLIEST = timedelta(days=30)
CLOCK_SKEW = timedelta(minutes=5)
MS_PLAYED_LIMIT = 24 * 3600 * 1000
REPORTS_AT_ONCE = 100


Windows = Callable[[Viewer, Sequence[str]], Awaitable[Mapping[str, Window]]]
"""When downloads of a viewer's were licensed, by id."""


class PlaySource(StrEnum):
    """Where a listener found the song they play."""

    PLAYLIST = "playlist"
    ALBUM = "album"
    RADIO = "radio"
    SEARCH = "search"
    ARTIST = "artist"


class Outcome(StrEnum):
    """What became of one report of a batch."""

    RECORDED = "recorded"
    REPEATED = "repeated"
    NOT_KEPT = "not_kept"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PlayReport:
    """A play that a player kept while it was offline: its own id for it, the song, when it really began."""

    play_id: str
    song_id: str
    started_at: datetime
    ms_played: int | None = None
    completed: bool = False
    source: PlaySource | None = None
    source_id: str | None = None
    download_id: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a report; `refusal` says why it was refused."""

    play_id: str
    outcome: Outcome
    refusal: TuttiError | None = None


class Plays:
    """What was listened to."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        songs: Songs,
        now_playing: NowPlaying,
        windows: Windows | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._songs = songs
        self._now_playing = now_playing
        self._windows = windows

    async def record(
        self,
        viewer: Viewer,
        song_id: str,
        *,
        source: PlaySource | None = None,
        source_id: str | None = None,
        play_id: str | None = None,
        started_at: datetime | None = None,
        ms_played: int | None = None,
        completed: bool = False,
    ) -> Song:
        """Take a report that the viewer plays a song; the song with its new count.

        The same `play_id` of the same viewer (without one: the same song within the same second) counts once; said
        again, it may only raise `ms_played` and `completed`. A private session records and tells nothing. NotFound
        for a song that the viewer may not see; Invalid for an id of more than 64 plain characters, a start in the
        future or over 30 days ago, an impossible `ms_played`.
        """
        user_id = viewer.require(Role.LISTENER)
        now = self._clock.now()
        began = started_at or now
        if play_id is not None:
            _check_id(play_id, "playId")
        own = play_id if play_id is not None else f"{song_id}@{to_epoch_ms(began) // 1000}"
        report = PlayReport(own, song_id, began, ms_played, completed, source, source_id)
        _check(report, now)
        if not _SANE_ID.fullmatch(song_id):
            raise NotFound("There is no such song.")
        song = await self._songs.get(viewer, song_id)
        user = await self._store.users.get(user_id)
        if user is not None and user.preferences.private_session:
            # Not told either, but what was told before the private session began is taken back.
            await self._now_playing.report(viewer, song.id)
            return song
        play = _play(user_id, user, report, song, now)
        if started_at is not None:
            play = (await same_playing(self._store, [play]))[0]
        try:
            await self._store.plays.insert(play)
        except DuplicateKey:
            if play.ms_played is not None or play.completed:
                update = _raised(play)
                await self._store.plays.update(update.filter, update.update)
            return song
        counted = await self._count(song)
        self._bus.publish(PlayRecorded(user_id, song.id, play.id))
        if now - began < timedelta(milliseconds=max(song.duration_ms, 1)):
            await self._now_playing.report(viewer, song.id)
        return counted

    async def record_many(self, viewer: Viewer, reports: Sequence[PlayReport]) -> list[Answer]:
        """Take plays that were kept while offline, 1 to 100; an answer to each, in order.

        Each is recorded once, with the time it really began, up to 30 days ago or while the download it was played
        from was licensed; a repeated one may raise `ms_played` and `completed`. Refused alone, with its reason: an
        impossible report, a song that the viewer may not see, and one that says it was heard for less than 30 seconds
        and less than half, which is a skip and no play. In a private session none is kept. The number of store
        commands does not grow with the batch.
        """
        user_id = viewer.require(Role.LISTENER)
        if not 1 <= len(reports) <= REPORTS_AT_ONCE:
            raise Invalid(f"Report 1 to {REPORTS_AT_ONCE} plays at once.", field="plays")
        now = self._clock.now()
        named = list(
            dict.fromkeys(each.download_id for each in reports if each.download_id and is_id(each.download_id))
        )
        windows = await self._windows(viewer, named) if named and self._windows is not None else {}
        refusals: dict[int, TuttiError] = {
            at: refusal for at, report in enumerate(reports) if (refusal := _refusal(report, now, windows)) is not None
        }
        sane = {at: report for at, report in enumerate(reports) if at not in refusals}
        wanted = [report.song_id for report in sane.values() if _SANE_ID.fullmatch(report.song_id)]
        songs = await self._songs.get_many(viewer, wanted) if wanted else {}
        user = await self._store.users.get(user_id)
        if user is not None and user.preferences.private_session:
            return [_answer(report, Outcome.NOT_KEPT, refusals.get(at)) for at, report in enumerate(reports)]
        plays: dict[int, Play] = {}
        for at, report in sane.items():
            song = songs.get(report.song_id)
            if song is None:
                refusals[at] = NotFound("There is no such song.")
            else:
                plays[at] = _play(user_id, user, report, song, now)
        skips = [at for at, play in plays.items() if _is_skip(play, songs[play.song_id])]
        known = await self._store.plays.get_many([plays[at].id for at in skips])
        for at in skips:
            if plays[at].id not in known:
                del plays[at]
                refusals[at] = Invalid("This was too short to be a play.", field="msPlayed", code="TOO_SHORT")
        plays = dict(zip(plays, await same_playing(self._store, list(plays.values())), strict=True))
        recorded = await self._insert(plays)
        await self._count_many([plays[at] for at in recorded])
        for at in sorted(recorded):
            self._bus.publish(PlayRecorded(user_id, plays[at].song_id, plays[at].id))
        return [
            _answer(report, Outcome.RECORDED if at in recorded else Outcome.REPEATED, refusals.get(at))
            for at, report in enumerate(reports)
        ]

    async def _insert(self, plays: dict[int, Play]) -> set[int]:
        """Which of them are new. The others raise what the ledger knows of them."""
        if not plays:
            return set()
        shelf, places = self._store.plays, list(plays)
        done = await shelf.bulk([Insert(shelf.codec.encode(play)) for play in plays.values()])
        repeated = {places[position] for position, _ in done.duplicates}
        updates = [
            _raised(plays[at]) for at in sorted(repeated) if plays[at].ms_played is not None or plays[at].completed
        ]
        if updates:
            await shelf.bulk(updates)
        return set(plays) - repeated

    async def _count(self, song: Song) -> Song:
        if song.album_id is not None:
            await self._store.albums.update({"_id": song.album_id}, {"$inc": {"play_count": 1}})
        return await self._store.songs.update_and_get({"_id": song.id}, {"$inc": {"play_count": 1}}) or song

    async def _count_many(self, plays: Sequence[Play]) -> None:
        albums = Counter(play.album_id for play in plays if play.album_id is not None)
        if albums:
            await self._store.albums.bulk(_increments(albums.items()))
        if plays:
            await self._store.songs.bulk(_increments(Counter(play.song_id for play in plays).items()))


def _increments(counts: Iterable[tuple[str, int]]) -> list[Change]:
    return [Change({"_id": id}, {"$inc": {"play_count": count}}) for id, count in counts]


def _answer(report: PlayReport, otherwise: Outcome, refusal: TuttiError | None) -> Answer:
    return Answer(report.play_id, otherwise if refusal is None else Outcome.REFUSED, refusal)


def _play(user_id: str, user: User | None, report: PlayReport, song: Song, now: datetime) -> Play:
    country = (user.country or "").strip().upper() if user is not None else ""
    return Play(
        # Prefixed by the user, so that nobody can use up another's play ids.
        id=f"{user_id}:{report.play_id}",
        user_id=user_id,
        song_id=song.id,
        started_at=report.started_at,
        recorded_at=now,
        album_id=song.album_id,
        artist_ids=song.artist_ids,
        ms_played=report.ms_played,
        completed=report.completed,
        source=report.source,
        source_id=report.source_id,
        country=country if _COUNTRY.fullmatch(country) else None,
    )


def _raised(play: Play) -> Change:
    """A repeated report may say that more was heard, of the same song; never less, and never anything else."""
    # The day's figures are to be counted anew, for they say how much was heard.
    update: dict[str, Any] = {"$set": {"is_figured": False}}
    if play.ms_played is not None:
        update["$max"] = {"ms_played": play.ms_played}
    if play.completed:
        update["$set"]["completed"] = True
    return Change({"_id": play.id, "song_id": play.song_id}, update)


def _is_skip(play: Play, song: Song) -> bool:
    """Heard for less than 30 seconds and less than half; unknown is not less."""
    if play.completed or play.ms_played is None:
        return False
    return not is_listen(play.ms_played, song.duration_ms)


def _refusal(report: PlayReport, now: datetime, windows: Mapping[str, Window]) -> Invalid | None:
    try:
        _check_id(report.play_id, "playId")
        _check(report, now, windows.get(report.download_id or ""))
    except Invalid as refusal:
        return refusal
    return None


def _check(report: PlayReport, now: datetime, licensed: Window | None = None) -> None:
    if report.source_id is not None:
        _check_id(report.source_id, "sourceId")
    vouched = licensed is not None and licensed.holds(report.started_at) and report.started_at <= now
    if not vouched and not now - EARLIEST <= report.started_at <= now + CLOCK_SKEW:
        raise Invalid("startedAt must be within the last 30 days.", field="startedAt")
    if report.ms_played is not None and not 0 <= report.ms_played <= MS_PLAYED_LIMIT:
        raise Invalid(f"msPlayed must be from 0 to {MS_PLAYED_LIMIT}.", field="msPlayed")


def _check_id(id: str, field: str) -> None:
    if not _SANE_ID.fullmatch(id):
        raise Invalid(f"{field} must be 1 to 64 letters, digits and . _ : -", field=field)
