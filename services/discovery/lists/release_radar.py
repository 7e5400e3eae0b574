"""Release radar: what came out in the last four weeks by artists somebody follows or plays much, the newest first.

Owns whose releases count and why each is shown. It is worked out at the moment, so that a release is there on its day.
What is announced and not out, and what only its owner sees, is not in it. Refuses to know how releases are told.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from services.catalogue.access import Condition, sight_of
from services.catalogue.artists import Artists
from services.clock import Clock
from services.discovery.choices import Choices
from services.discovery.listening import Listening
from services.discovery.shelf import Shelf
from services.paging import slice_of
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import Album, Song

WEEKS = 4
PLAYED_USED = 50
PLAYS_THAT_TELL = 5
"""Whoever was played less often is not played much."""

RELEASES_READ = 500
NOBODY_YET = "You follow nobody and play nobody much yet: follow artists to hear of them."


class RadarWhy(StrEnum):
    """Why a release is in the radar."""

    FOLLOWED = "followed"
    PLAYED = "played"


@dataclass(slots=True)
class RadarRelease:
    """One release: an album, or a song that is on none. `artist_id` is whom it is shown for."""

    release_date: str
    artist_id: str
    why: RadarWhy
    reason: str
    album_id: str | None = None
    song_id: str | None = None


@dataclass(slots=True)
class ReleaseRadar:
    """Somebody's releases and what they stand on; `since` is the first day looked at (`2026-05-05`)."""

    releases: list[RadarRelease]
    reason: str
    since: str


class ReleaseRadars:
    """Everybody's release radar."""

    def __init__(
        self, store: Store, clock: Clock, artists: Artists, listening: Listening, shelf: Shelf, choices: Choices
    ) -> None:
        self._store = store
        self._clock = clock
        self._artists = artists
        self._listening = listening
        self._shelf = shelf
        self._choices = choices

    async def of(self, viewer: Viewer, limit: int | None = None) -> ReleaseRadar:
        """The viewer's releases, 30 unless told, 1 to 100. Six store commands, three for whoever follows nobody."""
        user_id, rows = viewer.require(Role.LISTENER), slice_of(limit=limit, default=30).limit
        today = self._clock.now().date()
        since = (today - timedelta(weeks=WEEKS)).isoformat()
        choice, edges, played = await asyncio.gather(
            self._choices.read(user_id),
            self._listening.followed(user_id),
            self._store.artist_listeners.find({"user_id": user_id}, sort=[("plays", -1)], limit=PLAYED_USED),
        )
        plays = {each.artist_id: each.plays for each in played if each.plays >= PLAYS_THAT_TELL}
        followed = {edge.target_id for edge in edges}
        wanted = [id for id in dict.fromkeys([*followed, *plays]) if id not in choice.muted_artists]
        if not wanted:
            return ReleaseRadar(
                [], "You follow nobody and play nobody much yet: follow artists to hear of them.", since
            )
        sight = await sight_of(self._store, viewer)
        self._choices.note(sight, choice)
        out: Condition = {"is_hidden": False, "release_date": {"$gte": since, "$lte": today.isoformat()}}
        albums, songs = await asyncio.gather(
            self._store.albums.find({**out, "artist_id": {"$in": wanted}}, limit=RELEASES_READ),
            self._shelf.released(sight, wanted, since, today.isoformat()),
        )
        kept = [_of_album(each) for each in albums if choice.muted_genres.isdisjoint(each.genre_ids)]
        kept += [_of_song(each, set(wanted)) for each in songs if each.album_id is None]
        kept.sort(key=lambda each: (each.release_date, each.album_id or each.song_id or ""), reverse=True)
        artists = await self._artists.get_many(viewer, list({each.artist_id for each in kept}))
        shown = [each for each in kept if each.artist_id in artists][:rows]
        for each in shown:
            each.why = RadarWhy.FOLLOWED if each.artist_id in followed else RadarWhy.PLAYED
            each.reason = _reason(artists[each.artist_id].name, each.why, plays.get(each.artist_id, 0))
        return ReleaseRadar(shown, _summary(len(shown), len(wanted)), since)


def _of_album(album: Album) -> RadarRelease:
    return RadarRelease(album.release_date or "", album.artist_id, RadarWhy.PLAYED, "", album_id=album.id)


def _of_song(song: Song, wanted: set[str]) -> RadarRelease:
    by = next(id for id in (song.artist_id, *song.artist_ids) if id in wanted)
    return RadarRelease(song.release_date or "", by, RadarWhy.PLAYED, "", song_id=song.id)


def _reason(name: str, why: RadarWhy, plays: int) -> str:
    if why is RadarWhy.PLAYED:
        return f"You played {name} {plays} times."
    return f"You follow {name} and played them {plays} times." if plays else f"You follow {name}."


def _summary(releases: int, artists: int) -> str:
    whom = f"the {artists} artists" if artists > 1 else "the one artist"
    if not releases:
        return f"Nothing came out in the last {WEEKS} weeks by {whom} you follow or play much."
    return f"What came out in the last {WEEKS} weeks by {whom} you follow or play much."
