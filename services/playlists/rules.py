"""The rule tree of a smart playlist: what it may say, whether a song satisfies it, and which songs to look at.

Pure: a tree comes in as plain values (as it is stored and as clients send it), genres and a listener's own facts are
handed in. Refuses to know stores, playlists and permissions.

A node is an object with exactly one key: `all` and `any` hold nodes, `not` holds one; every other key asks about the
song (`genre`, `year`, `mood`, `tempo`, …) or about the listener and the song (`playCount`, `lastPlayed`, `liked`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.errors import Invalid
from services.typed_text import is_printable
from storage.records import Song

Node = Mapping[str, Any]
Condition = dict[str, Any]

DEPTH_LIMIT = 6
NODES_LIMIT = 60
TEXT_LIMIT = 100
DAYS_LIMIT = 36_500

GROUPS = ("all", "any")
RANGES: dict[str, tuple[str, float]] = {
    "year": ("year", 9999),
    "tempo": ("features.tempo", 1000),
    "energy": ("features.energy", 1),
    "danceability": ("features.danceability", 1),
    "valence": ("features.valence", 1),
    "duration": ("duration_ms", 86_400),
    "totalPlays": ("play_count", 2**53),
}
"""Questions about a number of the song: the field it lies in, and the largest bound that makes sense."""

TEXTS: dict[str, str] = {"mood": "mood", "language": "language", "artistId": "artist_ids", "albumId": "album_id"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What one listener has done: plays and last play by song id, liked song ids; `now` is when it is asked.

    `genres` maps each genre text of the tree to the ids it takes in, itself and everything below; unknown ones to none.
    """

    now: datetime
    plays: Mapping[str, int] = field(default_factory=dict)
    last_played: Mapping[str, datetime] = field(default_factory=dict)
    liked: frozenset[str] = frozenset()
    genres: Mapping[str, frozenset[str]] = field(default_factory=dict)


def check(tree: Node, *, name: str = "rules") -> None:
    """Invalid, naming the place in the tree, for anything that is not a rule tree within the bounds."""
    seen = sum(1 for _ in _checked(tree, name, 1))
    if seen > NODES_LIMIT:
        raise Invalid(f"A smart playlist may have {NODES_LIMIT} rules.", field=name)


def _checked(node: Any, place: str, depth: int) -> Iterator[None]:
    if depth > DEPTH_LIMIT:
        raise Invalid(f"Rules may nest {DEPTH_LIMIT} levels deep.", field=place)
    if not isinstance(node, Mapping) or len(node) != 1:
        raise Invalid("A rule says exactly one thing.", field=place)
    [(kind, value)] = node.items()
    place = f"{place}.{kind}"
    yield None
    if kind in GROUPS:
        if not isinstance(value, list) or not 1 <= len(value) <= NODES_LIMIT:
            raise Invalid(f"{kind} holds 1 to {NODES_LIMIT} rules.", field=place)
        for number, inner in enumerate(value):
            yield from _checked(inner, f"{place}.{number}", depth + 1)
    elif kind == "not":
        yield from _checked(value, place, depth + 1)
    else:
        _check_leaf(kind, value, place)


def _check_leaf(kind: str, value: Any, place: str) -> None:
    if kind == "genre" or kind in TEXTS:
        if not isinstance(value, str) or not len(value.strip()) >= 1 or len(value) > TEXT_LIMIT:
            raise Invalid(f"{kind} is a text of 1 to {TEXT_LIMIT} characters.", field=place)
        if not is_printable(value):
            raise Invalid(f"{kind} cannot hold control characters.", field=place)
    elif kind in ("isExplicit", "liked"):
        if not isinstance(value, bool):
            raise Invalid(f"{kind} is true or false.", field=place)
    elif kind in RANGES or kind == "playCount":
        _check_range(value, RANGES[kind][1] if kind in RANGES else 2**53, place)
    elif kind in ("lastPlayed", "added"):
        _check_span(value, place)
    else:
        raise Invalid("There is no such rule.", field=place)


def _check_range(value: Any, most: float, place: str) -> None:
    if not isinstance(value, Mapping) or not value or not set(value) <= {"from", "to"}:
        raise Invalid("A range has from, to, or both.", field=place)
    for bound in value.values():
        if isinstance(bound, bool) or not isinstance(bound, int | float) or not math.isfinite(bound):
            raise Invalid("A bound is a number.", field=place)
        if not 0 <= bound <= most:
            raise Invalid(f"A bound lies from 0 to {most:g}.", field=place)
    if value.get("from", 0) > value.get("to", most):
        raise Invalid("from is not above to.", field=place)


def _check_span(value: Any, place: str) -> None:
    if not isinstance(value, Mapping) or len(value) != 1 or not set(value) <= {"withinDays", "notWithinDays"}:
        raise Invalid("Say either withinDays or notWithinDays.", field=place)
    [days] = value.values()
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= DAYS_LIMIT:
        raise Invalid(f"Days are from 1 to {DAYS_LIMIT}.", field=place)


def genres_in(tree: Node) -> set[str]:
    """Every genre text that a checked tree names."""
    return {value for kind, value in _leaves(tree) if kind == "genre"}


def _leaves(node: Node) -> Iterator[tuple[str, Any]]:
    [(kind, value)] = node.items()
    if kind in GROUPS:
        for inner in value:
            yield from _leaves(inner)
    elif kind == "not":
        yield from _leaves(value)
    else:
        yield kind, value


def is_exact(tree: Node, facts: Facts) -> bool:
    """Whether `candidates` lets through exactly the songs that satisfy the tree, so that a store can count them."""
    [(kind, value)] = tree.items()
    if kind in GROUPS:
        return all(is_exact(inner, facts) for inner in value)
    return kind != "not" and _leaf_superset(kind, value, facts) is not None


def kinds_in(tree: Node) -> set[str]:
    """Every kind of question that a checked tree asks."""
    return {kind for kind, _ in _leaves(tree)}


def satisfies(tree: Node, song: Song, facts: Facts) -> bool:
    """Whether a song satisfies a checked tree. What is not known of a song lies in no range and is no mood."""
    [(kind, value)] = tree.items()
    if kind == "all":
        return all(satisfies(inner, song, facts) for inner in value)
    if kind == "any":
        return any(satisfies(inner, song, facts) for inner in value)
    if kind == "not":
        return not satisfies(value, song, facts)
    return _leaf(kind, value, song, facts)


def _leaf(kind: str, value: Any, song: Song, facts: Facts) -> bool:
    if kind == "genre":
        return not facts.genres.get(value, frozenset()).isdisjoint(song.genre_ids)
    if kind in TEXTS:
        found: Any = getattr(song, TEXTS[kind])
        return value in found if isinstance(found, list) else found is not None and found == value
    if kind == "isExplicit":
        return song.is_explicit is value
    if kind == "liked":
        return (song.id in facts.liked) is value
    if kind == "playCount":
        return _inside(facts.plays.get(song.id, 0), value, 1)
    if kind == "lastPlayed":
        return _in_span(facts.last_played.get(song.id), value, facts.now)
    if kind == "added":
        return _in_span(song.created_at, value, facts.now)
    path = RANGES[kind][0]
    number: Any = song
    for part in path.split("."):
        number = getattr(number, part)
    return number is not None and _inside(number, value, _scale(kind))


def _scale(kind: str) -> int:
    """Durations are asked in seconds and kept in milliseconds."""
    return 1000 if kind == "duration" else 1


def _inside(number: float, value: Mapping[str, float], scale: int) -> bool:
    return value.get("from", 0) * scale <= number and ("to" not in value or number <= value["to"] * scale)


def _in_span(moment: datetime | None, value: Mapping[str, int], now: datetime) -> bool:
    """Within the days, or not within them: what never happened is not within any."""
    [(kind, days)] = value.items()
    recent = moment is not None and moment >= now - timedelta(days=days)
    return recent if kind == "withinDays" else not recent


def candidates(tree: Node, facts: Facts) -> Condition:
    """A filter that every satisfying song passes, as narrow as the tree allows; `{}` where it allows nothing.

    What the listener did becomes a set of ids where that set is small enough to be asked for; the rest is left to
    `satisfies`.
    """
    found = _superset(tree, facts, wanted=True)
    return {} if found is None else found


IDS_LIMIT = 1000


def _superset(node: Node, facts: Facts, *, wanted: bool) -> Condition | None:
    """A condition implied by the node being true (or, not `wanted`, false); None when there is none to be had."""
    [(kind, value)] = node.items()
    if kind == "not":
        return _superset(value, facts, wanted=not wanted)
    if kind in GROUPS:
        parts = [_superset(inner, facts, wanted=wanted) for inner in value]
        # By De Morgan, "not any" asks for all to be false, and the other way round.
        if (kind == "all") is wanted:
            known = [part for part in parts if part is not None]
            return {"$and": known} if len(known) > 1 else known[0] if known else None
        return None if any(part is None for part in parts) else {"$or": parts} if len(parts) > 1 else parts[0]
    return _leaf_superset(kind, value, facts) if wanted else None


def _leaf_superset(kind: str, value: Any, facts: Facts) -> Condition | None:
    if kind == "genre":
        return {"genre_ids": {"$in": sorted(facts.genres.get(value, frozenset()))}}
    if kind in TEXTS:
        return {TEXTS[kind]: value}
    if kind == "isExplicit":
        return {"is_explicit": value}
    if kind in RANGES:
        scale, bounds = _scale(kind), {}
        if "from" in value:
            bounds["$gte"] = value["from"] * scale
        if "to" in value:
            bounds["$lte"] = value["to"] * scale
        return {RANGES[kind][0]: bounds}
    if kind == "added" and "withinDays" in value:
        return {"created_at": {"$gte": facts.now - timedelta(days=value["withinDays"])}}
    ids = _own_ids(kind, value, facts)
    return {"_id": {"$in": sorted(ids)}} if ids is not None and len(ids) <= IDS_LIMIT else None


def _own_ids(kind: str, value: Any, facts: Facts) -> set[str] | frozenset[str] | None:
    """The ids that alone can satisfy a question about the listener; None when nearly every song can."""
    if kind == "liked" and value:
        return facts.liked
    if kind == "playCount" and value.get("from", 0) >= 1:
        return {id for id, plays in facts.plays.items() if _inside(plays, value, 1)}
    if kind == "lastPlayed" and "withinDays" in value:
        return {id for id, moment in facts.last_played.items() if _in_span(moment, value, facts.now)}
    return None
