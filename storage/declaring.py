"""How an index is declared in one line. Refuses to know any collection."""

from __future__ import annotations

from typing import Literal

from storage.engine import Index


def index(*fields: str, unique: bool = False, array: bool = False, present: bool = False) -> Index:
    """An index over fields, `-` before one that runs downwards. `present`: only documents that have the first field."""
    keys: list[tuple[str, Literal[1, -1]]] = [(f.removeprefix("-"), -1 if f.startswith("-") else 1) for f in fields]
    name = "_".join(field.replace(".", "_") for field, _ in keys)
    where = {keys[0][0]: {"$exists": True}} if present else {}
    return Index(name, tuple(keys), unique=unique, array=array, where=where)
