"""Recommendations: songs for one person, each for a reason that the stored plays bear out.

Owns what is handed out: the songs as the viewer sees them now, in order, each with its reason. Every number of store
commands is bounded whatever the limit. Refuses to know how songs are found and put in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.catalogue.artists import Artists
from services.catalogue.genres import Genres
from services.catalogue.songs import Songs
from services.discovery.picks import Pick
from services.discovery.recommending.ranking import Ranked, Ranking, Row
from services.discovery.recommending.standing import Basis
from services.discovery.recommending.wording import ToldReason, Wording, listed
from services.discovery.taste import Leaning
from services.paging import slice_of
from services.viewer import Role, Viewer
from storage.records import Song

__all__ = ["Basis", "Recommendations", "Recommended", "RecommendedGroup", "RecommendedSong"]


@dataclass(slots=True)
class RecommendedGroup:
    """Songs recommended for one reason."""

    reason: str
    songs: list[Song] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RecommendedSong:
    """One song and why."""

    song: Song
    reason: ToldReason


@dataclass(slots=True)
class Recommended:
    """Songs for somebody in the order to show them, why in one sentence, each with its reason, and by reason."""

    songs: list[Song]
    reason: str
    groups: list[RecommendedGroup]
    items: list[RecommendedSong] = field(default_factory=list)


class Recommendations:
    """What somebody might like."""

    def __init__(self, ranking: Ranking, wording: Wording, artists: Artists, songs: Songs, genres: Genres) -> None:
        self._ranking = ranking
        self._wording = wording
        self._artists = artists
        self._songs = songs
        self._genres = genres

    async def songs(self, viewer: Viewer, limit: int | None = None, based_on: Basis | None = None) -> list[Song]:
        """Songs for the viewer, the best first; 20 unless told, 1 to 100. What they never played comes first."""
        rows = slice_of(limit=limit).limit
        ranked = await self._ranking.ranked(viewer, rows, based_on)
        return [song for song, _ in await self._whole(viewer, ranked.rows, rows)]

    async def blend(self, viewer: Viewer, limit: int | None = None) -> Recommended:
        """Songs for the viewer with the reasons: 20 unless told, 1 to 100."""
        rows = slice_of(limit=limit).limit
        ranked = await self._ranking.ranked(viewer, rows, None)
        whole = await self._whole(viewer, ranked.rows, rows)
        told = await self._wording.of(viewer, [(song, row.proved) for song, row in whole])
        items = [RecommendedSong(song, reason) for (song, _), reason in zip(whole, told, strict=True)]
        groups: dict[str, RecommendedGroup] = {}
        for item in items:
            group = groups.setdefault(item.reason.text, RecommendedGroup(item.reason.text))
            group.songs.append(item.song)
        summary = await self._summary(viewer, ranked)
        return Recommended([item.song for item in items], summary, list(groups.values()), items)

    async def picks(
        self, viewer: Viewer, limit: int, based_on: Basis | None = None, *, reserve: int = 0
    ) -> tuple[list[Pick], Leaning]:
        """The picks in the order to show them (`reserve` more than `limit`), and what they stand on."""
        viewer.require(Role.LISTENER)
        return await self._ranking.picks(viewer, limit, based_on, reserve=reserve)

    async def _whole(self, viewer: Viewer, rows: Sequence[Row], limit: int) -> list[tuple[Song, Row]]:
        """The first `limit` that the viewer may see now; a second store command only where some are out of sight."""
        found = await self._songs.get_many(viewer, [row.song_id for row in rows[:limit]])
        if len(found) < min(limit, len(rows)):
            found |= await self._songs.get_many(viewer, [row.song_id for row in rows[limit:]])
        return [(found[row.song_id], row) for row in rows if row.song_id in found][:limit]

    async def _summary(self, viewer: Viewer, ranked: Ranked) -> str:
        if ranked.is_empty and ranked.chosen:
            chosen = await self._genres.get_many(viewer, list(ranked.chosen))
            return f"Because you chose {listed([genre.name for genre in chosen.values()])}."
        if ranked.is_empty:
            return "You have not played or liked anything yet: this is what is popular and new here."
        artists = await self._artists.get_many(viewer, list(ranked.artists))
        names = [artists[id].name for id in ranked.artists if id in artists]
        if not names:
            return "Because of what you listen to."
        return f"Because you listen to {listed(names)}."
