"""Mosaics: drawn from the first four covers, kept once, made when they change, and only where no picture was chosen."""

from __future__ import annotations

import asyncio
import io

import pytest
from PIL import Image

from services.errors import NotFound
from services.playlists.mosaic import draw
from services.playlists.mosaics import Mosaics
from tests.playlists.stage import make, picture, stored

COLOURS = ["red", "lime", "blue", "yellow", "white"]
COVER = "query ($id: ID!) { playlist(id: $id) { coverImage rev } }"


def png(colour, size=(40, 30)):
    body = io.BytesIO()
    Image.new("RGB", size, colour).save(body, "PNG")
    return body.getvalue()


async def with_covers(music):
    """Songs c0 to c4, each with a cover of its own."""
    ids = [await music.house.pictures.keep(png(colour), field="x") for colour in COLOURS]
    for number, id in enumerate(ids):
        await music.song(f"c{number}", "anna", cover_id=id)
    return ids


def test_a_mosaic_has_the_covers_in_reading_order_and_always_the_same_bytes():
    covers = [png(colour) for colour in COLOURS[:4]]
    drawn = draw(covers)
    assert draw(covers) == drawn
    shown = Image.open(io.BytesIO(drawn))
    places = [(300, 300), (900, 300), (300, 900), (900, 900)]
    assert shown.size == (1200, 1200)
    assert [shown.getpixel(place) for place in places] == [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)]
    with pytest.raises(ValueError):
        draw(covers[:3])


async def test_the_first_four_distinct_covers_make_the_picture_in_every_size(music):
    ids, ann = await with_covers(music), await music.sign_up("ann")
    made = await make(music, ann, "Mix", "c0", "c1", "c0", "b1", "c2", "c3", "c4")
    assert await music.house.playlist_mosaics.look(made.id)
    record = await stored(music, made.id)
    assert (record.mosaic_cover_ids, record.mosaic_rev, record.rev) == (ids[:4], made.rev, made.rev)
    assert record.updated_at == made.updated_at
    for size in (96, 300, 640, 1200):
        cover = await music.house.covers.open(record.mosaic_id, size)
        with Image.open(music.files.local_path(cover.key)) as shown:
            assert shown.size == (size, size)
    answer = await music.data(COVER, id=made.id)
    assert answer["playlist"]["coverImage"] == f"/covers/{record.mosaic_id}"
    assert not await music.house.playlist_mosaics.look(made.id)


async def test_fewer_than_four_show_the_first_and_none_shows_none(music):
    ids, ann = await with_covers(music), await music.sign_up("ann")
    made = await make(music, ann, "Mix", "c2", "c1", "c2", "c0")
    assert await music.house.playlist_mosaics.look(made.id)
    assert (await stored(music, made.id)).mosaic_id == ids[2]
    for song in ("c2", "c1", "c2", "c0"):
        await music.house.playlist_editing.remove(ann, made.id, song)
    assert await music.house.playlist_mosaics.look(made.id)
    assert (await stored(music, made.id)).mosaic_id is None
    assert (await music.data(COVER, id=made.id))["playlist"]["coverImage"] is None


async def test_a_chosen_picture_stays_and_clearing_it_brings_the_mosaic(music):
    _, ann = await with_covers(music), await music.sign_up("ann")
    made = await make(music, ann, "Mix", "c0", "c1", "c2", "c3", cover_image=picture())
    assert not await music.house.playlist_mosaics.look(made.id)
    record = await stored(music, made.id)
    assert (record.mosaic_id, record.mosaic_rev) == (None, record.rev)
    await music.house.playlist_making.update(ann, made.id, {"cover_image": None})
    assert await music.house.playlist_mosaics.look(made.id)
    assert (await stored(music, made.id)).mosaic_id is not None


async def test_covers_of_hidden_songs_do_not_show(music):
    ids, ann = await with_covers(music), await music.sign_up("ann")
    made = await make(music, ann, "Mix", "c0", "c1")
    await music.store.songs.update({"_id": "c0"}, {"$set": {"is_hidden": True}})
    await music.house.playlist_mosaics.look(made.id)
    assert (await stored(music, made.id)).mosaic_id == ids[1]


async def test_the_job_looks_at_what_was_edited_since_and_nothing_else(music):
    ids, ann = await with_covers(music), await music.sign_up("ann")
    one, two = await make(music, ann, "One", "c0"), await make(music, ann, "Two", "c1")
    mosaics = music.house.playlist_mosaics
    assert await mosaics.catch_up() == 2
    await music.house.announcer.settled()
    music.engine.asked.clear()
    assert await mosaics.catch_up() == 0
    assert dict(music.engine.asked) == {"playlists": 1}
    await music.store.songs.update({"_id": "c0"}, {"$set": {"cover_id": ids[4]}})
    assert await mosaics.catch_up() == 0
    assert await mosaics.prove() == 1
    assert [(await stored(music, each.id)).mosaic_id for each in (one, two)] == [ids[4], ids[1]]


async def test_an_edit_while_the_picture_is_drawn_leaves_it_to_the_next_look(music, monkeypatch):
    _, ann = await with_covers(music), await music.sign_up("ann")
    made = await make(music, ann, "Mix", "c0")
    mosaics = music.house.playlist_mosaics
    pick = mosaics._picture

    async def pick_late(cover_ids):
        await music.house.playlist_editing.add_songs(ann, made.id, ["c1"], position=0)
        return await pick(cover_ids)

    monkeypatch.setattr(mosaics, "_picture", pick_late)
    assert not await mosaics.look(made.id)
    assert (await stored(music, made.id)).mosaic_id is None
    monkeypatch.undo()
    assert await mosaics.catch_up() == 1


async def test_a_cover_whose_file_is_missing_leaves_the_first_one(music, log_watch):
    ids, ann = await with_covers(music), await music.sign_up("ann")
    await music.store.songs.update({"_id": "c1"}, {"$set": {"cover_id": "gone0000"}})
    with pytest.raises(NotFound):
        await music.house.covers.open("gone0000")
    made = await make(music, ann, "Mix", "c0", "c1", "c2", "c3")
    log_watch.expect("a mosaic could not be drawn")
    assert await music.house.playlist_mosaics.look(made.id)
    assert (await stored(music, made.id)).mosaic_id == ids[0]


async def test_an_edit_is_followed_by_its_picture(music):
    ids, ann = await with_covers(music), await music.sign_up("ann")
    house = music.house
    mosaics = Mosaics(music.store, house.bus, house.songs, house.covers, house.pictures, lingers_s=0.01)
    await mosaics.start()
    await mosaics.start()
    made = await make(music, ann, "Mix", "c3")
    async with asyncio.timeout(60):
        while (await stored(music, made.id)).mosaic_id != ids[3]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await house.playlist_making.delete(ann, made.id)
    await mosaics.stop()
    await mosaics.stop()
    assert not await mosaics.look(made.id)
