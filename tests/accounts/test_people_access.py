"""Who may see what of a person: one rule, asked by profiles, lists and sockets alike."""

import pytest

from services.accounts.people_access import ProfileVisibility
from services.errors import NotFound
from services.typed_text import is_id
from services.viewer import NOBODY, Role
from tests.catalogue_rig import small_house

EVERYONE, FOLLOWERS, ONLY_ME = "everyone", "followers", "only_me"


class Town:
    """An owner, somebody who follows them, a stranger, a moderator and an admin."""

    async def settle(self, rig):
        self.rig = rig
        self.owner = await rig.sign_up("owner")
        self.follower = await rig.sign_up("follower")
        self.stranger = await rig.sign_up("stranger")
        self.moderator = await rig.sign_up("warden", Role.MODERATOR)
        self.admin = await rig.sign_up("keeper", Role.ADMIN)
        await rig.following(self.follower.user_id, self.owner.user_id)
        about = {"bio": "Hums.", "country": "DE", "first_name": "O.", "birth_date": "1990-01-01"}
        await self.change(**about)
        self.viewers = (self.owner, self.follower, self.stranger, NOBODY, self.moderator, self.admin)
        return self

    async def change(self, **fields):
        await self.rig.store.users.update({"_id": self.owner.user_id}, {"$set": fields})

    async def record(self):
        return await self.rig.store.users.get(self.owner.user_id)


@pytest.fixture
async def town(tmp_path):
    async with small_house(tmp_path) as rig:
        yield await Town().settle(rig)


@pytest.mark.parametrize(
    ("visibility", "open_to"),
    [
        # owner, follower, stranger, nobody, moderator, admin
        (EVERYONE, (True, True, True, True, True, True)),
        (FOLLOWERS, (True, True, False, False, True, True)),
        (ONLY_ME, (True, False, False, False, True, True)),
    ],
)
async def test_a_profile_is_open_to_whom_its_owner_says(town, visibility, open_to):
    await town.change(profile_visibility=visibility)
    accounts, profiles, id = town.rig.house.accounts, town.rig.house.profiles, town.owner.user_id
    record = await town.record()
    for viewer, is_open in zip(town.viewers, open_to, strict=True):
        seen = await accounts.user(viewer, id)
        shown = (seen.username, seen.bio, seen.country, seen.first_name, seen.profile_visibility)
        assert shown == ("owner", *(("Hums.", "DE", "O.") if is_open else ("", None, "")), visibility)
        assert await profiles.may_see_activity(viewer, record) is is_open
        assert await profiles.may_see_activity(viewer, seen) is is_open, "what is blank does not change the answer"
        assert (seen.email, seen.birth_date) == (
            ("owner@example.com", record.birth_date) if viewer in (town.owner, town.admin) else ("", None)
        )


async def test_somebody_suspended_is_as_absent_as_nobody_but_for_moderators(town):
    await town.change(is_suspended=True)
    record = await town.record()
    for viewer in (town.follower, town.stranger, NOBODY):
        assert not await town.rig.house.profiles.may_see_activity(viewer, record)
        assert await town.rig.house.accounts.find(viewer, username="owner") is None
        assert await town.rig.house.accounts.find(viewer, id=record.id) is None
        refusals = []
        for id in (record.id, "nobody"):
            with pytest.raises(NotFound) as refused:
                await town.rig.house.accounts.user(viewer, id)
            refusals.append((refused.value.message, refused.value.extensions))
        assert refusals[0] == refusals[1]
    assert (await town.rig.house.accounts.find(town.moderator, username="OWNER")).is_suspended


async def test_many_people_cost_one_store_command_more_and_only_when_it_matters(town):
    rig = town.rig
    people = [await rig.sign_up(f"person{number}") for number in range(30)]
    for number, one in enumerate(people):
        visibility = (EVERYONE, FOLLOWERS, ONLY_ME)[number % 3]
        await rig.store.users.update({"_id": one.user_id}, {"$set": {"profile_visibility": visibility}})
        if number < 15:
            await rig.following(town.follower.user_id, one.user_id)
    records = list((await rig.store.users.get_many([one.user_id for one in people])).values())
    rig.engine.asked.clear()
    shows = await rig.house.profiles.whose_activity_shows(town.follower, records)
    assert dict(rig.engine.asked) == {"followed_users": 1}
    wanted = {one.user_id for n, one in enumerate(people) if n % 3 == 0 or (n % 3 == 1 and n < 15)}
    assert shows == wanted
    rig.engine.asked.clear()
    everyone = [record for record in records if record.profile_visibility == EVERYONE]
    assert len(await rig.house.profiles.whose_activity_shows(town.stranger, everyone)) == 10
    assert len(await rig.house.profiles.whose_activity_shows(NOBODY, records)) == 10
    assert dict(rig.engine.asked) == {}
    seen = await rig.house.accounts.users(town.stranger, [record.id for record in records])
    assert len(seen) == 30, "who is closed is still somebody"
    assert dict(rig.engine.asked) == {"users": 1, "followed_users": 1}


async def test_only_followers_hear_what_somebody_plays_and_never_a_private_session(town):
    hear = town.rig.house.now_playing.may_hear

    async def hearers():
        return [viewer for viewer in town.viewers if await hear(viewer, town.owner.user_id)]

    assert await hearers() == [town.owner, town.follower]
    await town.change(profile_visibility=FOLLOWERS)
    assert await hearers() == [town.owner, town.follower]
    await town.change(profile_visibility=ONLY_ME)
    assert await hearers() == [town.owner]
    await town.change(profile_visibility=EVERYONE, **{"preferences.private_session": True})
    assert await hearers() == [town.owner]
    await town.change(**{"preferences.private_session": False, "is_suspended": True})
    assert await hearers() == [town.owner]
    await town.change(is_suspended=False)
    await town.rig.store.followed_users.delete({"_id": f"{town.follower.user_id}:{town.owner.user_id}"})
    assert await hearers() == [town.owner]


async def test_unknown_unfollowed_private_and_malformed_listeners_are_one_refusal(town):
    private = await town.rig.sign_up("private_one")
    await town.rig.following(town.stranger.user_id, private.user_id)
    await town.rig.store.users.update({"_id": private.user_id}, {"$set": {"preferences.private_session": True}})
    refusals = set()
    for id in (town.owner.user_id, private.user_id, "nobody", "", "\ud800", "x" * 1000, "nul\0"):
        with pytest.raises(NotFound) as refused:
            await town.rig.house.now_playing.current(town.stranger, id)
        refusals.add((refused.value.message, tuple(refused.value.extensions.items())))
    assert refusals == {("No such listener.", (("code", "NOT_FOUND"),))}


def test_an_id_is_something_a_store_can_be_asked_for():
    assert is_id("01KB") and is_id("x" * 64)
    assert not any(is_id(text) for text in ("", "x" * 65, "\ud800", "a\0", "a\nb"))
    assert [visibility.value for visibility in ProfileVisibility] == [EVERYONE, FOLLOWERS, ONLY_ME]
