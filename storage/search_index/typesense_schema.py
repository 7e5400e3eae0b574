"""How an entry lies in Typesense: the fields of a collection, and what of a thing is written in each.

Owns the layout; raise LAYOUT when it changes, and a collection of another layout is made again. Refuses to know
questions.
"""

from __future__ import annotations

from typing import Any

from storage.search_index.index import Entry
from storage.search_index.points import dice_of, factor

LAYOUT = "t1"

FACETS = ("shown", "explicit", "genre", "mood", "language", "key", "decade", "with", "by", "on")
COUNTED = ("explicit", "genre", "mood", "language", "key", "decade")
"""Those whose values can be counted."""
NUMBERS = ("year", "duration_ms", "tempo_centi", "added_ms")
WORDS = ("title", "artist", "album")
BY_NAME = "by_name"
# What may stand in folded words besides letters and digits; the engine would drop it.
_SIGNS = "!#$%&*+-./:;<=>?@^_|~'\"(),[]{}"
_NAME_SORTED = 80


def schema(name: str) -> dict[str, Any]:
    """The collection called `name`."""
    fields: list[dict[str, Any]] = [
        {"name": "kind", "type": "string", "facet": True},
        {"name": "thing", "type": "string"},
        {"name": "whole", "type": "string"},
        {"name": BY_NAME, "type": "string", "sort": True},
        {"name": "popularity", "type": "int32"},
        {"name": "dice", "type": "int64"},
    ]
    fields += [{"name": name, "type": "string", "optional": True} for name in WORDS]
    fields += [{"name": name, "type": "string[]", "facet": name in COUNTED, "optional": True} for name in FACETS]
    fields += [{"name": name, "type": "int64", "optional": True} for name in NUMBERS]
    return {
        "name": name,
        "fields": fields,
        "default_sorting_field": "popularity",
        "symbols_to_index": list(_SIGNS),
    }


def document(entry: Entry) -> dict[str, Any]:
    """What is written of one thing."""
    dice = dice_of(entry.kind, entry.id)
    made: dict[str, Any] = {
        "id": name_of(entry.kind, entry.id),
        "kind": entry.kind,
        "thing": entry.id,
        "whole": entry.whole,
        BY_NAME: f"{entry.name[:_NAME_SORTED]}\x01{dice:08x}",
        "popularity": round(entry.popularity * 1_000),
        "dice": dice,
        # No fields of the schema: kept and given back, and never looked for.
        "stamp": str(entry.stamp),
        "factor": factor(entry.popularity, dice),
    }
    made |= {name: getattr(entry, name) for name in WORDS if getattr(entry, name)}
    made |= {facet: list(values) for facet, values in entry.facets.items() if values}
    return made | {name: number for name, number in entry.numbers.items() if name in NUMBERS}


def name_of(kind: str, id: str) -> str:
    """What tells one entry from all others."""
    return f"{kind}:{id}"
