"""Covers over HTTP: the size that fits, cached for ever, conditional."""

import asyncio
import json
from io import BytesIO

import pytest
from PIL import Image

from services.errors import Invalid
from services.pictures import encodings
from services.pictures.covers import SIZES, size_for
from services.pictures.rendering import cover_key
from tests.pictures.canvas import corners, saved

ID = "ab12cd34"


@pytest.fixture
async def kept(music):
    for size in SIZES:
        await music.files.put(cover_key(ID, size), f"jpeg of {size}".encode())
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


@pytest.fixture
async def drawn(music, client):
    """A real picture in all sizes, and somebody outside."""
    return await music.house.pictures.keep(saved(corners(700), "PNG"), field="cover")


BROWSER = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "image/jpeg"),
        ("*/*", "image/jpeg"),
        ("image/*", "image/jpeg"),
        (BROWSER, "image/avif"),
        ("image/webp,*/*", "image/webp"),
        ("image/avif;q=0.4, image/webp;q=0.9", "image/webp"),
        ("image/avif;q=0, image/webp;q=0, */*", "image/jpeg"),
        ("image/webp;q=0.5, image/jpeg", "image/jpeg"),
        ("text/html", "image/jpeg"),
        ("nonsense;;q=", "image/jpeg"),
    ],
)
async def test_the_format_follows_what_is_accepted(drawn, client, accept, kind):
    headers = {} if accept is None else {"Accept": accept}
    answer = await client.fetch(f"/covers/{drawn}?size=300", headers=headers)
    assert (answer.code, answer.headers["Content-Type"]) == (200, kind)
    assert "Accept" in [part.strip() for each in answer.headers.get_list("Vary") for part in each.split(",")]
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    with Image.open(BytesIO(answer.body)) as picture:
        assert (picture.format, picture.size) == (kind[6:].upper(), (300, 300))


async def test_each_format_has_its_own_tag_and_answers_304(drawn, client):
    tags = set()
    for kind in ("image/jpeg", "image/webp", "image/avif"):
        answer = await client.fetch(f"/covers/{drawn}", headers={"Accept": kind})
        tag = answer.headers["Etag"]
        tags.add(tag)
        again = await client.fetch(f"/covers/{drawn}", headers={"Accept": kind, "If-None-Match": tag})
        assert (again.code, again.body, again.headers["Etag"]) == (304, b"", tag)
        head = await client.fetch(f"/covers/{drawn}", method="HEAD", headers={"Accept": kind})
        assert (head.body, head.headers["Content-Type"]) == (b"", kind)
        assert int(head.headers["Content-Length"]) == len(answer.body)
    assert len(tags) == 3


async def test_many_who_ask_at_once_cause_one_drawing(music, drawn, client):
    encoder = music.house.covers._encoder
    asked = (client.fetch(f"/covers/{drawn}?size=640", headers={"Accept": "image/webp"}) for _ in range(8))
    answers = await asyncio.gather(*asked)
    assert {(answer.code, answer.headers["Content-Type"]) for answer in answers} == {(200, "image/webp")}
    assert len({answer.body for answer in answers}) == 1
    assert encoder.drawn == 1
    await client.fetch(f"/covers/{drawn}?size=640", headers={"Accept": "image/webp"})
    assert encoder.drawn == 1
    assert sorted(path.name for path in (music.files.root / "images" / drawn[:2]).iterdir()) == sorted(
        [*(f"{drawn}-{size}.jpg" for size in SIZES), f"{drawn}-640.webp"]
    )


async def test_who_stops_waiting_does_not_stop_the_others(music, drawn):
    covers = music.house.covers
    cover = await covers.open(drawn, 640, "image/webp")
    first, second = (asyncio.create_task(covers.drawn(cover)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).content_type == "image/webp"
    await asyncio.gather(first, return_exceptions=True)


async def test_when_too_many_wait_the_jpeg_goes_out(music, drawn, client, monkeypatch):
    monkeypatch.setattr(encodings, "WAITING_LIMIT", 0)
    answer = await client.fetch(f"/covers/{drawn}?size=96", headers={"Accept": "image/avif"})
    assert (answer.code, answer.headers["Content-Type"], answer.headers["Etag"]) == (200, "image/jpeg", f'"{drawn}-96"')


async def test_a_format_of_a_picture_that_is_not_kept_is_404(client):
    answer = await client.fetch("/covers/absent0", headers={"Accept": "image/avif"})
    assert answer.code == 404


async def test_a_damaged_picture_goes_out_as_it_is_kept(kept, client, log_watch):
    log_watch.expect("a picture could not be drawn")
    answer = await client.fetch(f"/covers/{ID}", headers={"Accept": "image/webp"})
    assert (answer.code, answer.headers["Content-Type"], answer.body) == (200, "image/jpeg", b"jpeg of 640")
