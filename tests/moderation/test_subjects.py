"""What hiding does to each kind of thing: gone for everybody at once, and back as it was."""

import base64
import io

import pytest
from PIL import Image

from services.accounts.profiles import ProfileEdit
from services.errors import Conflict, Invalid, NotFound
from services.moderation.deciding import Verdict
from services.moderation.policy import Action, ReasonCode, ReportedKind
from services.playlists.making import PlaylistDraft
from services.rooms.reducer import patches_since
from services.viewer import SYSTEM, Role

K, A = ReportedKind, Action


def picture(shade):
    made = io.BytesIO()
    Image.new("RGB", (32, 32), (shade, 90, 40)).save(made, "PNG")
    return base64.b64encode(made.getvalue()).decode()


async def decide(music, moe, kind, id, *actions, by, room_id=None):
    """The case after a report by somebody and a moderator's verdict."""
    case = (await music.house.reports.report(by, kind, id, ReasonCode.HARASSMENT, room_id=room_id)).case
    return await music.house.deciding.decide(moe, case.id, Verdict(actions, ReasonCode.HARASSMENT))


async def restore(music, moe, case):
    await music.house.deciding.decide(moe, case.id, Verdict([A.RESTORE]))


async def cast(music):
    return [await music.sign_up("ann"), await music.sign_up("bob"), await music.sign_up("moe", Role.MODERATOR)]


async def test_a_message_leaves_the_room_of_everybody_and_its_tail(music):
    ann, bob, moe = await cast(music)
    room = await music.house.rooms.create(ann, "Kitchen")
    link = await music.house.room_invites.create(ann, room.id)
    await music.house.room_invites.join(bob, link.token)
    for text in ("Hello", "You fool", "Bye"):
        said = await music.house.room_acts.say(ann, room.id, text)
    foul = said.chat[1]
    with pytest.raises(NotFound):
        await music.house.reports.report(moe, K.ROOM_MESSAGE, foul.id, ReasonCode.HARASSMENT, room_id=room.id)
    case = await decide(music, moe, K.ROOM_MESSAGE, foul.id, A.HIDE, by=bob, room_id=room.id)
    after = await music.house.rooms.read(bob, room.id)
    assert [line.text for line in after.chat] == ["Hello", "Bye"]
    # Who has the room open is told it as a whole: patches only add lines.
    assert patches_since(after, said.epoch, said.rev) is None
    assert "You fool" not in str(await music.store.engine.get("rooms", room.id))
    await restore(music, moe, case)
    assert [line.text for line in (await music.house.rooms.read(bob, room.id)).chat] == ["Hello", "You fool", "Bye"]


async def test_lyrics_go_and_come_back_with_their_times(music):
    _, bob, moe = await cast(music)
    text = "[00:01.00]Once\n[00:02.50]Twice"
    await music.house.lyric_edits.set(SYSTEM, "s1", text)
    before = await music.house.lyrics.of_song(await music.store.songs.get("s1"))
    case = await decide(music, moe, K.LYRICS, "s1", A.HIDE, by=bob)
    assert await music.house.lyrics.of_song(await music.store.songs.get("s1")) is None
    await restore(music, moe, case)
    after = await music.house.lyrics.of_song(await music.store.songs.get("s1"))
    assert [(line.at_ms, line.text) for line in after.lines] == [(line.at_ms, line.text) for line in before.lines]


async def test_a_picture_is_shown_nowhere_and_not_taken_again(music):
    ann, bob, moe = await cast(music)
    await music.house.profiles.update(ann, ProfileEdit(profile_image=picture(10)))
    mix = await music.house.playlist_making.create(ann, PlaylistDraft("Mix", cover_image=picture(10)))
    image = mix.cover_id
    case = await decide(music, moe, K.PROFILE_PICTURE, ann.user_id, A.HIDE, by=bob)
    assert music.house.covers.url(image) is None
    with pytest.raises(NotFound):
        await music.house.covers.open(image)
    with pytest.raises(Invalid):
        await music.house.profiles.update(bob, ProfileEdit(profile_image=picture(10)))
    await music.house.blocked_pictures.look()
    assert image in music.house.blocked_pictures
    await restore(music, moe, case)
    assert music.house.covers.url(image) == f"/covers/{image}"
    gone = await decide(music, moe, K.PLAYLIST_COVER, mix.id, A.REMOVE, by=bob)
    assert music.house.covers.url(image) is None
    with pytest.raises(Conflict):
        await restore(music, moe, gone)


async def test_a_profile_s_words_go_and_only_what_is_still_empty_comes_back(music):
    ann, bob, moe = await cast(music)
    await music.house.profiles.update(ann, ProfileEdit(bio="You fools", first_name="Ann"))
    case = await decide(music, moe, K.USER, ann.user_id, A.HIDE, by=bob)
    user = await music.house.accounts.user(bob, ann.user_id)
    assert (user.bio, user.first_name) == ("", "")
    await music.house.profiles.update(ann, ProfileEdit(first_name="Annie"))
    await restore(music, moe, case)
    user = await music.house.accounts.user(bob, ann.user_id)
    assert (user.bio, user.first_name) == ("You fools", "Annie")


async def test_what_is_removed_is_gone(music):
    ann, bob, moe = await cast(music)
    mix = await music.house.playlist_making.create(ann, PlaylistDraft("Fools"))
    review = await music.house.reviews.add(ann, song_id="s1", rating=1, comment="Fools!")
    await decide(music, moe, K.PLAYLIST, mix.id, A.REMOVE, by=bob)
    await decide(music, moe, K.REVIEW, review.id, A.REMOVE, by=bob)
    assert await music.store.playlists.get(mix.id) is None
    kept = await music.store.reviews.get(review.id)
    assert (kept.comment, kept.is_hidden) == ("", True)
    with pytest.raises(Conflict):
        await music.house.reviews.add(ann, song_id="s1", rating=1, comment="Fools!")


async def test_a_hidden_playlist_leaves_the_index_and_names_no_moderator(music):
    ann, bob, moe = await cast(music)
    mix = await music.house.playlist_making.create(ann, PlaylistDraft("Zebra fools"))
    find = '{ search(query: "zebra") { playlists { name } } }'

    async def found():
        await music.house.indexing.catch_up()
        return [each["name"] for each in (await music.data(find, bob))["search"]["playlists"]]

    assert await found() == ["Zebra fools"]
    case = await decide(music, moe, K.PLAYLIST, mix.id, A.HIDE, by=bob)
    assert await found() == []
    await music.house.announcer.settled()
    told = await music.store.notifications.find({"user_id": ann.user_id})
    assert [one.kind for one in told] == ["moderation_decided"]
    assert "moe" not in told[0].message
    await restore(music, moe, case)
    assert await found() == ["Zebra fools"]
