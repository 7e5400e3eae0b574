"""Documents with a long list inside: what is picked out of them, and what it costs the event loop."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from storage import sqlite_documents as sqlite_module
from storage.engine import Insert
from storage.sqlite import SqliteEngine

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIELDS = ["at", "yes", "text", "deep", "whole", "half", "missing"]


def document(id: str, length: int) -> dict[str, Any]:
    return {
        "_id": id,
        "at": NOON,
        "yes": True,
        "text": "nul \x00, \U0010ffffb1 and \x01",
        "deep": {"at": [NOON, {"no": False}]},
        "whole": 2**53 + 1,
        "half": 1.0,
        "list": [{"id": f"{n:026}", "at": NOON} for n in range(length)],
    }


@pytest.mark.parametrize("length", [0, 5, 6000])
async def test_fields_picked_out_are_what_the_whole_document_holds(embedded: SqliteEngine, length: int) -> None:
    await embedded.bulk("rows", [Insert(document(str(n), length)) for n in range(3)])
    whole = await embedded.find("rows", {"yes": True}, sort=[("at", 1)])
    assert whole == [document(str(n), length) for n in range(3)]
    wanted = [{key: row[key] for key in ("_id", *FIELDS) if key in row} for row in whole]
    assert await embedded.find("rows", {}, sort=[("at", 1)], fields=FIELDS) == wanted
    assert await embedded.find("rows", {}, sort=[("at", 1)], after=[NOON, "0"], fields=FIELDS) == wanted[1:]
    assert [row async for batch in embedded.scan("rows", {}, batch=2, fields=FIELDS) for row in batch] == wanted
    assert type(wanted[0]["half"]) is float
    assert await embedded.find("rows", {"_id": "1"}, fields=["list"]) == [{"_id": "1", "list": whole[1]["list"]}]


async def test_long_documents_are_decoded_on_a_thread(embedded: SqliteEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    places = []

    def spied(decode: Any) -> Any:
        def look(*arguments: Any) -> Any:
            places.append(threading.current_thread() is threading.main_thread())
            return decode(*arguments)

        return look

    await embedded.insert("rows", document("long", 6000))
    await embedded.insert("rows", document("short", 6))
    for name in ("decode_document", "decode_rows", "decode_fields"):
        monkeypatch.setattr(sqlite_module, name, spied(getattr(sqlite_module, name)))
    for id, on_loop in (("long", False), ("short", True)):
        places.clear()
        assert await embedded.get("rows", id) is not None
        assert len(await embedded.get_many("rows", [id])) == 1
        assert len(await embedded.find("rows", {"_id": id})) == 1
        assert places == [on_loop] * 3
    places.clear()
    assert await embedded.find("rows", {"_id": "long"}, fields=["yes"]) == [{"_id": "long", "yes": True}]
    assert places == [True]
