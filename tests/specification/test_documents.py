"""Every document of the specification runs as printed, with real ids in place of its samples."""

from __future__ import annotations

import asyncio

import pytest

from graph.build import build_schema
from tests.specification import world as worlds
from tests.specification.answers import faults
from tests.specification.documents import Document, blocks, operations, with_real_values
from tests.specification.world import World, furnish, served_world

SCHEMA = build_schema()

MAY_LACK = frozenset({"ListeningHistory.durationPlayed"})
"""How long was listened is unknown for a play that was reported as the specification prints it, without a duration."""


@pytest.fixture
async def world(tmp_path):
    async with served_world(tmp_path / "data") as world:
        await furnish(world)
        yield world


async def settle(world: World) -> None:
    """What periodic jobs do in time, done now; and the search index caught up."""
    house = world.household.house
    # A play is folded once it has lain for a moment, in case another process still writes older ones.
    while await world.household.store.plays.count({"folded": False}, limit=1):
        await house.roll_ups.fold()
        await asyncio.sleep(0.05)
    await house.chart_making.make()
    await house.playlist_mosaics.catch_up()
    await house.listeners.recount()
    await house.indexing.catch_up()


def real_values(world: World):
    """The value for a document's sample, by its root field and argument."""
    ids = world.ids
    by_argument = {
        "songId": "song",
        "albumId": "album",
        "artistId": "artist",
        "seedArtist": "artist",
        "playlistId": "own playlist",
        "sourceId": "own playlist",
        "userId": "friend",
    }
    things = {"artist": "artist", "album": "album", "song": "song", "playlist": "own playlist"}

    def real(root: str, argument: str, printed: str) -> str:
        if argument == "refreshToken":
            return world.tokens["refresh"]
        if argument in ("profileImage", "coverImage"):
            return worlds.picture(len(root))
        if argument == "audioFile":
            return worlds.sound(523)
        if root == "followPlaylist":
            return ids["friend's playlist"]
        if argument == "id":
            return ids[things[root]]
        return ids[by_argument[argument]] if argument in by_argument else printed

    return real


async def prepare(world: World, document: Document) -> None:
    """What has to be there first, once the person of the specification has signed in."""
    if document.root == "me":
        for mutation in (
            f'followArtist(artistId: "{world.ids["artist"]}") {{ success }}',
            f'likeSong(songId: "{world.ids["second"]}") {{ success }}',
            f'playSong(songId: "{world.ids["song"]}", source: SEARCH, msPlayed: 2000, completed: true) {{ success }}',
        ):
            await world.get("musiclover", f"mutation {{ {mutation} }}")
        made = await world.get(
            "musiclover", 'mutation { createPlaylist(name: "Mine", isPublic: true) { playlist { id } } }'
        )
        world.ids["own playlist"] = made["playlist"]["id"]
        for song in ("third", "song"):
            add = f'addSongToPlaylist(playlistId: "{made["playlist"]["id"]}", songId: "{world.ids[song]}")'
            await world.get("musiclover", f"mutation {{ {add} {{ playlistSong {{ position }} }} }}")
        await settle(world)


STAFF = {"createArtist", "uploadSong"}


async def ask(world: World, document: Document, text: str):
    """The answer's data, and who is signed in from now on."""
    if document.kind == "subscription":
        return await listen(world, document, text)
    token = world.tokens.get("boss" if document.root in STAFF else "musiclover")
    answer = await world.post({"query": text}, token)
    data = answer.get("data")
    if data and document.root in ("register", "login", "refreshToken"):
        found = data[document.root]
        world.tokens["musiclover"], world.tokens["refresh"] = found["token"], found["refreshToken"]
    return answer


async def listen(world: World, document: Document, text: str):
    """The first thing a subscription tells after something has happened."""
    async with world.subscribed("musiclover", text) as told:
        if document.root == "notifications":
            me = await world.get("musiclover", "{ me { id } }")
            await world.get("neighbour", "mutation($id: ID!) { followUser(userId: $id) { success } }", id=me["id"])
        else:
            play = "mutation($id: ID!) { playSong(songId: $id) { success } }"
            await world.get("friend", play, id=world.ids["song"])
        async with asyncio.timeout(10):
            message = await told.get()
    return message["payload"] if message["type"] == "next" else {"errors": message}


async def test_every_document_runs_as_printed_and_answers_every_field(world):
    wrong: list[str] = []
    documents = operations()
    assert len(documents) == 50
    for document in documents:
        await prepare(world, document)
        text = with_real_values(document, real_values(world))
        answer = await ask(world, document, text)
        if answer.get("errors"):
            wrong.append(f"{document}: {answer['errors']}")
            continue
        wrong += [f"{document}: {fault}" for fault in faults(SCHEMA, text, answer["data"], MAY_LACK)]
    assert not wrong, "\n".join(wrong)


def test_no_block_of_the_specification_is_left_out():
    printed = sum(
        line.split("(")[0].split(" ")[0] in ("query", "mutation", "subscription")
        for block in blocks("graphql")
        for line in block.splitlines()
    )
    assert printed == len(operations())
