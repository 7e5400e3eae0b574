"""Picks: songs chosen for somebody, with their weight and why; and the order in which they are shown.

Pure. Owns how reasons add up and how artists are kept apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from storage.records import Song


class Why(StrEnum):
    """What speaks for a song; with each comes the id of the artist, song or genre that it is about."""

    ARTIST = "artist"
    SONG = "song"
    FOLLOWED = "followed"
    SHARED = "shared"
    SOUND = "sound"
    GENRE = "genre"
    POPULAR = "popular"
    NEW = "new"
    EXPLORE = "explore"
    LIKED = "liked"
    UNHEARD = "unheard"
    HEARD = "heard"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: what kind, and about which artist, song or genre."""

    why: Why
    about: str = ""


@dataclass(slots=True)
class Pick:
    """One song, all that speaks for it added up, the strongest single reason, and how strong each is."""

    song: Song
    score: float = 0.0
    reason: Reason = field(default_factory=lambda: Reason(Why.POPULAR))
    strongest: float = 0.0
    reasons: dict[Reason, float] = field(default_factory=dict)

    def ordered_reasons(self) -> list[Reason]:
        """Its reasons, the strongest first."""
        return sorted(self.reasons, key=lambda reason: (-self.reasons[reason], reason.why, reason.about))


class Picks:
    """The picks of one answer, each song once."""

    def __init__(self) -> None:
        self._picks: dict[str, Pick] = {}

    def add(self, song: Song, score: float, reason: Reason) -> None:
        """Something more speaks for this song."""
        pick = self._picks.get(song.id)
        if pick is None:
            pick = self._picks[song.id] = Pick(song)
        pick.score += score
        if score > pick.reasons.get(reason, 0.0):
            pick.reasons[reason] = score
        if score > pick.strongest:
            pick.strongest, pick.reason = score, reason

    def lift(self, song_id: str, score: float) -> None:
        """Raise one that is there already, without being its reason."""
        if song_id in self._picks:
            self._picks[song_id].score += score

    def damp(self, song_id: str, share: float) -> None:
        """Leave one that is there this share of what speaks for it."""
        if song_id in self._picks:
            self._picks[song_id].score *= share

    def ids(self) -> list[str]:
        """Every picked song."""
        return list(self._picks)

    def every(self) -> list[Pick]:
        """Every pick, in no order that means anything."""
        return list(self._picks.values())

    def all(self) -> list[Pick]:
        """Every pick, the best first, equals by id."""
        return sorted(self._picks.values(), key=lambda pick: (-pick.score, pick.song.id))


def in_order(picks: Iterable[Pick], heard: Collection[str], limit: int) -> list[Pick]:
    """The picks to show: what was heard only after all that was not, no artist twice in a row where others are left.

    An artist has at most a sixth of the places (three at least) while others have any.
    """
    ranked = list(picks)
    fresh = [pick for pick in ranked if pick.song.id not in heard]
    known = [pick for pick in ranked if pick.song.id in heard]
    chosen = _spread(fresh, limit, max(3, limit // 6))
    if len(chosen) < limit:
        last = chosen[-1].song.artist_id if chosen else ""
        chosen += _spread(known, limit - len(chosen), limit, last)
    return chosen


def _spread(picks: list[Pick], limit: int, most_each: int, last: str = "") -> list[Pick]:
    waiting = list(picks)
    chosen: list[Pick] = []
    counted: Counter[str] = Counter()
    while waiting and len(chosen) < limit:
        at = next(
            (
                at
                for at, pick in enumerate(waiting)
                if pick.song.artist_id != last and counted[pick.song.artist_id] < most_each
            ),
            None,
        )
        if at is None:
            at = next((at for at, pick in enumerate(waiting) if pick.song.artist_id != last), 0)
        pick = waiting.pop(at)
        chosen.append(pick)
        last = pick.song.artist_id
        counted[last] += 1
    return chosen
