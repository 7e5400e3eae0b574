"""From what happens to whom it is told."""

import asyncio

import pytest

from services.errors import Unavailable
from services.events import (
    AlbumReleased,
    Bus,
    PlaylistChanged,
    PlaylistFollowed,
    PlaylistInvited,
    ReviewFoundHelpful,
    ReviewHidden,
    UserFollowed,
)
from services.notifications import announcer as announcing
from services.notifications.announcer import Announcer
from storage.records import Edge, Playlist


@pytest.fixture
async def town(rig):
    """Ann, Bob and Cat, and a playlist of Ann's that Bob shares."""
    for name in ("ann", "bob", "cat"):
        setattr(rig, name, (await rig.sign_up(name)).user_id)
    now = rig.clock.now()
    await rig.store.playlists.insert(
        Playlist("mix", "Road songs", "mix", rig.ann, now, now, collaborator_ids=[rig.bob], is_collaborative=True)
    )
    return rig


async def happens(rig, *events):
    for event in events:
        rig.house.bus.publish(event)
    await rig.house.announcer.settled()


async def told(rig, user_id):
    rows = await rig.store.notifications.find({"user_id": user_id}, sort=[("_id", 1)])
    return [(row.kind, row.message, row.actor_id, row.target_kind, row.target_id) for row in rows]


async def test_each_event_is_told_to_whom_it_concerns_and_to_nobody_else(town):
    await happens(
        town,
        UserFollowed(town.bob, town.ann),
        PlaylistFollowed(town.cat, "mix", town.ann),
        PlaylistInvited("mix", town.cat, town.ann),
        PlaylistChanged("mix", town.bob, 3),
        ReviewFoundHelpful("r1", town.ann, town.cat),
        ReviewHidden("r2", town.ann),
    )
    assert await told(town, town.ann) == [
        ("followed", "bob follows you now.", town.bob, "user", town.bob),
        ("playlist_followed", "cat follows your playlist Road songs.", town.cat, "playlist", "mix"),
        ("playlist_changed", "bob changed the playlist Road songs.", town.bob, "playlist", "mix"),
        ("review_helpful", "Somebody found your review helpful.", None, "review", "r1"),
        ("review_hidden", "A moderator took your review out of sight.", None, "review", "r2"),
    ]
    assert await told(town, town.cat) == [
        ("playlist_invited", "ann let you into the playlist Road songs.", town.ann, "playlist", "mix")
    ]
    assert await told(town, town.bob) == []


async def test_nobody_is_told_about_themselves(town):
    await happens(
        town,
        UserFollowed(town.ann, town.ann),
        PlaylistFollowed(town.ann, "mix", town.ann),
        PlaylistInvited("mix", town.ann, town.ann),
        ReviewFoundHelpful("r1", town.ann, town.ann),
        PlaylistChanged("mix", town.ann, 4),
    )
    assert await told(town, town.ann) == []
    assert [kind for kind, *_ in await told(town, town.bob)] == ["playlist_changed"]


async def test_following_again_and_again_is_told_once(town):
    for _ in range(3):
        await happens(town, UserFollowed(town.bob, town.ann), UserFollowed(town.bob, town.ann))
        town.clock.turn(86_400)
    assert len(await told(town, town.ann)) == 1


async def test_edits_of_a_playlist_are_told_once_an_hour_and_person(town):
    town.engine.asked.clear()
    await happens(town, *(PlaylistChanged("mix", town.bob, rev) for rev in range(200)))
    assert town.engine.asked["playlists"] == 1, "a burst is looked at once"
    await happens(town, PlaylistChanged("mix", town.bob, 201))
    assert town.engine.asked["playlists"] == 1, "and so is an hour"
    assert len(await told(town, town.ann)) == 1
    town.clock.turn(3600)
    await happens(town, PlaylistChanged("mix", town.bob, 202))
    assert len(await told(town, town.ann)) == 2
    await happens(town, PlaylistChanged("mix", town.cat, 203))
    assert [message for _, message, *_ in await told(town, town.bob)] == ["cat changed the playlist Road songs."]


async def test_what_is_gone_absent_or_suspended_tells_nothing(town):
    await town.store.users.update({"_id": town.cat}, {"$set": {"is_suspended": True}})
    await happens(
        town,
        UserFollowed(town.cat, town.ann),
        UserFollowed("nobody", town.ann),
        UserFollowed(town.ann, "nobody"),
        UserFollowed(town.ann, town.cat),
        PlaylistChanged("mix", town.bob, 9, gone=True),
        PlaylistChanged("absent", town.bob, 1),
        PlaylistChanged("mix", "system", 1),
        PlaylistFollowed(town.bob, "absent", town.ann),
        ReviewHidden("r1", "nobody"),
        AlbumReleased("absent", "absent"),
    )
    assert await town.store.notifications.count({}) == 0


async def test_a_playlist_that_was_moderated_away_tells_nothing(town):
    await town.store.playlists.update({"_id": "mix"}, {"$set": {"is_hidden": True}})
    await happens(town, PlaylistChanged("mix", town.bob, 2), PlaylistInvited("mix", town.cat, town.ann))
    assert await town.store.notifications.count({}) == 0


async def follow_artist(rig, artist_id, *user_ids):
    for user_id in user_ids:
        await rig.store.followed_artists.insert(Edge(f"{user_id}:{artist_id}", user_id, artist_id, rig.clock.now()))


async def test_an_album_is_told_to_the_artists_followers_but_not_to_its_owner(town):
    await town.artist("star", name="Star", owner_id=town.cat)
    await follow_artist(town, "star", town.ann, town.bob, town.cat)
    await town.album("ep", "star", title="Sparks", album_type="ep", artist_credit="Star & Co.")
    await happens(town, AlbumReleased("ep", "star"), AlbumReleased("ep", "star"))
    said = ("album_released", "The EP Sparks by Star & Co. is out.", None, "album", "ep")
    assert [await told(town, id) for id in (town.ann, town.bob, town.cat)] == [[said], [said], []]


async def test_a_hidden_album_is_told_to_nobody(town):
    await town.artist("star")
    await town.artist("ghost", is_hidden=True)
    await follow_artist(town, "star", town.ann)
    await follow_artist(town, "ghost", town.ann)
    await town.album("secret", "star", is_hidden=True)
    await town.album("pale", "ghost")
    await happens(town, AlbumReleased("secret", "star"), AlbumReleased("pale", "ghost"))
    assert await told(town, town.ann) == []


async def test_beyond_the_fan_out_one_broadcast_is_kept_and_handed_over_on_reading(town, monkeypatch):
    monkeypatch.setattr(announcing, "FAN_OUT", 1)
    await town.artist("star", name="Star")
    await follow_artist(town, "star", town.ann, town.bob)
    await town.album("lp", "star", title="Sky")
    await happens(town, AlbumReleased("lp", "star"), AlbumReleased("lp", "star"))
    assert await town.store.notifications.count({}) == 0
    assert await town.store.broadcasts.count({}) == 1
    for user_id in (town.ann, town.bob, town.cat):
        await town.house.notifications.collect(user_id)
    assert [len(await told(town, id)) for id in (town.ann, town.bob, town.cat)] == [1, 1, 0]


async def test_a_thousand_followers_are_written_to_in_four_batches_of_four_commands(town):
    await town.artist("star")
    await town.album("lp", "star")
    edges = [Edge(f"u{n}:star", f"u{n}", "star", town.clock.now()) for n in range(1000)]
    for edge in edges:
        await town.store.followed_artists.insert(edge)
    town.engine.asked.clear()
    await happens(town, AlbumReleased("lp", "star"))
    told = {"notification_choices": 4, "notification_marks": 8, "notifications": 4}
    assert dict(town.engine.asked) == {"albums": 1, "artists": 1, "followed_artists": 1, **told}
    assert await town.store.notifications.count({}) == 1000


def make(rig, **options):
    bus = Bus()
    made = Announcer(
        rig.store, rig.clock, bus, rig.house.accounts.people, rig.house.notifications, lingers_s=0, **options
    )
    return bus, made


async def test_stopping_tells_what_was_heard_and_hears_no_more(town):
    bus, made = make(town)
    await made.stop()
    await made.start()
    await made.start()
    bus.publish(UserFollowed(town.bob, town.ann))
    await made.stop()
    await made.stop()
    assert len(await told(town, town.ann)) == 1
    bus.publish(UserFollowed(town.cat, town.ann))
    assert made._queue.empty()


async def test_a_full_queue_drops_and_says_so_once(town, caplog, log_watch):
    log_watch.expect("falling behind")
    log_watch.expect("dropped without being told")
    bus, made = make(town, queue_limit=2)
    await made.start()
    for name in (town.bob, town.cat, "x", "y"):
        bus.publish(UserFollowed(name, town.ann))
    await made.settled()
    assert [record.message for record in caplog.records] == [
        "notifications are falling behind, events are dropped",
        "events were dropped without being told",
    ]
    assert caplog.records[1].events == 2
    assert len(await told(town, town.ann)) == 2
    await made.stop()


async def test_a_store_that_is_away_for_a_moment_loses_nothing_and_a_bug_stops_nobody(town, monkeypatch, log_watch):
    log_watch.expect("an event could not be told .RuntimeError: bug")
    monkeypatch.setattr(announcing, "_RETRIES_S", (0.0, 0.0))
    bus, made = make(town)
    real, falls = (
        made._people.standing_many,
        [Unavailable("away"), Unavailable("away"), None, RuntimeError("bug"), None],
    )

    async def sometimes(ids):
        fall = falls.pop(0)
        if fall is not None:
            raise fall
        return await real(ids)

    class People:
        standing_many = staticmethod(sometimes)

    made._people = People()
    await made.start()
    for name in (town.bob, "a bug befalls this one", town.cat):
        bus.publish(UserFollowed(name, town.ann))
        await asyncio.wait_for(made.settled(), 5)
    await made.stop()
    assert [message for _, message, *_ in await told(town, town.ann)] == [
        "bob follows you now.",
        "cat follows you now.",
    ]
