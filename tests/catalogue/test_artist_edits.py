"""Making and rewriting artists through the API: the specification's document, rights, bounds, and what is left."""

import asyncio
import base64

import pytest

from services.events import CatalogueChanged
from services.viewer import NOBODY, Role, Viewer
from tests.pictures.canvas import corners, saved

ADMIN = Viewer("admin", frozenset({Role.ADMIN}))
MODERATOR = Viewer("mod", frozenset({Role.MODERATOR}))
OWNER = Viewer("owner", frozenset({Role.ARTIST}))
OTHER = Viewer("other", frozenset({Role.ARTIST}))
LISTENER = Viewer("listener")

PICTURE = base64.b64encode(saved(corners(), "PNG")).decode()
SPECIFIED = """mutation {
  createArtist(
    name: "New Band"
    bio: "Rock band from NYC"
    profileImage: "%s"
    genres: ["rock", "alternative"]
  ) {
    artist {
      id
      name
      slug
    }
  }
}"""
FIELDS = """id name sortName slug bio profileImage coverImage country website isHidden verified
  genres { name } socialLinks { website spotify instagram twitter }"""
UPDATE = """mutation ($id: ID!, $name: String, $bio: String, $country: String, $website: String, $genres: [String!],
  $links: SocialLinksInput, $profileImage: String) {
  updateArtist(artistId: $id, name: $name, bio: $bio, country: $country, website: $website, genres: $genres,
    socialLinks: $links, profileImage: $profileImage) { artist { FIELDS } } }""".replace("FIELDS", FIELDS)


async def make(rig, viewer=OWNER, **words):
    return await rig.house.artist_edits.create(viewer, **{"name": "New Band", **words})


@pytest.mark.parametrize("viewer", [ADMIN, OWNER])
async def test_the_specifications_document_makes_an_artist_whom_everybody_sees(rig, viewer):
    rig.engine.asked.clear()
    made = (await rig.data(SPECIFIED % PICTURE, viewer))["createArtist"]["artist"]
    commands = +rig.engine.asked
    assert (made["name"], made["slug"]) == ("New Band", "new-band")
    seen = (await rig.data(f'{{ artist(slug: "new-band") {{ {FIELDS} }} }}'))["artist"]
    assert seen["bio"] == "Rock band from NYC"
    assert [genre["name"] for genre in seen["genres"]] == ["rock", "alternative"]
    assert seen["profileImage"].startswith("/covers/")
    artist = await rig.store.artists.get(made["id"])
    assert artist.owner_id == (None if viewer is ADMIN else "owner")
    assert artist.identity_key == ("name:new band" if viewer is ADMIN else f"made:{artist.id}")
    # Genres: what is known, the importer's two looks, two for slugs, the insert. Artists: two for slugs, the insert;
    # for an owner the count.
    assert commands == {"genres": 6, "images": 1, "artists": 3 if viewer is ADMIN else 4}


async def test_the_specifications_placeholder_is_no_picture(rig):
    answer = await rig.ask(SPECIFIED % "base64_data", OWNER)
    assert answer["errors"][0]["extensions"] == {"code": "INVALID", "field": "profileImage"}
    assert answer["data"] == {"createArtist": None}
    assert await rig.store.artists.count({}) == 0


async def test_two_may_have_one_name_and_an_import_meets_the_admins(rig):
    slugs = [(await make(rig, viewer)).slug for viewer in (OWNER, ADMIN, ADMIN, OTHER)]
    assert slugs == ["new-band", "new-band-2", "new-band-3", "new-band-4"]
    found = await rig.store.artists.find({"identity_key": "name:new band"}, limit=5)
    assert [(artist.slug, artist.owner_id) for artist in found] == [("new-band-2", None)]


async def test_known_genres_are_met_by_name_slug_or_id_however_they_are_spelt(rig):
    rock = await rig.genre("rock", name="Rock", name_key="rock")
    await rig.genre("01ID", name="Hip Hop", name_key="hip hop", slug="hip-hop")
    artist = await make(rig, genres=["ROCK", "hip-hop", "01ID", "Hip Hop", "Nu  Jazz"])
    assert artist.genre_ids[:2] == [rock.id, "01ID"]
    assert len(artist.genre_ids) == 3
    assert sorted(genre.name for genre in await rig.store.genres.find({})) == ["Hip Hop", "Nu Jazz", "Rock"]


@pytest.mark.parametrize(("viewer", "code"), [(NOBODY, "UNAUTHENTICATED"), (LISTENER, "DENIED"), (MODERATOR, "DENIED")])
async def test_who_may_not_make_artists(rig, viewer, code):
    assert [each["code"] for each in await rig.errors(SPECIFIED % PICTURE, viewer)] == [code]
    assert await rig.store.artists.count({}) == 0


BAD_WORDS = [
    ("name", ""), ("name", "   "), ("name", "x" * 201), ("name", "a\x00b"), ("name", "a\nb"), ("name", "\ud800"),
    ("name", "‮abc"), ("name", "​"), ("bio", "x" * 5001), ("bio", "a\x00"), ("bio", "‮"), ("country", "Germany"),
    ("country", "D1"), ("website", "javascript:alert(1)"), ("website", "https://"), ("website", "ftp://a.example"),
    ("website", "https://a.example/" + "x" * 500), ("website", "https://u:p@a.example"), ("website", "https://a:99999/"),
    ("genres", ["x" * 51]), ("genres", [""]), ("genres", [str(n) for n in range(11)]), ("profileImage", "base64_data"),
    ("profileImage", ""),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), BAD_WORDS)
async def test_words_out_of_bounds_are_refused_by_name_and_change_nothing(rig, field, value):
    artist = await make(rig, genres=["rock"])
    (refusal,) = await rig.errors(UPDATE, OWNER, id=artist.id, **{field: value})
    assert refusal == {"code": "INVALID", "field": field}
    assert await rig.store.artists.get(artist.id) == artist
    assert await rig.store.genres.count({}) == 1


async def test_what_is_given_changes_and_null_takes_away(rig):
    artist = await make(rig, bio="Old")
    links = {"spotify": "https://s.example/a", "instagram": "https://i.example/a"}
    seen = (await rig.data(UPDATE, OWNER, id=artist.id, name="The Band", bio="one\r\ntwo", country="de",
                           website="https://b.example", genres=["Jazz"],
                           links=links, profileImage=PICTURE))  # fmt: skip
    seen = seen["updateArtist"]["artist"]
    assert (seen["name"], seen["sortName"], seen["slug"]) == ("The Band", "Band, The", "the-band")
    assert (seen["bio"], seen["country"], seen["website"]) == ("one\ntwo", "DE", "https://b.example")
    assert seen["socialLinks"] == {"website": "https://b.example", "twitter": None, **links}
    assert seen["profileImage"].startswith("/covers/")
    fewer = """mutation ($id: ID!) { updateArtist(artistId: $id, bio: null, profileImage: null, website: null,
      socialLinks: { spotify: null, twitter: "https://t.example/a" }) { artist { FIELDS } } }""".replace(
        "FIELDS", FIELDS
    )
    seen = (await rig.data(fewer, OWNER, id=artist.id))["updateArtist"]["artist"]
    assert (seen["bio"], seen["profileImage"], seen["name"]) == ("", None, "The Band")
    assert seen["socialLinks"] == {
        "website": None,
        "spotify": None,
        "instagram": "https://i.example/a",
        "twitter": "https://t.example/a",
    }
    for slug in ("new-band", "the-band"):
        assert (await rig.data(f'{{ artist(slug: "{slug}") {{ id }} }}'))["artist"] == {"id": artist.id}


async def test_absent_invisible_and_foreign_artists(rig):
    artist = await make(rig)
    await rig.artist("ghost", is_hidden=True, owner_id="somebody")
    for id in ("nowhere", "ghost", "", "\x00", "x" * 3000):
        assert await rig.errors(UPDATE, OTHER, id=id, bio="x") == [{"code": "NOT_FOUND", "field": "artistId"}]
    assert await rig.errors(UPDATE, OTHER, id=artist.id, name="") == [{"code": "DENIED"}]
    assert await rig.errors(UPDATE, MODERATOR, id=artist.id, bio="x") == [{"code": "DENIED"}]
    # Ownership sleeps with the role.
    assert await rig.errors(UPDATE, Viewer("owner"), id=artist.id, bio="x") == [{"code": "DENIED"}]
    assert (await rig.data(UPDATE, ADMIN, id=artist.id, bio="x"))["updateArtist"]["artist"]["bio"] == "x"


async def test_an_account_has_a_hundred_artists_at_most(rig, monkeypatch):
    monkeypatch.setattr("services.catalogue.artist_edits.OWNED_ARTISTS_LIMIT", 2)
    for _ in range(2):
        await make(rig)
    assert await rig.errors(SPECIFIED % PICTURE, OWNER) == [{"code": "TOO_MANY"}]
    await make(rig, ADMIN)


async def test_renaming_at_once_gives_each_an_address_of_its_own(rig):
    artists = [await make(rig, name=f"Band {number}") for number in range(4)]
    update = rig.house.artist_edits.update
    renamed = await asyncio.gather(*(update(OWNER, artist.id, name="Same") for artist in artists))
    assert sorted(artist.slug for artist in renamed) == ["same", "same-2", "same-3", "same-4"]
    again = await asyncio.gather(*(update(OWNER, artists[0].id, name=name) for name in ("One", "Two", "Three")))
    last = await rig.store.artists.get(artists[0].id)
    assert last.slug in {artist.slug for artist in again}
    assert {"band-0", *(artist.slug for artist in again)} - {last.slug} <= set(last.old_slugs)


async def test_vouching_is_for_moderators(rig):
    artist = await make(rig)
    verify = (
        "mutation ($id: ID!, $v: Boolean! = true) { verifyArtist(artistId: $id, verified: $v) { artist { verified } } }"
    )
    assert await rig.errors(verify, OWNER, id=artist.id) == [{"code": "DENIED"}]
    assert (await rig.data(verify, MODERATOR, id=artist.id))["verifyArtist"] == {"artist": {"verified": True}}
    assert (await rig.data(verify, ADMIN, id=artist.id, v=False))["verifyArtist"] == {"artist": {"verified": False}}
    assert await rig.errors(verify, ADMIN, id="nowhere") == [{"code": "NOT_FOUND", "field": "artistId"}]


async def test_only_an_artist_without_works_is_removed(rig):
    artist = await make(rig)
    album = await rig.house.album_edits.create(OWNER, artist.id, title="First")
    delete = "mutation ($id: ID!) { deleteArtist(artistId: $id) { success } }"
    assert await rig.errors(delete, OWNER, id=artist.id) == [{"code": "DENIED"}]
    assert await rig.errors(delete, ADMIN, id=artist.id) == [{"code": "CONFLICT", "field": "artistId"}]
    await rig.house.album_edits.delete(OWNER, album.id)
    assert (await rig.data(delete, ADMIN, id=artist.id))["deleteArtist"] == {"success": True}
    assert (await rig.data("query ($id: ID!) { artist(id: $id) { id } }", id=artist.id))["artist"] is None


ADD = """mutation ($id: ID!, $name: String!, $role: String, $join: Date, $leave: Date, $image: String) {
  addArtistMember(artistId: $id, name: $name, role: $role, joinDate: $join, leaveDate: $leave, image: $image) {
    member { id name role image joinDate leaveDate } artist { members { name } } } }"""


async def test_members_come_change_and_go(rig):
    artist = await make(rig)
    added = await rig.data(ADD, OWNER, id=artist.id, name="Ann", role="bass", join="2001-02-03", image=PICTURE)
    member = added["addArtistMember"]["member"]
    assert (member["name"], member["role"], member["joinDate"], member["leaveDate"]) == (
        "Ann",
        "bass",
        "2001-02-03",
        None,
    )
    assert member["image"].startswith("/covers/")
    change = """mutation ($id: ID!, $m: ID!) { updateArtistMember(artistId: $id, memberId: $m, role: null,
      leaveDate: "2010-01-01") { member { name role joinDate leaveDate } } }"""
    changed = (await rig.data(change, OWNER, id=artist.id, m=member["id"]))["updateArtistMember"]["member"]
    assert changed == {"name": "Ann", "role": "", "joinDate": "2001-02-03", "leaveDate": "2010-01-01"}
    remove = """mutation ($id: ID!, $m: ID!) { removeArtistMember(artistId: $id, memberId: $m) {
      success artist { members { name } } } }"""
    gone = (await rig.data(remove, OWNER, id=artist.id, m=member["id"]))["removeArtistMember"]
    assert gone == {"success": True, "artist": {"members": []}}
    for viewer, code, field in ((OWNER, "NOT_FOUND", {"field": "memberId"}), (OTHER, "DENIED", {})):
        assert await rig.errors(remove, viewer, id=artist.id, m=member["id"]) == [{"code": code, **field}]


@pytest.mark.parametrize(
    ("words", "field"),
    [({"name": " "}, "name"), ({"name": "A", "role": "x" * 101}, "role"), ({"name": "A", "image": "nope"}, "image"),
     ({"name": "A", "join": "2010-01-02", "leave": "2010-01-01"}, "leaveDate")],
)  # fmt: skip
async def test_an_impossible_member_is_refused(rig, words, field):
    artist = await make(rig)
    assert await rig.errors(ADD, OWNER, id=artist.id, **words) == [{"code": "INVALID", "field": field}]
    assert (await rig.store.artists.get(artist.id)).members == []


async def test_members_added_at_once_are_all_there_and_a_hundred_at_most(rig):
    artist = await make(rig)
    add = rig.house.member_edits.add
    await asyncio.gather(*(add(OWNER, artist.id, name=f"M{number}") for number in range(6)))
    members = (await rig.store.artists.get(artist.id)).members
    assert sorted(member.name for member in members) == [f"M{number}" for number in range(6)]
    encoded = [{"id": str(number), "name": "x", "role": ""} for number in range(100)]
    await rig.store.artists.update({"_id": artist.id}, {"$set": {"members": encoded}})
    assert await rig.errors(ADD, OWNER, id=artist.id, name="more") == [{"code": "CONFLICT", "field": "artistId"}]


async def test_edits_are_told(rig):
    told = []
    rig.house.bus.hear(CatalogueChanged, lambda event: told.append(event.artist_ids))
    artist = await make(rig)
    await rig.house.artist_edits.update(OWNER, artist.id, bio="x")
    await rig.house.member_edits.add(OWNER, artist.id, name="Ann")
    assert told == [(artist.id,)] * 3
