"""Taking pictures in: the ways base64 is written, and what is said of everything else."""

import asyncio
import base64

import pytest

from services.errors import Invalid, TooLarge
from services.pictures.pictures import read_base64
from tests.pictures.canvas import corners, saved

DATA = saved(corners(), "PNG")
TEXT = base64.b64encode(DATA).decode()


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"data:image/png;base64,{TEXT}",
        f"DATA:image/svg+xml;charset=utf-8;BASE64,{TEXT}",
        "\n  " + "\r\n".join(TEXT[at : at + 76] for at in range(0, len(TEXT), 76)) + "\n",
        TEXT.rstrip("="),
        base64.urlsafe_b64encode(DATA).decode(),
    ],
)
async def test_base64_is_read_however_it_is_written(rig, text):
    assert await rig.house.pictures.keep_base64(text, field="p") == await rig.house.pictures.keep(DATA, field="p")
    assert await rig.store.images.count({}) == 1


@pytest.mark.parametrize(
    "text",
    ["base64_data", "base64_image_data", "", " ", "a", "%%%%", "é", "\ud800", "\x00", "data:image/png;base64,",
     "data:text/html;base64,PGI+", "data:image/png," + TEXT[:40], "https://example.com/a.png",
     base64.b64encode(b"<svg/>").decode(), "=" * 40, TEXT[:60]],
)  # fmt: skip
async def test_what_is_no_picture_is_invalid_by_name_and_leaves_nothing(rig, text):
    with pytest.raises(Invalid) as refusal:
        await rig.house.pictures.keep_base64(text, field="profileImage")
    assert refusal.value.field == "profileImage"
    assert await rig.store.images.count({}) == 0
    assert not (rig.files.root / "images").exists()


async def test_too_much_is_refused_unread(rig):
    with pytest.raises(TooLarge) as refusal:
        await rig.house.pictures.keep_base64("A" * (49 << 20), field="cover")
    assert refusal.value.field == "cover"
    with pytest.raises(TooLarge):
        await rig.house.pictures.keep(bytes((32 << 20) + 1), field="cover")


async def test_long_text_does_not_hold_up_the_loop(rig):
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    with pytest.raises(Invalid):
        await rig.house.pictures.keep_base64("QUJD " * 2_000_000, field="cover")
    ticking.cancel()
    assert ticks > 50


def test_bytes_come_back_as_they_went():
    for data in (b"", b"\x00", b"\xff\xfe\xfd", bytes(range(256))):
        assert read_base64(base64.b64encode(data).decode()) == data
        assert read_base64(base64.urlsafe_b64encode(data).decode().rstrip("=")) == data
