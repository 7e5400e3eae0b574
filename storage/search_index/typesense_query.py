"""How a question becomes searches of a Typesense server, as data of its API.

Owns the engine's own words: filters with their values quoted, orders, and how many letters may be wrong. What it
cannot express (a word that means another, a whole name whose words do not fit) becomes a search beside. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from storage.search_index.index import COUNTS_LIMIT, Filter, Order, Question
from storage.search_index.typesense_schema import BY_NAME, COUNTED, WORDS, name_of

WINDOW = 250
"""The most rows that the server gives at once."""
VARIANTS = 6
"""So many ways to word a question are asked for beside the first."""
_SHOWN = "thing,title,artist,album,whole,factor"
_EVERYTHING = "*"


def searches(question: Question, collection: str) -> list[dict[str, Any]]:
    """The first window of a question, of each way to word it, and of what has its whole name."""
    found = [page(question, collection, words, 0, WINDOW) for words in _wordings(question)]
    if question.whole and question.words:
        whole = _all([*_conditions(question), f"whole:={_quoted(question.whole)}"])
        found.append({**_plain(collection), "q": _EVERYTHING, "filter_by": whole, "per_page": WINDOW})
    return found


def page(question: Question, collection: str, words: Sequence[str], offset: int, limit: int) -> dict[str, Any]:
    """`limit` (at most 250) rows of one wording, after `offset` (a multiple of it)."""
    asked = {
        **_plain(collection),
        "q": " ".join(words) or _EVERYTHING,
        "query_by": WORDS[0] if question.by_name else ",".join(WORDS),
        "filter_by": _all(_conditions(question)),
        "sort_by": _sorted_by(question.order),
        "per_page": limit,
        "page": offset // limit + 1,
        "prefix": bool(question.words) and question.words[-1].prefix,
        "num_typos": 2 if question.forgiving else 0,
        "min_len_1typo": 4,
        "min_len_2typo": 8,
        "typo_tokens_threshold": 10_000 if question.forgiving else 0,
        "drop_tokens_threshold": 0,
    }
    if not question.by_name:
        asked["query_by_weights"] = "3,2,1"
    counted = [name for name in question.counted if name in COUNTED]
    if counted:
        asked |= {"facet_by": ",".join(counted), "max_facet_values": COUNTS_LIMIT}
    return asked


def of_ids(collection: str, kind: str, ids: Sequence[str]) -> dict[str, Any]:
    """Entries by their ids, at most 250."""
    wanted = _listed([name_of(kind, id) for id in ids])
    return {**_plain(collection), "q": _EVERYTHING, "filter_by": f"id:=[{wanted}]", "per_page": WINDOW}


def ids_filter(kind: str, ids: Sequence[str]) -> str:
    """The filter of these entries."""
    return f"id:=[{_listed([name_of(kind, id) for id in ids])}]"


def first_wording(question: Question) -> list[str]:
    """The words of a question as they were typed, those that need not be there left out."""
    return _wordings(question)[0]


def _plain(collection: str) -> dict[str, Any]:
    return {
        "collection": collection,
        "query_by": WORDS[0],
        "include_fields": _SHOWN,
        "highlight_fields": "none",
        "exhaustive_search": True,
    }


def _wordings(question: Question) -> list[list[str]]:
    """The question as it was typed, then with one word after the other put in another way."""
    needed = [word for word in question.words if word.needed] or list(question.words)
    plain = [list(word.ways[0]) for word in needed]
    others = [(at, way) for at, word in enumerate(needed) for way in (*word.ways[1:], *word.others)]
    if question.forgiving:
        # The server looks for no letter too many at the beginning of a word.
        short = [(at, way[0]) for at, way in enumerate(plain) if needed[at].typos and len(way) == 1]
        others += [(at, (token[:drop] + token[drop + 1 :],)) for drop in (0, 1) for at, token in short]
    found = [_flat(plain)]
    for at, way in others[:VARIANTS]:
        found.append(_flat([*plain[:at], list(way), *plain[at + 1 :]]))
    return found


def _flat(words: Sequence[Sequence[str]]) -> list[str]:
    return [part for word in words for part in word]


def _conditions(question: Question) -> list[str]:
    found = [f"kind:={_quoted(question.kind)}", *(_condition(each) for each in question.filters)]
    if question.seen_if:
        found.append(
            "(" + " || ".join(f"({_all([_condition(each) for each in way])})" for way in question.seen_if) + ")"
        )
    return found


def _all(conditions: Sequence[str]) -> str:
    return " && ".join(conditions)


def _condition(filter: Filter) -> str:
    field = "thing" if filter.field == "id" else filter.field
    if filter.operator == "at_least":
        return f"{field}:>={_number(filter.value)}"
    if filter.operator == "at_most":
        return f"{field}:<={_number(filter.value)}"
    values = filter.value if isinstance(filter.value, tuple) else (str(filter.value),)
    return f"{field}:=[{_listed(values) or _quoted('nothing has this')}]"


def _number(value: Any) -> int:
    return int(value)


def _listed(values: Sequence[str]) -> str:
    return ",".join(map(_quoted, values))


def _quoted(value: str) -> str:
    # Between backticks everything but a backtick is text, and no value that is written has one.
    return "`" + value.replace("`", "\ufffd") + "`"


def _sorted_by(order: Order | None) -> str:
    if order is None:
        return "_text_match:desc,popularity:desc,dice:asc"
    way = "desc" if order.descending else "asc"
    if order.field == "name":
        return f"{BY_NAME}:{way}"
    if order.field == "popularity":
        return f"popularity:{way},dice:asc"
    return f"{order.field}(missing_values: last):{way},dice:asc"
