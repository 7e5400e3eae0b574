"""Covers over HTTP: the size that fits, cached for ever, conditional."""

import json

import pytest

from services.catalogue.covers import SIZES, size_for
from services.errors import Invalid
from services.library.covers import cover_key

ID = "ab12cd34"


@pytest.fixture
def kept(music):
    for size in SIZES:
        music.files.put(cover_key(ID, size), f"jpeg of {size}".encode())
    return music


@pytest.mark.parametrize(
    ("query", "size"),
    [
        ("", 640),
        ("?size=1", 96),
        ("?size=96", 96),
        ("?size=97", 300),
        ("?size=640", 640),
        ("?size=641", 1200),
        ("?size=4096", 1200),
    ],
)
async def test_the_smallest_kept_size_that_suffices_answers(kept, client, query, size):
    answer = await client.fetch(f"/covers/{ID}{query}")
    assert (answer.code, answer.body) == (200, f"jpeg of {size}".encode())
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Etag"] == f'"{ID}-{size}"'


async def test_who_has_the_picture_gets_304(kept, client):
    for tag in (f'"{ID}-300"', f'W/"{ID}-300"', f'"other", "{ID}-300"', "*"):
        answer = await client.fetch(f"/covers/{ID}?size=300", headers={"If-None-Match": tag})
        assert (answer.code, answer.body, answer.headers["Etag"]) == (304, b"", f'"{ID}-300"')
    assert (await client.fetch(f"/covers/{ID}?size=300", headers={"If-None-Match": f'"{ID}-96"'})).code == 200


async def test_head_tells_the_length_without_the_bytes(kept, client):
    answer = await client.fetch(f"/covers/{ID}", method="HEAD")
    assert (answer.code, answer.headers["Content-Length"], answer.body) == (200, "11", b"")


@pytest.mark.parametrize("id", ["absent0", "..%2F..%2Fetc", "%00", "x" * 300, "ab12cd34-640", "é"])
async def test_what_is_not_kept_is_404(kept, client, id):
    answer = await client.fetch(f"/covers/{id}")
    assert answer.code == 404
    assert json.loads(answer.body)["error"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("size", ["0", "4097", "-1", "big", "", "1e3", "99999999999"])
async def test_an_impossible_size_is_400_by_name(kept, client, size):
    answer = await client.fetch(f"/covers/{ID}?size={size}")
    assert (answer.code, json.loads(answer.body)["error"]["field"]) == (400, "size")


async def test_a_stale_token_does_not_hide_a_picture(kept, client):
    assert (await client.fetch(f"/covers/{ID}", headers={"Authorization": "Bearer stale"})).code == 200


async def test_an_impossible_size_is_refused_in_graphql_too(client):
    answer = await client.ask('{ album(id: "dawn") { coverImage(size: 0) } }')
    assert answer["errors"][0]["extensions"] == {"code": "INVALID", "field": "size"}
    with pytest.raises(Invalid):
        size_for(4097)
