"""Asking people into a room by name: they hear of it, come in once, and nobody learns who there is."""

from __future__ import annotations

import pytest

from services.errors import Denied, Invalid, NotFound, TooLarge, Unauthenticated
from services.paging import Slice
from services.rooms.rights import RoomRole
from services.viewer import NOBODY


@pytest.fixture
async def party(music):
    """Ann's room, and Ben, who is not in it."""
    music.ann, music.ben = await music.sign_up("ann"), await music.sign_up("ben")
    music.room = await music.house.rooms.create(music.ann, "Kitchen", None, ["s1"])
    music.asking = music.house.room_invitations
    return music


async def told(party, viewer):
    """What somebody was told of rooms."""
    await party.house.announcer.settled()
    page = await party.house.notifications.listing(viewer, Slice(), unread_only=False, counted=False)
    return [(one.message, one.target_kind, one.target_id) for one in page.items if one.kind == "room_invited"]


async def test_who_is_asked_hears_of_it_and_comes_in_once(party):
    room_id = party.room.id
    with pytest.raises(NotFound):
        await party.asking.join(party.ben, room_id)
    await party.asking.invite(party.ann, room_id, [party.ben.user_id, party.ann.user_id])
    assert await told(party, party.ben) == [("ann asks you into the room Kitchen.", "room", room_id)]
    assert await told(party, party.ann) == []
    with pytest.raises(NotFound):
        await party.house.rooms.read(party.ben, room_id)
    room = await party.asking.join(party.ben, room_id)
    assert [(member.name, member.role) for member in room.members] == [("ann", "host"), ("ben", "member")]
    assert room.invited == []
    await party.house.rooms.leave(party.ben, room_id)
    with pytest.raises(NotFound):
        await party.asking.join(party.ben, room_id)


@pytest.mark.parametrize("end", ["withdrawn", "over", "banned", "closed"])
async def test_an_invitation_that_is_not_good_any_more_opens_nothing(party, end):
    house, room_id, ben = party.house, party.room.id, party.ben
    await party.asking.invite(party.ann, room_id, [ben.user_id], 1)
    match end:
        case "withdrawn":
            await party.asking.take_back(party.ann, room_id, [ben.user_id, "nobody"])
        case "over":
            party.clock.turn(3600)
        case "banned":
            await party.asking.join(ben, room_id)
            await house.room_acts.show_out(party.ann, room_id, ben.user_id, ban=True)
            with pytest.raises(NotFound):
                await party.asking.invite(party.ann, room_id, [ben.user_id])
        case "closed":
            await house.rooms.close(party.ann, room_id)
    with pytest.raises(NotFound):
        await party.asking.join(ben, room_id)


async def test_host_and_cohosts_ask_and_see_who_was_asked_and_nobody_else(party):
    room_id, eve = party.room.id, await party.sign_up("eve")
    await party.asking.invite(party.ann, room_id, [party.ben.user_id])
    await party.asking.join(party.ben, room_id)
    with pytest.raises(Denied):
        await party.asking.invite(party.ben, room_id, [eve.user_id])
    with pytest.raises(NotFound):
        await party.asking.invite(eve, room_id, [party.ben.user_id])
    with pytest.raises(Unauthenticated):
        await party.asking.invite(NOBODY, room_id, [eve.user_id])
    await party.house.room_acts.set_role(party.ann, room_id, party.ben.user_id, RoomRole.COHOST)
    room = await party.asking.invite(party.ben, room_id, [eve.user_id])
    assert [(one.user_id, one.by_id) for one in room.invited] == [(eve.user_id, party.ben.user_id)]
    assert len(await party.asking.shown(party.ann, room)) == 1
    assert await party.asking.shown(eve, room) == []
    with pytest.raises(Denied):
        await party.house.room_acts.set_role(party.ann, room_id, party.ben.user_id, RoomRole.MEMBER)
        await party.asking.take_back(party.ben, room_id, [eve.user_id])


async def test_absent_suspended_and_hidden_people_are_one_answer(party):
    eve, sue = await party.sign_up("eve"), await party.sign_up("sue")
    await party.store.users.update({"_id": eve.user_id}, {"$set": {"profile_visibility": "only_me"}})
    await party.store.users.update({"_id": sue.user_id}, {"$set": {"is_suspended": True}})
    said = set()
    for user_id in (eve.user_id, sue.user_id, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "no id", ""):
        with pytest.raises(NotFound) as refused:
            await party.asking.invite(party.ann, party.room.id, [party.ben.user_id, user_id])
        said.add((refused.value.message, refused.value.field))
    assert len(said) == 1
    assert await told(party, party.ben) == []


async def test_an_invitation_has_bounds(party):
    for user_ids, hours in (([], 1), ([party.ben.user_id], 0), ([party.ben.user_id], 169)):
        with pytest.raises(Invalid):
            await party.asking.invite(party.ann, party.room.id, user_ids, hours)
    with pytest.raises(TooLarge):
        await party.asking.invite(party.ann, party.room.id, [str(number) for number in range(51)])


async def test_who_is_asked_twice_is_told_once_unless_they_want_none_of_it(party):
    for _ in range(2):
        await party.asking.invite(party.ann, party.room.id, [party.ben.user_id])
    assert len(await told(party, party.ben)) == 1
