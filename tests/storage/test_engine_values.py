"""The contract of every engine: which values are kept, and that they come back as they were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from storage.engine import (
    Document,
    Engine,
    Insert,
    Unsupported,
)
from tests.storage.conftest import is_ferret

NOON = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        0,
        -1,
        2**63 - 1,
        -(2**63),
        0.1,
        -0.0,
        1e300,
        5e-324,
        "",
        "Ångström 𝄞 \U0001f3b5 e\u0301",
        "nul \x00 one \x01 two \x00\x01\x01\x00",
        "\U0010ffffd2026-03-01T12:00:00.123Z",
        "\U0010ffffb1",
        "2026-03-01T12:00:00.123Z",
        "[1]",
        '{"a": "quote \\" back \\\\"}',
        "line\nbreak\ttab\x7f\u2028",
        NOON,
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 1000, tzinfo=UTC),
        [],
        {},
        [None, [True, [NOON]], {"k": [{"at": NOON, "s": "\x00"}]}],
        {"a": {"b": {"c": [1, 2.5, "x", NOON, False]}}, "sp ace": 1, 'quo"te': 2, "ключ": 3, "0": 4},
    ],
    ids=repr,
)
async def test_every_value_comes_back_as_it_was(engine: Engine, value: Any) -> None:
    if is_ferret(engine) and (isinstance(value, list) or repr(value) == "-0.0"):
        pytest.skip("FerretDB keeps neither lists within lists nor the sign of zero")
    document = {"_id": "x", "v": value, "deep": {"v": value, "list": [value]}}
    await engine.insert("values", document)
    for back in (await engine.get("values", "x"), (await engine.find("values", {}))[0]):
        assert back == document
        assert back is not None
        assert repr(back["v"]) == repr(value) or isinstance(value, (dict, list, datetime))
        assert list(back) == ["_id", "v", "deep"]
    if not isinstance(value, (list, dict)):
        assert await engine.count("values", {"v": value}) == 1
        assert await engine.count("values", {"deep.list": value}) == 1
        assert await engine.count("values", {"v": {"$ne": value}}) == 0


async def test_times_are_kept_in_utc_to_the_millisecond(engine: Engine) -> None:
    local = datetime(2026, 3, 1, 14, 0, 0, 123987, tzinfo=timezone(timedelta(hours=2)))
    await engine.insert("values", {"_id": "x", "v": local})
    back = await engine.get("values", "x")
    assert back == {"_id": "x", "v": NOON}
    assert back["v"].utcoffset() == timedelta(0)
    assert await engine.count("values", {"v": local}) == 1
    await engine.update("values", {"_id": "x"}, {"$set": {"v": local}})
    assert await engine.get("values", "x") == {"_id": "x", "v": NOON}


@pytest.mark.parametrize(
    "document",
    [
        {"v": 1},
        {"_id": ""},
        {"_id": 7},
        {"_id": None},
        {"_id": "x", "v": float("nan")},
        {"_id": "x", "v": float("inf")},
        {"_id": "x", "v": 2**63},
        {"_id": "x", "v": "\ud800"},
        {"_id": "x", "v": ["\ud800"]},
        {"_id": "\ud800"},
        {"_id": "x", "\ud800": 1},
        {"_id": "x", "v": datetime(2026, 1, 1)},
        {"_id": "x", "v": b"bytes"},
        {"_id": "x", "v": (1, 2)},
        {"_id": "x", "v": {1: 2}},
        {"_id": "x", "$v": 1},
        {"_id": "x", "a.b": 1},
        {"_id": "x", "a": {"b.c": 1}},
        {"_id": "x", "": 1},
        {"_id": "x", "nul\x00": 1},
    ],
    ids=repr,
)
async def test_a_document_that_cannot_be_kept_alike_everywhere_is_refused(engine: Engine, document: Document) -> None:
    with pytest.raises(Unsupported):
        await engine.insert("values", document)
    with pytest.raises(Unsupported):
        await engine.bulk("values", [Insert({"_id": "other"}), Insert(document)])
    assert await engine.count("values", {}) == 0


async def test_ids_of_any_text_are_found_again(engine: Engine) -> None:
    ids = ["plain", "sp ace", "nul\x00\x01", "\U0010ffffA", "'quote\"", "a:b", "ß", "[x]"]
    await engine.bulk("values", [Insert({"_id": id}) for id in ids])
    assert set(await engine.get_many("values", [*ids, "none"])) == set(ids)
    assert [d["_id"] for d in await engine.find("values", {})] == sorted(ids)
    for id in ids:
        assert await engine.get("values", id) == {"_id": id}
        assert await engine.delete("values", {"_id": id}) == 1
    assert await engine.get_many("values", []) == {}
