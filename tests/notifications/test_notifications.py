"""What somebody was told: listed, marked, removed, swept; theirs alone."""

from datetime import timedelta

import pytest

from services.events import Notified
from services.notifications import kinds
from services.notifications.notifications import KEPT
from services.notifications.places import Place, read_place
from services.paging import write_cursor
from services.viewer import NOBODY
from storage.records import Artist, Broadcast, Edge

LIST = """query ($first: Int, $after: String, $unread: Boolean! = false) {
  notifications(first: $first, after: $after, unreadOnly: $unread) {
    edges { node { id title read } cursor } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount } }"""


async def told(rig, viewer, *numbers):
    for number in numbers:
        await rig.house.notifications.tell(kinds.review_hidden(f"r{number}"), [viewer.user_id])
        rig.clock.turn(1)


def titles(connection):
    return [edge["node"]["id"] for edge in connection["edges"]]


async def test_a_page_is_newest_first_and_cursors_stay_right_while_more_come(rig):
    ann = await rig.sign_up("ann")
    await told(rig, ann, *range(5))
    ids = [row.id for row in await rig.store.notifications.find({}, sort=[("_id", -1)])]
    first = (await rig.data(LIST, ann, first=2))["notifications"]
    assert (titles(first), first["totalCount"], first["pageInfo"]["hasNextPage"]) == (ids[:2], 5, True)
    await told(rig, ann, 5)
    second = (await rig.data(LIST, ann, first=3, after=first["pageInfo"]["endCursor"]))["notifications"]
    assert (titles(second), second["totalCount"]) == (ids[2:], 6)
    assert (second["pageInfo"]["hasNextPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)
    skipped = await rig.data("{ notifications(limit: 1, offset: 2) { edges { node { id } } } }", ann)
    assert titles(skipped["notifications"]) == [ids[1]]


async def test_lists_of_a_hundred_cost_as_many_store_commands_as_lists_of_one(rig):
    ann, bob = await rig.sign_up("ann"), await rig.sign_up("bob")
    for number in range(100):
        playlist = kinds.PlaylistTitle(f"p{number}", "Mix")
        user = await rig.store.users.get(bob.user_id)
        await rig.house.notifications.tell(kinds.playlist_invited(user, playlist), [ann.user_id])
    query = """query ($n: Int) { notifications(first: $n) {
      edges { node { id type title message createdAt read readAt actor { username } targetType targetId } }
      totalCount } }"""
    for number in (1, 100):
        rig.engine.asked.clear()
        edges = (await rig.data(query, ann, n=number))["notifications"]["edges"]
        assert len(edges) == number
        assert dict(rig.engine.asked) == {"broadcasts": 1, "notifications": 2, "users": 1}
    node = edges[0]["node"]
    assert {name: node[name] for name in ("type", "title", "message", "read", "actor", "targetType", "targetId")} == {
        "type": "PLAYLIST_INVITED",
        "title": "Invited to a playlist",
        "message": "bob let you into the playlist Mix.",
        "read": False,
        "actor": {"username": "bob"},
        "targetType": "PLAYLIST",
        "targetId": "p99",
    }
    rig.engine.asked.clear()
    assert await rig.data("{ unreadNotificationCount }", ann) == {"unreadNotificationCount": 100}
    assert dict(rig.engine.asked) == {"broadcasts": 1, "notifications": 1}


async def test_marking_one_keeps_when_it_was_read_first(rig):
    ann = await rig.sign_up("ann")
    await told(rig, ann, 1, 2)
    id = (await rig.data(LIST, ann))["notifications"]["edges"][0]["node"]["id"]
    mark = "mutation ($id: ID!) { markNotificationRead(notificationId: $id) { success notification { read readAt } } }"
    rig.engine.asked.clear()
    once = (await rig.data(mark, ann, id=id))["markNotificationRead"]
    assert dict(rig.engine.asked) == {"notifications": 1}
    assert (once["success"], once["notification"]["read"]) == (True, True)
    rig.clock.turn(60)
    assert (await rig.data(mark, ann, id=id))["markNotificationRead"] == once
    assert await rig.data("{ unreadNotificationCount }", ann) == {"unreadNotificationCount": 1}
    unread = (await rig.data(LIST, ann, unread=True))["notifications"]
    assert (len(unread["edges"]), unread["totalCount"]) == (1, 1)
    assert id not in titles(unread)


async def test_marking_all_says_how_many_and_is_nothing_the_second_time(rig):
    ann, bob = await rig.sign_up("ann"), await rig.sign_up("bob")
    await told(rig, ann, 1, 2, 3)
    await told(rig, bob, 1)
    mutation = "mutation { markAllNotificationsRead { success markedCount } }"
    for marked in (3, 0):
        assert (await rig.data(mutation, ann))["markAllNotificationsRead"] == {"success": True, "markedCount": marked}
    assert await rig.data("{ unreadNotificationCount }", bob) == {"unreadNotificationCount": 1}


async def test_another_persons_an_absent_and_a_malformed_one_are_the_same_refusal(rig):
    ann, bob = await rig.sign_up("ann"), await rig.sign_up("bob")
    await told(rig, ann, 1)
    before = await rig.store.notifications.find({})
    for mutation in ("markNotificationRead", "deleteNotification"):
        query = f"mutation ($id: ID!) {{ {mutation}(notificationId: $id) {{ success }} }}"
        for id in (before[0].id, "absent", "", "x" * 10_000, "nul\0"):
            answer = await rig.ask(query, bob, id=id)
            assert [(e["message"], e["extensions"]) for e in answer["errors"]] == [
                ("There is no such notification.", {"code": "NOT_FOUND"})
            ]
    assert await rig.store.notifications.find({}) == before
    assert (await rig.data(LIST, bob))["notifications"]["edges"] == []
    assert await rig.house.notifications.get_many(bob, [before[0].id]) == []


async def test_removing_one_leaves_the_others(rig):
    ann = await rig.sign_up("ann")
    await told(rig, ann, 1, 2)
    ids = titles((await rig.data(LIST, ann))["notifications"])
    mutation = "mutation ($id: ID!) { deleteNotification(notificationId: $id) { success } }"
    assert (await rig.data(mutation, ann, id=ids[0]))["deleteNotification"] == {"success": True}
    assert titles((await rig.data(LIST, ann))["notifications"]) == ids[1:]
    assert await rig.errors(mutation, ann, id=ids[0]) == [{"code": "NOT_FOUND"}]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ("first: 0", "first"),
        ("first: 101", "first"),
        ("limit: -1", "limit"),
        ("offset: 10001", "offset"),
        ('after: "§"', "after"),
        (f'after: "{write_cursor(["short"])}"', "after"),
        (f'after: "{write_cursor([1, "x"])}"', "after"),
    ],
)
async def test_a_page_outside_its_bounds_is_refused_by_name(rig, arguments, field):
    ann = await rig.sign_up("ann")
    assert await rig.errors(f"{{ notifications({arguments}) {{ totalCount }} }}", ann) == [
        {"code": "INVALID", "field": field}
    ]


async def test_the_same_news_is_told_once_and_only_what_is_new_is_published(rig):
    ann, bob = await rig.sign_up("ann"), await rig.sign_up("bob")
    published = []
    rig.house.bus.hear(Notified, published.append)
    news = kinds.review_hidden("r1")
    assert await rig.house.notifications.tell(news, [ann.user_id]) == 1
    assert await rig.house.notifications.tell(news, [ann.user_id, bob.user_id]) == 1
    assert await rig.house.notifications.tell(news, [ann.user_id, bob.user_id]) == 0
    assert [[user_id for user_id, _ in event.notices] for event in published] == [[ann.user_id], [bob.user_id]]


async def test_the_sweep_keeps_everybodys_newest_thousand(rig):
    ann, bob = await rig.sign_up("ann"), await rig.sign_up("bob")
    notifications = rig.house.notifications
    rows = [notifications._telling.made(kinds.review_hidden(f"r{n}"), ann.user_id) for n in range(KEPT + 7)]
    for turn, row in enumerate(rows, 1):
        row.turn, row.slot = turn, f"{ann.user_id}:{turn}"
    await rig.store.notifications.add(rows)
    await told(rig, bob, 1)
    assert await notifications.sweep() == 7
    kept = await rig.store.notifications.find({"user_id": ann.user_id}, sort=[("_id", 1)], limit=2000)
    assert (len(kept), kept[0].key) == (KEPT, "review_hidden:r7")
    assert await notifications.sweep() == 0
    assert await rig.store.notifications.count({"user_id": bob.user_id}) == 1


async def broadcasts(rig, *numbers):
    for number in numbers:
        album = await rig.album(f"b{number}", "star", title=f"Album {number}")
        await rig.house.notifications.broadcast(kinds.album_released(album), "star")
        rig.clock.turn(1)


async def test_a_broadcast_is_handed_over_once_to_those_who_followed_then(rig):
    await rig.artist("star")
    early, late, other = [await rig.sign_up(name) for name in ("early", "late", "other")]
    await rig.store.followed_artists.insert(Edge(f"{early.user_id}:star", early.user_id, "star", rig.clock.now()))
    await broadcasts(rig, 1, 2)
    await rig.store.followed_artists.insert(Edge(f"{late.user_id}:star", late.user_id, "star", rig.clock.now()))
    await broadcasts(rig, 3)
    count = "{ unreadNotificationCount }"
    for viewer, expected in ((early, 3), (late, 1), (other, 0)):
        for _ in range(2):
            assert await rig.data(count, viewer) == {"unreadNotificationCount": expected}
    newest = await rig.store.notifications.find({"user_id": early.user_id}, sort=[("_id", -1)])
    assert [one.target_id for one in newest] == ["b3", "b2", "b1"]
    id = newest[0].id
    await rig.data(f'mutation {{ deleteNotification(notificationId: "{id}") {{ success }} }}', early)
    assert await rig.data(count, early) == {"unreadNotificationCount": 2}, "what was removed does not come back"
    rig.engine.asked.clear()
    await rig.data(count, early)
    assert dict(rig.engine.asked) == {"broadcasts": 1, "notification_marks": 1, "notifications": 1}


async def test_more_broadcasts_than_are_read_at_once_are_all_handed_over(rig):
    ann = await rig.sign_up("ann")
    await rig.store.artists.insert(Artist("star", "s", "s", "s", "s", rig.clock.now(), rig.clock.now()))
    await rig.store.followed_artists.insert(Edge(f"{ann.user_id}:star", ann.user_id, "star", rig.clock.now()))
    for number in range(230):
        now = rig.clock.now()
        made = Broadcast(rig.clock.new_id(), "star", f"k{number}", "album_released", "t", "m", now)
        made.turn, made.slot = number + 1, f"broadcasts:{number + 1}"
        await rig.store.broadcasts.insert(made)
    assert await rig.house.notifications.collect(ann.user_id) == 230
    assert await rig.house.notifications.collect(ann.user_id) == 0
    rig.clock.turn(timedelta(days=31).total_seconds())
    assert await rig.house.notifications.sweep() == 230


async def test_nobody_has_notifications_without_signing_in(rig):
    for query in ("{ notifications { totalCount } }", "{ unreadNotificationCount }"):
        assert await rig.errors(query, NOBODY) == [{"code": "UNAUTHENTICATED"}]


def test_a_place_is_an_id_a_cursor_or_what_was_written():
    id = "01KB0000000000000000000000"
    assert read_place(id) == read_place(write_cursor([id])) == Place(id=id)
    assert read_place("n2.7") == read_place(write_cursor([7])) == Place(7)
    assert read_place(Place(12).written()) == Place(12)
