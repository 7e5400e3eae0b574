"""The order in which a station plays: what fits best soonest, artists kept apart, nothing again for as long as can be.

Pure, and always the same for the same arguments. Refuses to know why a song weighs what it weighs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from services.discovery.radio.cursor import NO_MARK, Cursor, mark
from storage.records import Song

Weigh = Callable[[Song, int], float]
"""What a song weighs in the nth shuffle."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some of what a station plays, and the place after it: None where nothing can follow."""

    songs: list[Song]
    end: Cursor | None


def stretch(pool: Mapping[str, Song], weigh: Weigh, place: Cursor, limit: int, opening: str = "") -> Stretch:
    """The next `limit` songs of the pool after a place, none of them twice; fewer only when the pool has no more.

    What was played lately waits. When nothing else is left a fresh shuffle begins, and the newer half of the pool
    still waits: so a song never comes twice in a row, and a pool of one song is played once and then over. `opening` is
    the song with which the very first stretch begins, if the pool has it.
    """
    marks = {id: mark(id) for id in pool}
    of_pool = set(marks.values())
    recent, shuffles, last = list(place.recent), place.shuffles, place.last_artist
    chosen: list[Song] = []
    if place.played == 0 and opening in pool:
        chosen, last = [pool[opening]], mark(pool[opening].artist_id)
        recent.append(marks[opening])
    while len(chosen) < limit:
        waiting = set(recent)
        left = [song for id, song in pool.items() if marks[id] not in waiting]
        if not left:
            if len(chosen) == len(pool):
                break
            own = [each for each in recent if each in of_pool]
            keep = max(1, len(own) // 2, len(chosen))
            if keep >= len(own):
                break
            recent, shuffles = own[-keep:], shuffles + 1
            continue
        ranked = sorted(left, key=lambda song: (-weigh(song, shuffles), song.id))
        taken = apart(ranked, limit - len(chosen), max(3, limit // 6), last)
        chosen += taken
        recent += [marks[song.id] for song in taken]
        last = mark(taken[-1].artist_id)
    if not chosen:
        return Stretch([], None)
    end = place.after([song.id for song in chosen], chosen[-1].artist_id, shuffles, recent)
    return Stretch(chosen, end if len(pool) > 1 else None)


def apart(ranked: Sequence[Song], limit: int, most_each: int, last: bytes = NO_MARK) -> list[Song]:
    """The first of them, with no artist twice in a row wherever that can be had.

    An artist has `most_each` places while others have songs; but one with half of all that is left comes every other
    time, for otherwise theirs alone would be left at the end.
    """
    waiting = list(ranked)
    artists = {song.artist_id: mark(song.artist_id) for song in ranked}
    left = Counter(song.artist_id for song in ranked)
    placed: Counter[str] = Counter()
    chosen: list[Song] = []
    while waiting and len(chosen) < limit:
        heavy, count = max(left.items(), key=lambda each: (each[1], each[0]))
        if 2 * count > len(waiting) and artists[heavy] != last:
            at = next(at for at, song in enumerate(waiting) if song.artist_id == heavy)
        else:
            others = (at for at, song in enumerate(waiting) if artists[song.artist_id] != last)
            first = next(others, 0)
            at = next((at for at in (first, *others) if placed[waiting[at].artist_id] < most_each), first)
        song = waiting.pop(at)
        chosen.append(song)
        left[song.artist_id] -= 1
        placed[song.artist_id] += 1
        last = artists[song.artist_id]
    return chosen
