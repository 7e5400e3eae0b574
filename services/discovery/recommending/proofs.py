"""What can be said of a recommended song so that it is true: each reason is proved before it is given.

Owns what proves a reason. What cannot be proved gives way to what can, the last always: that somebody has, or has
not, played a song. Pure. Refuses to know words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from services.discovery.picks import Pick, Reason, Why
from services.discovery.recommending.exploring import is_seldom
from services.discovery.recommending.neighbours import Shared
from services.discovery.recommending.standing import Standing

FANS = 2
"""So many other people at least must have played both songs: fewer, and a reason would tell on one of them."""


@dataclass(frozen=True, slots=True)
class Proved:
    """A reason that holds. `times` is how often its listener played what it is about, 0 where that is not said."""

    why: Why
    about: str = ""
    times: int = 0


class Proofs:
    """Proves reasons by what somebody stands on. `heard` are those of the candidates that they ever played."""

    def __init__(self, standing: Standing, shared: Shared, heard: Collection[str], *, counts_viewer: bool) -> None:
        self._standing = standing
        self._shared = shared
        self._heard = heard
        # A learned model counts its asker among the people who played both.
        self._counts_viewer = counts_viewer
        outlines = standing.leaning.outlines
        self._liked_artists = {artist for id in standing.liked if id in outlines for artist in outlines[id].artist_ids}

    def of(self, pick: Pick) -> list[Proved]:
        """Every reason of a pick that holds, the strongest first."""
        made = [proved for reason in pick.ordered_reasons() for proved in self._proved(pick, reason)]
        made.append(Proved(Why.HEARD if pick.song.id in self._heard else Why.UNHEARD))
        return list(dict.fromkeys(made))

    def _proved(self, pick: Pick, reason: Reason) -> Iterator[Proved]:
        standing, about, song = self._standing, reason.about, pick.song
        if reason.why is Why.ARTIST:
            times = standing.artists_played[about]
            if times or about in self._liked_artists:
                yield Proved(Why.ARTIST, about, times)
        elif reason.why is Why.SHARED:
            least = FANS + (1 if self._counts_viewer and song.id in self._heard else 0)
            if about in standing.listened and self._shared(about, song.id) >= least:
                yield Proved(Why.SHARED, about)
            elif about in standing.listened:
                yield Proved(Why.SONG, about, standing.played[about])
            elif about in standing.liked:
                yield Proved(Why.LIKED, about)
        elif reason.why is Why.SOUND:
            if about in standing.listened or about in standing.liked:
                yield Proved(Why.SOUND, about)
        elif reason.why is Why.FOLLOWED:
            if about in standing.followed:
                yield Proved(Why.FOLLOWED, about)
        elif reason.why is Why.GENRE:
            if about in standing.leaning.genres or about in standing.chosen:
                yield Proved(Why.GENRE, about)
        elif reason.why is Why.POPULAR:
            if song.play_count > 0:
                yield Proved(Why.POPULAR)
        elif reason.why is Why.EXPLORE:
            if is_seldom(song) and song.id not in self._heard:
                yield Proved(Why.EXPLORE)
        elif reason.why is Why.NEW:
            yield Proved(Why.NEW)
