"""Following artists and people: counts, lists, who may see them, and what is told."""

import asyncio

import pytest

from services.errors import Invalid, NotFound
from services.events import UserFollowed
from services.interactions.edges import Wanted
from services.paging import Slice
from services.viewer import NOBODY, Role

FOLLOW_ARTIST = """mutation ($id: ID!) { followArtist(artistId: $id) { success artist { id followersCount } } }"""
FOLLOW_USER = "mutation ($id: ID!) { followUser(userId: $id) { success user { id followerCount } } }"
PEOPLE = """query ($first: Int, $after: String) { me {
  followers(first: $first, after: $after) {
    edges { node { username email } createdAt } totalCount pageInfo { hasNextPage endCursor } }
  followedUsers { edges { node { username } } totalCount } } }"""


async def test_following_an_artist_is_answered_as_the_specification_asks(music, client):
    token = (await music.sign_in("listener")).token
    await client.ask("{ me { id } }", token)
    music.engine.asked.clear()
    followed = await client.ask(FOLLOW_ARTIST, token, id="anna")
    assert followed == {"data": {"followArtist": {"success": True, "artist": {"id": "anna", "followersCount": 1}}}}
    assert music.engine.asked == {"artists": 2, "followed_artists": 1}
    music.engine.asked.clear()
    query = """{ me { followedArtists { id name } followedArtistsCount followerCount } }"""
    assert (await client.ask(query, token))["data"]["me"] == {
        "followedArtists": [{"id": "anna", "name": "Anna"}],
        "followedArtistsCount": 1,
        "followerCount": 0,
    }
    assert music.engine.asked == {"users": 1, "followed_artists": 2, "artists": 1}
    unfollow = 'mutation { unfollowArtist(artistId: "anna") { success } }'
    for _ in range(2):
        assert await client.ask(unfollow, token) == {"data": {"unfollowArtist": {"success": True}}}
    assert (await music.store.artists.get("anna")).follower_count == 0
    query = '{ artist(id: "anna") { isFollowed followersCount } }'
    assert (await client.ask(query, token))["data"]["artist"] == {"isFollowed": False, "followersCount": 0}


async def test_following_somebody_is_answered_as_the_specification_asks(music, client):
    token, friend = (await music.sign_in("listener")).token, await music.sign_up("friend")
    me = await music.house.accounts.viewer_for(token)
    heard = []
    music.house.bus.hear(UserFollowed, heard.append)
    for _ in range(2):
        followed = await client.ask(FOLLOW_USER, token, id=friend.user_id)
        assert followed["data"]["followUser"] == {"success": True, "user": {"id": friend.user_id, "followerCount": 1}}
    assert heard == [UserFollowed(me.user_id, friend.user_id)]
    unfollow = "mutation ($id: ID!) { unfollowUser(userId: $id) { success user { followerCount isFollowed } } }"
    for _ in range(2):
        assert (await client.ask(unfollow, token, id=friend.user_id))["data"]["unfollowUser"] == {
            "success": True,
            "user": {"followerCount": 0, "isFollowed": False},
        }
    assert len(heard) == 1


async def test_what_is_answered_of_somebody_followed_keeps_their_secrets(music):
    me, friend = await music.sign_up("listener"), await music.sign_up("friend")
    followed = await music.house.follows.follow_user(me, friend.user_id)
    assert (followed.follower_count, followed.email, followed.password_hash) == (1, "", "")


async def test_following_somebody_costs_three_commands(music):
    me, friend = await music.sign_up("listener"), await music.sign_up("friend")
    await music.house.announcer.stop()  # What it asks to tell of the follow is not counted here.
    music.engine.asked.clear()
    await music.data(FOLLOW_USER, me, id=friend.user_id)
    assert music.engine.asked == {"users": 2, "followed_users": 1}


async def test_nobody_follows_themselves_the_suspended_or_the_absent(music):
    me, bad = await music.sign_up("listener"), await music.sign_up("bad")
    moderator = await music.sign_up("warden", Role.MODERATOR)
    await music.store.users.update({"_id": bad.user_id}, {"$set": {"is_suspended": True}})
    with pytest.raises(Invalid) as refused:
        await music.house.follows.follow_user(me, me.user_id)
    assert refused.value.field == "userId"
    for viewer in (me, moderator):
        for id in (bad.user_id, "nowhere", "", "\x00", "\ud800", "x" * 1000):
            with pytest.raises(NotFound, match="There is no such user"):
                await music.house.follows.follow_user(viewer, id)
    for id in ("ghost", "nowhere", "\ud800", ""):
        with pytest.raises(NotFound, match="There is no such artist"):
            await music.house.follows.follow_artist(me, id)
        await music.house.follows.unfollow_artist(me, id)
        await music.house.follows.unfollow_user(me, id)
    assert await music.store.followed_users.count({}) == 0
    assert await music.store.followed_artists.count({}) == 0
    assert (await music.store.users.get(bad.user_id)).follower_count == 0


async def test_followers_come_latest_first_without_the_suspended(music):
    me = await music.sign_up("listener")
    people = [await music.sign_up(name) for name in ("one", "two", "three")]
    for person in people:
        await music.house.follows.follow_user(person, me.user_id)
        music.clock.turn(1)
    await music.house.follows.follow_user(me, people[0].user_id)
    await music.store.users.update({"_id": people[1].user_id}, {"$set": {"is_suspended": True}})
    await music.house.announcer.settled()
    music.engine.asked.clear()
    shown = (await music.data(PEOPLE, me, first=2))["me"]
    assert [edge["node"] for edge in shown["followers"]["edges"]] == [{"username": "three", "email": None}]
    assert (shown["followers"]["totalCount"], shown["followers"]["pageInfo"]["hasNextPage"]) == (3, True)
    assert shown["followedUsers"] == {"edges": [{"node": {"username": "one"}}], "totalCount": 1}
    # Me, and once for each of the two lists: its edges, its people, its length.
    assert music.engine.asked == {"users": 3, "followed_users": 4}
    rest = (await music.data(PEOPLE, me, first=2, after=shown["followers"]["pageInfo"]["endCursor"]))["me"]
    assert [edge["node"]["username"] for edge in rest["followers"]["edges"]] == ["one"]


async def test_others_see_whom_somebody_follows_unless_they_are_suspended(music):
    me, other = await music.sign_up("listener"), await music.sign_up("other")
    moderator = await music.sign_up("warden", Role.MODERATOR)
    await music.house.follows.follow_artist(other, "anna")
    music.clock.turn(1)
    await music.house.follows.follow_artist(other, "bert")
    await music.house.follows.follow_user(me, other.user_id)
    query = """{ followedUsers { edges { node { username followedArtistsCount followedUsersCount isFollowed
      followedArtists(limit: 1) { id } followers { edges { node { username } } totalCount } } } } }"""
    [edge] = (await music.data(query, me))["followedUsers"]["edges"]
    assert edge["node"] == {
        "username": "other",
        "followedArtistsCount": 2,
        "followedUsersCount": 0,
        "isFollowed": True,
        "followedArtists": [{"id": "bert"}],
        "followers": {"edges": [{"node": {"username": "listener"}}], "totalCount": 1},
    }
    await music.store.users.update({"_id": other.user_id}, {"$set": {"is_suspended": True}})
    assert (await music.data(query, me))["followedUsers"]["edges"] == []
    assert await music.house.follows.artist_counts(NOBODY, [other.user_id, "nowhere", "\ud800"]) == {}
    assert await music.house.follows.artist_counts(moderator, [other.user_id]) == {other.user_id: 2}


async def test_a_closed_profile_shows_its_follows_to_those_it_is_open_to(music):
    me, other = await music.sign_up("listener"), await music.sign_up("other")
    await music.store.users.update(
        {"_id": other.user_id}, {"$set": {"profile_visibility": "followers", "first_name": "Olga"}}
    )
    await music.house.follows.follow_artist(other, "anna")
    wanted = Wanted(other.user_id, Slice())
    follows = music.house.follows
    assert await follows.artist_counts(me, [other.user_id]) == {}
    assert (await follows.followed_artists(me, [wanted]))[wanted].items == []
    # Following opens it at once, in the answer too.
    assert (await follows.follow_user(me, other.user_id)).first_name == "Olga"
    assert await follows.artist_counts(me, [other.user_id]) == {other.user_id: 1}
    assert [artist.id for artist in (await follows.followed_artists(me, [wanted]))[wanted].items] == ["anna"]
    assert (await follows.followers(NOBODY, [wanted]))[wanted].items == []
    await music.store.users.update({"_id": other.user_id}, {"$set": {"profile_visibility": "only_me"}})
    assert await follows.artist_counts(me, [other.user_id]) == {}
    assert await follows.artist_counts(other, [other.user_id]) == {other.user_id: 1}


@pytest.mark.parametrize("people", [2, 40])
async def test_the_follows_of_many_people_cost_the_commands_of_few(music, people):
    me = await music.sign_up("listener")
    for number in range(people):
        user = await music.store.users.get(me.user_id)
        user.id = user.email_key = user.username_key = f"p{number}"
        await music.store.users.insert(user)
        await music.store.engine.insert(
            "followed_artists",
            {"_id": f"p{number}:anna", "user_id": f"p{number}", "target_id": "anna", "created_at": music.clock.now()},
        )
        await music.house.follows.follow_user(me, f"p{number}")
    await music.house.announcer.settled()
    music.engine.asked.clear()
    query = """{ followedUsers(first: 100) { totalCount edges { node { isFollowed followedArtistsCount
      followedArtists { id } followers(first: 5) { totalCount edges { node { id } } } } } } }"""
    shown = (await music.data(query, me))["followedUsers"]
    assert shown["totalCount"] == people
    assert all(
        edge["node"]
        == {
            "isFollowed": True,
            "followedArtistsCount": 1,
            "followedArtists": [{"id": "anna"}],
            "followers": {"totalCount": 1, "edges": [{"node": {"id": me.user_id}}]},
        }
        for edge in shown["edges"]
    )
    assert music.engine.asked == {"users": 5, "followed_users": 5, "followed_artists": 2, "artists": 1}


async def test_fifty_followers_at_once_are_fifty(music):
    me = await music.sign_up("listener")
    follow = music.house.follows.user_edges.add
    await asyncio.gather(*(follow(f"u{number % 50}", me.user_id) for number in range(100)))
    assert (await music.store.users.get(me.user_id)).follower_count == 50


async def test_followed_artists_are_bounded_and_refused_by_name(music):
    me = await music.sign_up("listener")
    for arguments, field in [("limit: 0", "limit"), ("limit: 101", "limit"), ("offset: -1", "offset")]:
        errors = await music.errors(f"{{ me {{ followedArtists({arguments}) {{ id }} }} }}", me)
        assert errors == [{"code": "INVALID", "field": field}]
    for cursor in ("nonsense", "W3sidCI6IjIwMjAtMDEtMDEifSwieCJd", "WzEsMl0"):
        errors = await music.errors(f'{{ followedArtists(after: "{cursor}") {{ totalCount }} }}', me)
        assert errors == [{"code": "INVALID", "field": "after"}]
