"""Tables, indexes and list tables of the embedded engine: made, compared and dropped.

Owns the schema. An ordinary index is an expression index; a unique one has a companion so that two documents without
the field collide, as in MongoDB; a list index is a side table that every write keeps. The declarations are recorded
beside the data, so that any process that opens it compiles the same queries.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import lru_cache

import orjson

from storage.engine import DuplicateKey, Index, Unsupported
from storage.filters import Path
from storage.sqlite_find import LEAST, Shelf, absent_clause, partial_clause, side_table
from storage.sqlite_sql import json_path, value_at
from storage.values import split_path

_RECORD = (
    "CREATE TABLE IF NOT EXISTS tutti_indexes(collection TEXT, name TEXT, spec TEXT, PRIMARY KEY(collection, name))"
)


def prepare(connection: sqlite3.Connection) -> dict[str, Shelf]:
    """Make the record of declarations if need be; the shelves that are there."""
    connection.execute(_RECORD)
    declared: dict[str, list[str]] = {}
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall():
        if "__" not in table and not table.startswith(("sqlite_", "tutti_")):
            declared[table] = []
    for collection, spec in connection.execute("SELECT collection, spec FROM tutti_indexes ORDER BY name"):
        declared.setdefault(collection, []).append(spec)
    return {collection: _shelf(collection, tuple(specs)) for collection, specs in declared.items()}


@lru_cache(maxsize=256)
def _shelf(collection: str, specs: tuple[str, ...]) -> Shelf:
    """A shelf never changes: of the files that a process opens, those with the same declarations share one."""
    return Shelf(collection, [_read(spec) for spec in specs])


def create_table(connection: sqlite3.Connection, collection: str) -> None:
    """The table of a collection, if it is not there."""
    columns = "id TEXT PRIMARY KEY NOT NULL, doc TEXT NOT NULL, kinds TEXT NOT NULL"
    connection.execute(f'CREATE TABLE IF NOT EXISTS "{collection}"({columns})')


def ensure_indexes(connection: sqlite3.Connection, collection: str, indexes: Sequence[Index]) -> Shelf:
    """Bring the table's indexes to what is declared, inside the caller's transaction.

    Unsupported when documents hold what an index forbids, DuplicateKey when they collide.
    """
    create_table(connection, collection)
    shelf = Shelf(collection, indexes)
    if len({index.name for index in indexes}) != len(indexes):
        raise Unsupported(f"two indexes of {collection} have one name")
    query = "SELECT name, spec FROM tutti_indexes WHERE collection=?"
    recorded: dict[str, str] = dict(connection.execute(query, (collection,)))
    wanted = {index.name: _write(index) for index in indexes}
    for name in recorded:
        if recorded[name] != wanted.get(name):
            _drop(connection, collection, name)
    fresh = [index for index in indexes if recorded.get(index.name) != wanted[index.name]]
    if fresh:
        _check_documents(connection, shelf)
    for index in fresh:
        try:
            for statement in _statements(shelf, index):
                connection.execute(statement)
        except sqlite3.IntegrityError as error:
            raise DuplicateKey(collection, index.name) from error
        connection.execute(
            "INSERT OR REPLACE INTO tutti_indexes VALUES(?,?,?)", (collection, index.name, wanted[index.name])
        )
    return shelf


def refused_index(collection: str, error: sqlite3.IntegrityError) -> DuplicateKey:
    """Which declared index a uniqueness error is about."""
    message = str(error)
    if "index '" not in message:
        return DuplicateKey(collection, "_id")
    name = message.split("index '", 1)[1].rstrip("'").removeprefix(f"{collection}__").removesuffix("__absent")
    return DuplicateKey(collection, name)


def _drop(connection: sqlite3.Connection, collection: str, name: str) -> None:
    base = f"{collection}__{name}"
    kinds = dict(connection.execute("SELECT name, type FROM sqlite_master WHERE name=?", (base,)).fetchall())
    connection.execute(f'DROP INDEX IF EXISTS "{base}__absent"')
    if base in kinds:
        connection.execute(f'DROP {"TABLE" if kinds[base] == "table" else "INDEX"} "{base}"')
    connection.execute("DELETE FROM tutti_indexes WHERE collection=? AND name=?", (collection, name))


def _statements(shelf: Shelf, index: Index) -> list[str]:
    if index.array:
        return _list_statements(shelf, index)
    base, table = f"{shelf.collection}__{index.name}", shelf.table
    values = [value_at(split_path(field), "") for field, _ in index.keys]
    keys = [f"{value} DESC" if d < 0 else value for value, (_, d) in zip(values, index.keys, strict=True)]
    where = partial_clause(shelf, index)
    if not index.unique:
        # The id closes every order, so it closes every index.
        keys = keys if "id" in values else [*keys, "id"]
        return [f'CREATE INDEX "{base}" ON {table}({",".join(keys)}){where}']
    stand_ins = ",".join(f"ifnull({value},x'')" for value in values)
    exact = partial_clause(shelf, index, exactly=True)
    absent = f"{exact} AND ({absent_clause(index)})" if exact else f" WHERE {absent_clause(index)}"
    return [
        f'CREATE UNIQUE INDEX "{base}" ON {table}({",".join(keys)}){where}',
        f'CREATE UNIQUE INDEX "{base}__absent" ON {table}({stand_ins}){absent}',
    ]


def _list_statements(shelf: Shelf, index: Index) -> list[str]:
    side = side_table(shelf.collection, index)
    (field, _), *others = index.keys
    path = json_path(split_path(field))
    columns = [f"k{i}" for i in range(1, len(index.keys))]
    order = [f"{c} DESC" if d < 0 else c for c, (_, d) in zip(columns, others, strict=True)]
    carried = [f"ifnull({value_at(split_path(name))},{LEAST})" for name, _ in others]
    definition = ", ".join(["value", *columns, "id TEXT"])
    return [
        f"CREATE TABLE {side}({definition}, PRIMARY KEY({','.join(['value', *order, 'id'])})) WITHOUT ROWID",
        f"INSERT INTO {side} SELECT DISTINCT {','.join([f'ifnull(e.value,{LEAST})', *carried, 't.id'])} "
        f"FROM {shelf.table} t, json_each(t.doc,{path}) e WHERE json_type(t.doc,{path})='array'",
    ]


def _check_documents(connection: sqlite3.Connection, shelf: Shelf) -> None:
    """What is already stored must keep the rules too."""
    for path in sorted(shelf.rules.plain | shelf.rules.lists):
        if path == ("_id",):
            continue
        here = json_path(path)
        if path in shelf.rules.plain:
            wrong = f"json_type(doc,{here}) IN ('array','object')"
        else:
            wrong = (
                f"json_type(doc,{here}) NOT IN ('array','null') OR (json_type(doc,{here})='array' AND EXISTS("
                f"SELECT 1 FROM json_each(doc,{here}) e WHERE e.type IN ('array','object')))"
            )
        wrong += "".join(_passes_through(path[:n]) for n in range(1, len(path)))
        row = connection.execute(f"SELECT id FROM {shelf.table} WHERE {wrong} LIMIT 1").fetchone()
        if row is not None:
            field = f"{shelf.collection}.{'.'.join(path)}"
            raise Unsupported(f"{field} cannot be indexed: document {row[0]} holds a value the index does not take")


def _passes_through(path: Path) -> str:
    return f" OR json_type(doc,{json_path(path)})='array'"


def _write(index: Index) -> str:
    return orjson.dumps([index.name, index.keys, index.unique, dict(index.where), index.array]).decode()


def _read(spec: str) -> Index:
    name, keys, unique, where, array = orjson.loads(spec)
    return Index(name, tuple((field, direction) for field, direction in keys), unique, where, array)
