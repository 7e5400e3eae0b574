"""How the documents of the specification are run: what has to be there first, real values for samples, who asks.

Owns what one document leaves for the next. Refuses to know what is proved about the answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tests.specification import world as worlds
from tests.specification.documents import Document, with_real_values
from tests.specification.world import World


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


def real_values(world: World) -> Callable[[str, str, str], str]:
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
            # With an id of its own, for the document that plays it may come within the same second.
            f'playSong(songId: "{world.ids["song"]}", source: SEARCH, playId: "earlier", msPlayed: 2000, '
            "completed: true) { success }",
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


async def ask(world: World, document: Document, text: str) -> dict[str, Any]:
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


async def listen(world: World, document: Document, text: str) -> dict[str, Any]:
    """The first thing a subscription tells after something has happened."""
    async with world.subscribed("musiclover", text) as told:
        if document.root == "notifications":
            me = await world.get("musiclover", "{ me { id } }")
            await world.get("neighbour", "mutation($id: ID!) { followUser(userId: $id) { success } }", id=me["id"])
        else:
            play = "mutation($id: ID!) { playSong(songId: $id) { success } }"
            await world.get("friend", play, id=world.ids["song"])
        async with asyncio.timeout(60):
            message = await told.get()
    return message["payload"] if message["type"] == "next" else {"errors": message}


async def run(world: World, document: Document) -> tuple[str, dict[str, Any]]:
    """The document with real values, and its answer."""
    await prepare(world, document)
    text = with_real_values(document, real_values(world))
    return text, await ask(world, document, text)
