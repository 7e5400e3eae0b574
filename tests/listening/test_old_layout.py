"""A store that an older program filled: its songs and people are shown, its plays are everywhere they belong."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

from services.library.name_keys import NameKeys
from services.listening.time_ranges import TimeRange
from services.paging import Slice
from services.viewer import Role
from storage.collections.library import Library
from storage.migrations.runner import MIGRATIONS, migrate

ADDED_SINCE = {
    "songs": ("name_key", "is_withdrawn", "is_moderated", "edited_fields", "tagged"),
    "albums": ("save_count", "is_withdrawn", "is_moderated", "is_kept", "edited_fields", "tagged", "announced_at"),
    "artists": ("is_withdrawn", "is_moderated", "is_kept", "edited_fields", "members_rev"),
    "genres": ("old_slugs", "old_keys", "tree_rev"),
    "users": ("profile_visibility",),
}


async def grow_old(music, listener):
    """Take away every field that the first release did not write, and let somebody have listened."""
    engine = music.store.engine
    for collection, names in ADDED_SINCE.items():
        known = {each.name for each in fields(getattr(music.store, collection).codec.record)}
        assert known.issuperset(names)
        await engine.update(collection, {}, {"$unset": dict.fromkeys(names, "")}, many=True)
    at = music.clock.now() - timedelta(hours=3)
    for number, song in enumerate(["s1", "s1", "b1"]):
        play = {"user_id": listener.user_id, "song_id": song, "started_at": at, "recorded_at": at, "completed": False}
        artist = {"artist_ids": ["bert" if song == "b1" else "anna"], "album_id": "noon" if song == "b1" else "dawn"}
        await engine.insert("plays", {"_id": f"{listener.user_id}:{number}", **play, **artist})


async def test_old_plays_are_in_the_history_the_roll_ups_and_the_charts(music):
    ann, house = await music.sign_up("ann"), music.house
    await grow_old(music, ann)
    assert await migrate(music.store.engine, music.clock.now(), MIGRATIONS[:1]) == ["0001"]
    assert (await house.history.page(ann, Slice(limit=10))).items == []
    assert "0002" in await migrate(music.store.engine, music.clock.now())
    page = await house.history.page(ann, Slice(limit=10))
    assert ([play.song_id for play in page.items], page.total) == (["s1", "s1", "b1"], 3)
    assert await house.roll_ups.fold() == 3
    assert [(top.target_id, top.play_count) for top in await house.tops.songs(ann, TimeRange.ALL_TIME)] == [
        ("s1", 2),
        ("b1", 1),
    ]
    await house.chart_making.make()
    chart = await music.store.charts.get("songs:global:day")
    assert [(entry.target_id, entry.plays) for entry in chart.entries] == [("s1", 2), ("b1", 1)]
    await house.listeners.recount()
    assert (await music.store.artists.get("anna")).monthly_listeners == 1
    assert await house.history.clear(ann) == 3
    assert await house.roll_up_proof.prove() == 0


async def test_a_migration_that_was_cut_off_keeps_what_was_marked_meanwhile(music):
    ann, engine = await music.sign_up("ann"), music.store.engine
    await grow_old(music, ann)
    first, second = f"{ann.user_id}:0", f"{ann.user_id}:1"
    await engine.update("plays", {"_id": first}, {"$set": {"folded": True, "is_removed": True}})
    await engine.update("plays", {"_id": second}, {"$set": {"folded": True}})
    for _ in range(2):
        await MIGRATIONS[1].apply(engine)
    found = await engine.get_many("plays", [first, second])
    marks = {id: (play["folded"], play["is_removed"]) for id, play in found.items()}
    assert marks == {first: (True, True), second: (True, False)}
    assert await engine.count("plays", {"folded": None}) == 0
    assert await engine.count("plays", {"is_removed": None}) == 0


async def test_a_play_that_an_older_program_writes_beside_this_one_is_found_by_the_proof(music):
    ann = await music.sign_up("ann")
    await migrate(music.store.engine, music.clock.now())
    await grow_old(music, ann)
    await music.house.roll_up_proof.prove()
    assert (await music.house.history.page(ann, Slice(limit=10))).total == 3
    assert await music.house.roll_ups.fold() == 3
    assert await music.store.listens.count({"user_id": ann.user_id}) == 2


async def test_old_songs_albums_artists_and_genres_are_listed_edited_and_found(music):
    ann, admin, house = await music.sign_up("ann"), await music.sign_up("root", Role.ADMIN), music.house
    await grow_old(music, ann)
    await migrate(music.store.engine, music.clock.now())
    assert {song.id for song in (await house.songs.get_many(ann, ["s1", "s2", "s3", "s4", "b1"])).values()} == {
        "s1", "s2", "s3", "b1"}  # fmt: skip
    data = await music.data(
        "{ songs(limit: 100) { totalCount } artists(limit: 100) { totalCount } newReleases(limit: 10) { id } "
        'genre(id: "rock") { id } me { profileVisibility } }',
        ann,
    )
    assert (data["songs"]["totalCount"], data["artists"]["totalCount"], data["genre"]["id"]) == (4, 2, "rock")
    assert data["me"]["profileVisibility"] == "EVERYONE"
    assert await NameKeys(music.store).renew() == 5
    await house.likes.like(ann, "s1")
    await house.saves.save(ann, "dawn")
    assert ((await music.store.songs.get("s1")).like_count, (await music.store.albums.get("dawn")).save_count) == (1, 1)
    await music.data(
        'mutation { updateSong(songId: "s1", title: "New") { song { title } } '
        'addArtistMember(artistId: "anna", name: "Mo") { artist { id } } '
        'setHidden(kind: SONG, id: "b1", hidden: true) { success } }',
        admin,
    )
    assert (await music.store.songs.get("s1")).title == "New"
    assert (await music.store.songs.get("b1")).is_hidden is True
    assert (await Library(music.store).withdrawn_artists(["anna", "bert"])) == set()
