"""Editing a profile and preferences, through the graph, as the specification writes it."""

import base64
import io
from datetime import UTC, date, datetime

import pytest
from PIL import Image as Picture

from services.accounts.countries import COUNTRIES
from services.errors import Unauthenticated
from services.events import UserChanged
from services.viewer import NOBODY
from tests.catalogue_rig import PASSWORD, small_house

WHOLE = """{ me { id email username firstName lastName bio profileImage country birthDate profileVisibility isArtist
  isVerified subscriptionType subscriptionStart subscriptionEnd createdAt updatedAt
  preferences { audioQuality explicitContent autoplay language privateSession } } }"""
UPDATE = """mutation ($bio: String, $image: String, $country: String, $first: String, $last: String, $born: Date) {
  updateProfile(bio: $bio, profileImage: $image, country: $country, firstName: $first, lastName: $last,
    birthDate: $born) { user { bio profileImage country firstName lastName birthDate } } }"""


@pytest.fixture
async def house(tmp_path):
    async with small_house(tmp_path) as rig:
        yield rig


def picture():
    held = io.BytesIO()
    Picture.new("RGB", (64, 64), (200, 30, 60)).save(held, "PNG")
    return base64.b64encode(held.getvalue()).decode()


async def test_the_specifications_documents_on_profiles_run_as_written(house):
    viewer = await house.sign_up("musiclover")
    data = await house.data(
        f"""mutation {{ updateProfile(
            bio: "Music enthusiast"
            profileImage: "{picture()}"
            country: "US"
          ) {{ user {{ id bio profileImage }} }} }}""",
        viewer,
    )
    user = data["updateProfile"]["user"]
    assert (user["id"], user["bio"]) == (viewer.user_id, "Music enthusiast")
    assert user["profileImage"].startswith("/covers/")
    house.engine.asked.clear()
    seen = (await house.data('query { user(username: "musiclover") { id username bio profileImage } }'))["user"]
    assert seen == {"id": viewer.user_id, "username": "musiclover", **{k: user[k] for k in ("bio", "profileImage")}}
    assert dict(house.engine.asked) == {"users": 1}
    me = await house.data(
        """query { me { id email username subscriptionType profileImage
             preferences { audioQuality explicitContent autoplay } } }""",
        viewer,
    )
    assert me["me"]["preferences"] == {"audioQuality": "HIGH", "explicitContent": True, "autoplay": True}
    house.engine.asked.clear()
    query = "query { userPreferences { audioQuality explicitContent autoplay language privateSession } }"
    assert (await house.data(query, viewer))["userPreferences"] == {
        "audioQuality": "HIGH",
        "explicitContent": True,
        "autoplay": True,
        "language": "en",
        "privateSession": False,
    }
    assert dict(house.engine.asked) == {"users": 1}
    house.engine.asked.clear()
    changed = await house.data(
        """mutation { updatePreferences(audioQuality: HIGH explicitContent: false autoplay: true) {
             preferences { audioQuality explicitContent } } }""",
        viewer,
    )
    assert changed == {"updatePreferences": {"preferences": {"audioQuality": "HIGH", "explicitContent": False}}}
    assert dict(house.engine.asked) == {"users": 1}


async def test_an_owner_reaches_every_field_and_a_stranger_only_the_public_ones(house):
    viewer, stranger = await house.sign_up("owner"), await house.sign_up("stranger")
    until = datetime(2027, 1, 1, tzinfo=UTC)
    paid = {"subscription_type": "premium", "subscription_start": house.clock.now(), "subscription_end": until}
    await house.store.users.update({"_id": viewer.user_id}, {"$set": paid})
    house.clock.turn(60)
    await house.data(UPDATE, viewer, bio="Hums.", country="de", first="Ö", last="Wner", born="1990-02-28")
    mine = (await house.data(WHOLE, viewer))["me"]
    assert mine == {
        "id": viewer.user_id,
        "email": "owner@example.com",
        "username": "owner",
        "firstName": "Ö",
        "lastName": "Wner",
        "bio": "Hums.",
        "profileImage": None,
        "country": "DE",
        "birthDate": "1990-02-28",
        "profileVisibility": "EVERYONE",
        "isArtist": False,
        "isVerified": True,
        "subscriptionType": "PREMIUM",
        "subscriptionStart": "2026-06-01T12:00:00.000Z",
        "subscriptionEnd": "2027-01-01T00:00:00.000Z",
        "createdAt": "2026-06-01T12:00:00.000Z",
        "updatedAt": "2026-06-01T12:01:00.000Z",
        "preferences": {
            "audioQuality": "HIGH",
            "explicitContent": True,
            "autoplay": True,
            "language": "en",
            "privateSession": False,
        },
    }
    theirs = (await house.data(WHOLE.replace("me {", 'user(username: "owner") {'), stranger))["user"]
    hidden = {"email": None, "birthDate": None, "subscriptionStart": None, "subscriptionEnd": None}
    assert theirs == {**mine, **hidden, "subscriptionType": "FREE", "updatedAt": mine["createdAt"]}


async def test_what_is_left_out_stays_and_what_is_emptied_goes(house):
    viewer = await house.sign_up("owner")
    full = {"bio": "One.\r\nTwo.\tThree.", "image": picture(), "country": "uk", "first": " A ", "last": "B"}
    user = (await house.data(UPDATE, viewer, **full, born="2000-01-01"))["updateProfile"]["user"]
    assert (user["bio"], user["country"], user["firstName"]) == ("One.\nTwo. Three.", "GB", "A")
    again = await house.data('mutation { updateProfile(lastName: "C") { user { bio lastName birthDate } } }', viewer)
    assert again["updateProfile"]["user"] == {"bio": user["bio"], "lastName": "C", "birthDate": "2000-01-01"}
    house.engine.asked.clear()
    nothing = await house.data("mutation { updateProfile { user { bio } } }", viewer)
    assert nothing["updateProfile"]["user"]["bio"] == user["bio"]
    assert dict(house.engine.asked) == {"users": 1}
    emptied = await house.data(UPDATE, viewer, bio=None, image="", country="", first=None, last="", born=None)
    assert emptied["updateProfile"]["user"] == {
        "bio": "",
        "profileImage": None,
        "country": None,
        "firstName": "",
        "lastName": "",
        "birthDate": None,
    }


@pytest.mark.parametrize(
    ("argument", "value", "field"),
    [
        ("bio", "x" * 1001, "bio"),
        ("bio", "x" * 10_000_000, "bio"),
        ("bio", "nul\0", "bio"),
        ("bio", "half \ud800", "bio"),
        ("bio", "turned \u202e around", "bio"),
        ("first", "x" * 101, "firstName"),
        ("last", "two\nlines", "lastName"),
        ("country", "Germany", "country"),
        ("country", "DEU", "country"),
        ("country", "ZZ", "country"),
        ("country", "\ud800D", "country"),
        ("born", "1900-12-31", "birthDate"),
        ("born", "2026-06-02", "birthDate"),
        ("image", "base64_image_data", "profileImage"),
        ("image", base64.b64encode(b"no picture").decode(), "profileImage"),
        ("image", "\ud800", "profileImage"),
    ],
)
async def test_a_part_that_is_refused_is_named_and_nothing_is_written(house, argument, value, field):
    viewer = await house.sign_up("owner")
    before = await house.store.users.get(viewer.user_id)
    given = {"bio": "New.", "country": "FR", argument: value}
    [refusal] = await house.errors(UPDATE, viewer, **given)
    assert refusal == {"code": "INVALID", "field": field}
    assert await house.store.users.get(viewer.user_id) == before
    assert await house.store.images.count({}) == 0


async def test_the_edges_of_what_is_allowed_are_allowed(house):
    viewer = await house.sign_up("owner")
    for given in ({"bio": "x" * 1000}, {"first": "y" * 100}, {"born": "1901-01-01"}, {"born": "2026-06-01"}):
        await house.data(UPDATE, viewer, **given)
    assert (await house.store.users.get(viewer.user_id)).birth_date == date(2026, 6, 1)
    await house.data(UPDATE, viewer, bio="right\u200f to left is a language")
    picture_url = f"data:image/png;base64,{picture()}"
    assert (await house.data(UPDATE, viewer, image=picture_url))["updateProfile"]["user"]["profileImage"]


async def test_a_profile_is_closed_and_opened_by_its_owner(house):
    viewer, stranger = await house.sign_up("owner"), await house.sign_up("stranger")
    closing = "mutation ($v: ProfileVisibility) { updateProfile(profileVisibility: $v) { user { profileVisibility } } }"
    query = '{ user(username: "owner") { username bio country profileVisibility createdAt } }'
    await house.data(UPDATE, viewer, bio="Hums.", country="DE")
    for visibility, bio in (("FOLLOWERS", ""), ("ONLY_ME", ""), (None, "Hums.")):
        done = await house.data(closing, viewer, v=visibility)
        assert done["updateProfile"]["user"]["profileVisibility"] == (visibility or "EVERYONE")
        assert (await house.data(query, stranger))["user"]["bio"] == bio


@pytest.mark.parametrize("asked", ["", 'username: "owner", id: "x"', "username: null, id: null"])
async def test_a_user_is_asked_for_by_exactly_one_of_two(house, asked):
    query = f"{{ user({asked}) {{ id }} }}" if asked else "{ user { id } }"
    assert await house.errors(query) == [{"code": "INVALID", "field": "username"}]


@pytest.mark.parametrize("name", ["nobody_here", "", "x" * 5000, "nul\0"])
async def test_nobody_is_null_by_name_and_by_id(house, name):
    assert await house.data("query ($n: String) { user(username: $n) { id } }", n=name) == {"user": None}
    assert await house.data("query ($n: ID) { user(id: $n) { id } }", n=name) == {"user": None}


async def test_preferences_change_one_by_one_and_null_changes_nothing(house):
    viewer = await house.sign_up("owner")
    update = """mutation ($l: String, $p: Boolean, $q: AudioQuality) { updatePreferences(language: $l,
      privateSession: $p, audioQuality: $q) { preferences { language privateSession audioQuality autoplay } } }"""
    told = []
    house.house.bus.hear(UserChanged, told.append)
    changed = (await house.data(update, viewer, l="PT_br", p=True))["updatePreferences"]["preferences"]
    assert changed == {"language": "pt-BR", "privateSession": True, "audioQuality": "HIGH", "autoplay": True}
    changed = (await house.data(update, viewer, l=None, q="LOSSLESS"))["updatePreferences"]["preferences"]
    assert changed == {"language": "pt-BR", "privateSession": True, "audioQuality": "LOSSLESS", "autoplay": True}
    assert told == [UserChanged(viewer.user_id)] * 2
    for language in ("", "english", "e", "de--AT", "x" * 100, "d\0", "\ud800", "日本"):
        assert await house.errors(update, viewer, l=language) == [{"code": "INVALID", "field": "language"}]
    assert len(told) == 2


async def test_a_change_holds_for_the_next_request_with_the_same_token(house):
    signed_in = await house.sign_in("owner")
    accounts = house.house.accounts
    viewer = await accounts.viewer_for(signed_in.token)
    assert viewer.explicit_content
    house.engine.asked.clear()
    assert (await accounts.viewer_for(signed_in.token)).explicit_content
    assert dict(house.engine.asked) == {}, "remembered"
    await house.data("mutation { updatePreferences(explicitContent: false) { preferences { autoplay } } }", viewer)
    assert not (await accounts.viewer_for(signed_in.token)).explicit_content
    other = await accounts.signing_in.log_in(NOBODY, email="owner", password=PASSWORD)
    assert not (await accounts.viewer_for(other.token)).explicit_content


async def test_beginning_a_private_session_stops_the_song_for_those_who_hear_it(house):
    viewer, friend = await house.sign_up("owner"), await house.sign_up("friend")
    await house.following(friend.user_id, viewer.user_id)
    await house.house.now_playing.report(viewer, "s1")
    assert (await house.house.now_playing.current(friend, viewer.user_id)).song_id == "s1"
    switch = "mutation ($p: Boolean) { updatePreferences(privateSession: $p) { preferences { privateSession } } }"
    await house.data(switch, viewer, p=True)
    await house.data(switch, viewer, p=False)
    assert await house.house.now_playing.current(friend, viewer.user_id) is None


async def test_somebody_suspended_meanwhile_edits_nothing(house):
    viewer = await house.sign_up("owner")
    await house.store.users.update({"_id": viewer.user_id}, {"$set": {"is_suspended": True}})
    before = await house.store.users.get(viewer.user_id)
    assert (await house.errors(UPDATE, viewer, bio="Hi."))[0]["code"] == "TOKEN_INVALID"
    mutation = "mutation { updatePreferences(autoplay: false) { preferences { autoplay } } }"
    assert (await house.errors(mutation, viewer))[0]["code"] == "TOKEN_INVALID"
    with pytest.raises(Unauthenticated):
        await house.house.preferences.of(viewer)
    assert await house.store.users.get(viewer.user_id) == before


def test_the_countries_are_those_of_iso_3166_and_kosovo():
    assert len(COUNTRIES) == 250
    assert all(len(code) == 2 and code.isascii() and code.isupper() for code in COUNTRIES)
