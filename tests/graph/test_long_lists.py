"""A list of a hundred costs the same store commands as a list of one: every list of the API, and every list in it.

The lists are read from the schema: a root field without a line here fails the test, and a field of a type is asked for
by being there.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    is_required_argument,
)

from graph.build import build_executor, build_schema
from graph.limits import Limits
from services.discovery.heard_together import KEPT_S
from services.events import CatalogueChanged
from services.viewer import Viewer
from tests.catalogue_rig import Rig, small_house
from tests.graph.crowd import crowd

SCHEMA = build_schema()
assert SCHEMA.query_type is not None
ROOT = SCHEMA.query_type.fields

LISTS = {
    "albums": "first: 100",
    "artists": "first: 100",
    "autocomplete": 'query: "tune", limit: 20',
    "featuredPlaylists": "limit: 100",
    "followedArtists": "first: 100",
    "followedPlaylists": "limit: 100",
    "followedUsers": "first: 100",
    "genres": "limit: 100",
    "likedSongs": "first: 100",
    "listeningHistory": "limit: 100",
    "listeningHistoryConnection": "first: 100",
    "myApiKeys": "",
    "myAppPasswords": "",
    "mySessions": "",
    "myDownloadDevices": "",
    "myDownloads": "first: 100",
    "myPlaylists": "limit: 100",
    "myRadios": "limit: 100",
    "myModeration": "first: 100",
    "myArtistClaims": "first: 100",
    "myReports": "first: 100",
    "myReviews": "first: 100",
    "myRooms": "",
    "devices": "",
    "friendsListening": "",
    "myShareLinks": "first: 100",
    "myTopArtists": "limit: 100",
    "myTopSongs": "limit: 100",
    "newReleases": "limit: 100",
    "notifications": "first: 100",
    "playlistFollowers": 'playlistId: "m0", first: 100',
    "playlistInvites": 'playlistId: "m0"',
    "previewSmartRules": "rules: {totalPlays: {from: 0}}, limit: 100",
    "reviews": 'songId: "s0", first: 100',
    "roomInvites": 'roomId: "r0"',
    "savedAlbums": "first: 100",
    "search": 'query: "tune", types: [SONG, ALBUM, ARTIST, PLAYLIST, USER], limit: 100',
    "searchArtists": 'query: "band", first: 100',
    "searchHistory": "limit: 100",
    "searchSongs": 'query: "tune", first: 100',
    "songs": "first: 100",
    "trendingArtists": "limit: 100",
    "trendingSearches": "limit: 50",
    "trendingCharts": "limit: 100",
}
"""Root fields that answer a list, with the arguments to ask for all of it: asked in a house of one and of a hundred."""

ONE = {
    "myListening": "",
    "album": 'id: "b0"',
    "artist": 'id: "a0"',
    "download": 'id: "o0"',
    "genre": 'id: "p0"',
    "lyrics": 'songId: "s0"',
    "me": "",
    "myTasteProfile": "",
    "playback": 'songId: "s0"',
    "playlist": 'id: "m0"',
    "queue": "",
    "presence": 'userId: "u0"',
    "room": 'id: "r0"',
    "song": 'id: "s0"',
    "user": 'username: "ann"',
}
"""Root fields that answer one thing with lists in it, which are long in the house of a hundred."""

CHOSEN = {
    "moodPlaylist": 'mood: "calm", limit: 99',
    "radio": 'seedArtist: "a0", limit: 99',
    "recommendations": "limit: 99",
    "recommendedSongs": "limit: 99",
    "releaseRadar": "limit: 99",
    "similarArtists": 'artistId: "a0", limit: 99',
    "similarSongs": 'songId: "s0", limit: 99',
}
"""Root fields that choose from the whole house by what people do, within fixed bounds: asked for one row and for a
hundred in one and the same house, as what they look at is decided by the house and not by the rows."""

FIXED = {
    "myIdentities",
    "signInProviders",
    "myStudent",
    "blockedUsers",
    "passwordStrength",
    "mutedUsers",
    "myArtists",
    "myUploads",
    "adminUsers",
    "adminUser",
    "adminHoldings",
    "adminJobs",
    "adminImportFolders",
    "adminErrors",
    "adminSlow",
    "adminStorage",
    "adminHealth",
    "moderationCase",
    "moderationQueue",
    "reportReasons",
    "analytics",
    "artistAnalytics",
    "liveListeners",
    "auditLog",
    "coupons",
    "myEntitlements",
    "myFamily",
    "myFamilyInvitations",
    "artistClaim",
    "artistClaims",
    "studentApplications",
    "tiers",
    "billingEvents",
    "billingHealth",
    "billingPayments",
    "billingPrices",
    "billingSubscriptions",
    "myBilling",
    "previewPlanChange",
    "dailyMix",
    "dailyMixes",
    "discoverWeekly",
    "duplicateSongs",
    "moods",
    "notificationPreferences",
    "songDuplicates",
}
"""Of one length however large the house: thirty songs, six mixes or people, twenty at most; or for the staff
alone, which `ann` is not. Their costs are pinned where they are tested."""

WITHOUT_LISTS = {
    "accountExport",
    "emailChange",
    "parentalLock",
    "analysisProgress",
    "exportPlaylist",
    "secondFactor",
    "sharedThing",
    "transition",
    "unreadNotificationCount",
    "upload",
    "pushKey",
    "userPreferences",
}

ONCE_MORE = {"recommendations": ("genres", "get_many")}
"""The reasons of many songs are of more kinds than that of one: each kind is asked for once."""

BY_HAND = (
    "{ myPlaylists { songs { song { artist { name } album { artist { name } } genres { name } } addedBy { bio } } } }",
    "{ artists(first: 100) { edges { node { albums { songs { title genre { name } } } topSongs { title } } } } }",
    "{ likedSongs(first: 100) { edges { node { isLiked album { isSaved artist { isFollowed } } } } totalCount } }",
    '{ reviews(albumId: "b0", first: 100) { edges { node { isHelpful user { isFollowed playlists { name } } } } } }',
    "{ me { followers(first: 100) { edges { node { followers(first: 5) { edges { node { bio } } } } } } } }",
    "{ notifications(first: 100) { edges { node { actor { followedArtists { name genres { name } } } } } } }",
    "{ trendingCharts { songs { song { artist { name } reviews { user { username } } } } } }",
    "{ listeningHistory(limit: 100) { song { title artist { topSongs(limit: 3) { album { title } } } } } }",
)


def object_of(kind: GraphQLOutputType) -> GraphQLObjectType | GraphQLUnionType | None:
    """What the type is, or a list of; None for scalars and enums."""
    named = get_named_type(kind)
    return named if is_composite_type(named) else None


def may_ask(field: GraphQLField) -> bool:
    """Whether the field can be asked for without knowing anything."""
    return not any(is_required_argument(argument) for argument in field.args.values())


def is_plain(field: GraphQLField) -> bool:
    """Whether the field is read off its record, without any resolver of its own."""
    is_attribute = field.resolve is None or field.resolve.__module__ == "graph.bind"
    return is_attribute and not is_list_type(get_nullable_type(field.type))


def wrapped(kind: GraphQLObjectType | GraphQLUnionType) -> tuple[str, GraphQLObjectType | GraphQLUnionType]:
    """What a page holds, and the way there; anything else is its own."""
    if not kind.name.endswith("Connection"):
        return "%s", kind
    assert isinstance(kind, GraphQLObjectType)
    edge = object_of(kind.fields["edges"].type)
    assert isinstance(edge, GraphQLObjectType)
    node = object_of(edge.fields["node"].type)
    assert node is not None
    return "{ totalCount edges { cursor node %s } }", node


def leaves(kind: GraphQLObjectType | GraphQLUnionType) -> str:
    """Every field of a type that leads nowhere and is more than an attribute: answers about the viewer, say."""
    if isinstance(kind, GraphQLUnionType):
        return "{ __typename " + " ".join(f"... on {each.name} {{ id }}" for each in kind.types) + " }"
    names = [name for name, field in kind.fields.items() if may_ask(field) and object_of(field.type) is None]
    return "{ __typename " + " ".join(name for name in names if not is_plain(kind.fields[name])) + " }"


def ways_on(kind: GraphQLObjectType | GraphQLUnionType) -> list[tuple[str, str, GraphQLObjectType | GraphQLUnionType]]:
    """Each field of a type that leads to other things: its name, the text around what is asked there, their type."""
    found = []
    for name, field in () if isinstance(kind, GraphQLUnionType) else kind.fields.items():
        inner = object_of(field.type)
        if inner is not None and may_ask(field):
            asked = next((f"({rows}: 100)" for rows in ("first", "limit") if rows in field.args), "")
            way, thing = wrapped(inner)
            found.append((name, f"{{ {name}{asked} {way} }}", thing))
    return found


def documents(roots: dict[str, str], *, levels: int = 2, gone: set[tuple[str, ...]] | None = None) -> dict[str, str]:
    """One way each, so that nothing else can lend it what it loads: a root field; a field of what it answers; a field
    of that. Each field of a type is asked for once below a root field and once a level further down, if not `gone`."""
    found: dict[str, str] = {}
    gone = set() if gone is None else gone
    for root, given in roots.items():
        kind = object_of(ROOT[root].type)
        if kind is None:
            continue
        way, thing = wrapped(kind)
        call = f"{{ {root}({given}) {way} }}" if given else f"{{ {root} {way} }}"
        found[root] = call % leaves(thing)
        for name, inner, other in ways_on(thing) if levels else ():
            if (thing.name, name) not in gone:
                gone.add((thing.name, name))
                found[f"{root}.{name}"] = call % (inner % leaves(other))
            for further, innermost, last in ways_on(other) if levels > 1 else ():
                if (other.name, further, "below") not in gone:
                    gone.add((other.name, further, "below"))
                    found[f"{root}.{name}.{further}"] = call % (inner % (innermost % leaves(last)))
    return found


async def cost(rig: Rig, ann: Viewer, document: str) -> tuple[Counter[tuple[str, str]], int]:
    """The store commands, and how long the longest list of the answer is."""
    heard: list[tuple[str, str]] = []
    rig.engine.heard = heard
    data = await rig.data(document, ann)
    rig.engine.heard = None
    return Counter(heard), longest(data)


def longest(value: Any) -> int:
    if isinstance(value, dict):
        return max(map(longest, value.values()), default=0)
    if isinstance(value, list):
        return max(len(value), *map(longest, value)) if value else 0
    return 0


def generous(rig: Rig) -> None:
    """Such documents are refused where people ask; what they cost is what is asked about here."""
    limits = Limits(cost=10**9, tokens=10**6, characters=10**6)
    rig.executor = build_executor(rig.house, limits=limits, timeout_seconds=60)


def told(name: str, one: Counter[tuple[str, str]], many: Counter[tuple[str, str]]) -> str:
    """What differs, empty when nothing does."""
    once_more = ONCE_MORE.get(name.split(".")[0])
    more = {key: (one[key], many[key]) for key in one | many if one[key] != many[key]}
    if once_more is not None and more.get(once_more) == (0, 1):
        del more[once_more]
    return f"{name}: {more}" if more else ""


def forgotten(rig: Rig, document: str) -> str:
    """The document, when nothing is remembered any more of what many are recommended from: both have to read it."""
    rig.house.bus.publish(CatalogueChanged())
    rig.clock.turn(KEPT_S)
    return document


def test_every_root_field_has_a_line():
    lines = [*LISTS, *ONE, *CHOSEN, *FIXED, *WITHOUT_LISTS]
    assert sorted(lines) == sorted(ROOT)
    for name in WITHOUT_LISTS:
        kind = object_of(ROOT[name].type)
        fields = kind.fields.values() if isinstance(kind, GraphQLObjectType) else ()
        assert not is_list_type(ROOT[name].type)
        assert not any(object_of(field.type) for field in fields)


async def test_a_list_of_a_hundred_costs_as_a_list_of_one(tmp_path):
    asked = documents(LISTS) | documents(ONE) | {text: text for text in BY_HAND}
    costs: dict[int, dict[str, Any]] = {}
    for rows in (1, 100):
        async with small_house(tmp_path / str(rows)) as rig:
            ann = await crowd(rig, rows)
            generous(rig)
            costs[rows] = {name: await cost(rig, ann, document) for name, document in asked.items()}
    wrong = [told(name, costs[1][name][0], costs[100][name][0]) for name in asked]
    for root in LISTS:
        few, many = (max(n for name, (_, n) in costs[rows].items() if name.split(".")[0] == root) for rows in (1, 100))
        if not few <= 8 < 20 <= many:
            wrong.append(f"{root}: the lists have {few} and {many} rows")
    wrong = [line for line in wrong if line]
    assert not wrong, "\n".join(wrong)


async def test_what_is_chosen_costs_the_same_however_much_is_asked_for(rig):
    ann = await crowd(rig, 100)
    generous(rig)
    wrong = []
    gone: set[tuple[str, ...]] = set()
    documents(LISTS, gone=gone)
    for name, document in documents(CHOSEN, levels=1, gone=gone).items():
        one, few = await cost(rig, ann, forgotten(rig, document.replace("limit: 99", "limit: 1")))
        many, rows = await cost(rig, ann, forgotten(rig, document))
        wrong.append(told(name, one, many))
        if name == "similarSongs":
            assert (few, rows) == (1, 99)
    wrong = [line for line in wrong if line]
    assert not wrong, "\n".join(wrong)
