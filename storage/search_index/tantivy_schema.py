"""How an entry lies in the embedded index: the fields, and what of a thing is written in each.

Owns the layout; raise LAYOUT when it changes, and an index of another layout is made again. Refuses to know questions.
"""

from __future__ import annotations

import tantivy
from tantivy import Document

from storage.search_index.index import Entry
from storage.search_index.points import dice_of, factor

LAYOUT = "4"

FACETS = ("shown", "explicit", "genre", "mood", "language", "key", "decade", "with", "by", "on")
"""Exact values. `key` is the musical key, `on` the album."""
COUNTED = ("explicit", "genre", "mood", "language", "key", "decade")
"""Those whose values can be counted; only these pay for it."""
NUMBERS = ("year", "duration_ms", "tempo_centi", "added_ms")
BY_NAME = "by_name"
HEAD = "head"
"""The first letters of the name as a number, in the same order: quick to pass over, where a name must be looked up."""
WORDS = ("title", "artist", "album")
SPELLING = "spelling"
"""The one field of a word's own document."""
BEGINNINGS = 2
"""A beginning of so few letters is written out: looking through all words that begin so takes long."""
TIER = "tier"
TIERS = 7
"""Steps of popularity by which the known may be asked for first."""

# A number to sort by is shifted by so many bits, and the entry's own dice are put behind it.
_TIE_BITS = 20
_LAST = 1 << 42
_NAME_SORTED = 80


def schema() -> tantivy.Schema:
    """The fields."""
    builder = tantivy.SchemaBuilder()
    for name in ("entry", "kind", "whole"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in FACETS:
        builder.add_text_field(name, fast=name in COUNTED, tokenizer_name="raw", index_option="basic")
    for name in ("id", "stamp"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    for name in WORDS:
        builder.add_text_field(name, tokenizer_name="words", index_option="basic")
        builder.add_text_field(beginning(name), tokenizer_name="words", index_option="basic")
    builder.add_text_field(SPELLING, stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(TIER, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(BY_NAME, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field(HEAD, indexed=True, fast=True)
    for name in NUMBERS:
        builder.add_integer_field(name, indexed=True, fast=True)
    for name in (*NUMBERS, "popularity"):
        builder.add_integer_field(rising(name), fast=True)
        builder.add_integer_field(falling(name), fast=True)
    builder.add_float_field("weight", fast=True)
    return builder.build()


def beginning(name: str) -> str:
    """The field with the short beginnings of the words of another."""
    return f"{name}_begins"


def rising(name: str) -> str:
    """The column by which things are sorted from the smallest of a number on; those without it come last."""
    return f"{name}_rising"


def falling(name: str) -> str:
    """The column by which things are sorted from the largest of a number on; those without it come last."""
    return f"{name}_falling"


def document(entry: Entry) -> Document:
    """What is written of one thing."""
    made = Document()
    made.add_text("entry", name_of(entry.kind, entry.id))
    for name in ("kind", "id", "whole", *WORDS):
        made.add_text(name, getattr(entry, name))
    for name in WORDS:
        if words := getattr(entry, name):
            made.add_text(beginning(name), _beginnings(words))
    made.add_text("stamp", str(entry.stamp))
    made.add_text(TIER, str(int(entry.popularity * TIERS)))
    for facet, values in entry.facets.items():
        for value in values:
            made.add_text(facet, value)
    dice = dice_of(entry.kind, entry.id)
    for name in NUMBERS:
        number = entry.numbers.get(name)
        if number is not None:
            made.add_integer(name, number)
        _add_order(made, name, number, dice)
    _add_order(made, "popularity", round(entry.popularity * 1_000), dice)
    # Behind the name comes what sorts before every letter, and the dice.
    name = f"{entry.name[:_NAME_SORTED]}\x01{dice:08x}"
    made.add_text(BY_NAME, name)
    made.add_integer(HEAD, _head(name))
    made.add_float("weight", _weight(entry, dice))
    return made


def name_of(kind: str, id: str) -> str:
    """What tells one entry from all others."""
    return f"{kind}:{id}"


def _beginnings(words: str) -> str:
    return " ".join({word[:length] for word in words.split() for length in range(1, BEGINNINGS + 1)})


def _head(name: str) -> int:
    return int.from_bytes(name.encode()[:8].ljust(8, b"\0")) >> 1


def _add_order(made: Document, name: str, number: int | None, dice: int) -> None:
    small = dice >> (32 - _TIE_BITS)
    bounded = None if number is None else max(-_LAST + 1, min(_LAST - 1, number))
    made.add_integer(rising(name), ((_LAST if bounded is None else bounded) << _TIE_BITS) + small)
    made.add_integer(falling(name), ((-_LAST if bounded is None else bounded) << _TIE_BITS) + small)


def _weight(entry: Entry, dice: int) -> float:
    """What makes tantivy's factor, log2(2 + weight), that of the points."""
    weight: float = 2.0 ** factor(entry.popularity, dice)
    return weight - 2.0
