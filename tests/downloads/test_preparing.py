"""How songs are prepared: behind whoever listens, in fair turns, and not for those who may not have them."""

from __future__ import annotations

import asyncio
from typing import Any

from services.audio.admission import Urgency
from services.errors import TooMany
from services.viewer import SYSTEM
from tests.downloads.place import DOWNLOAD, Place


async def test_everything_is_encoded_as_a_download_and_a_full_queue_is_waited_for(place: Place) -> None:
    await place.house.download_preparing.stop()
    asked: list[tuple[Urgency, bool]] = []
    deliveries = place.house.deliveries
    plain = deliveries.segment

    async def segment(rendition: Any, index: int, *, user: str, urgency: Urgency, continuing: bool) -> bytes:
        asked.append((urgency, continuing))
        if len(asked) == 2 and urgency is Urgency.DOWNLOAD:
            raise TooMany("Full.", code="ENCODERS_BUSY", retry_after=0.01)
        data: bytes = await plain(rendition, index, user=user, urgency=urgency, continuing=continuing)
        return data

    deliveries.segment = segment
    made = await place.request(songs=[place.songs["Long"]], format="MP3", quality="HIGH")
    assert await place.house.download_preparing.turn()
    assert (await place.ready(made["id"]))["readyCount"] == 1
    assert {urgency for urgency, _ in asked} == {Urgency.DOWNLOAD}
    assert {continuing for _, continuing in asked} == {False}
    # A listener is asked for as one.
    asked.clear()
    await place.fetch(f"/stream/{place.songs['Long']}?quality=low&format=mp3", "bob")
    assert asked[0][0] is Urgency.PLAYHEAD


async def test_whoever_waits_longest_goes_next_and_nobody_waits_for_a_long_list(place: Place) -> None:
    await place.house.download_preparing.stop()
    turns = place.house.download_preparing
    order: list[str] = []
    plain = turns._sums.of

    async def of(viewer: Any, song_id: str, *words: Any) -> Any:
        order.append(viewer.user_id)
        place.clock.turn(seconds=11)
        return await plain(viewer, song_id, *words)

    turns._sums.of = of
    long = await place.request("ann", album=place.album, format="MP3", quality="LOW")
    short = await place.request("bob", songs=[place.songs["Short"]], format="MP3", quality="LOW")
    while await turns.turn():
        pass
    ann, bob = place.ids["ann"], place.ids["bob"]
    # One turn is ten seconds: ann's list gives way after its first song.
    assert order[:3] == [ann, bob, ann]
    for id in (long["id"], short["id"]):
        assert (await place.store.downloads.get(id)).state == "ready"


async def test_nothing_is_prepared_for_a_listener_whose_subscription_ended(place: Place) -> None:
    await place.house.download_preparing.stop()
    made = await place.request(album=place.album)
    await place.house.accounts.set_tier(SYSTEM, "ann", "free")
    assert await place.house.download_preparing.turn()
    assert not await place.house.download_preparing.turn()
    told = await place.ask(DOWNLOAD, "ann", id=made["id"])
    assert (told["state"], told["readyCount"], told["licence"]["reason"]) == ("REVOKED", 0, "TIER")
    assert await place.store.rendition_sums.count({}) == 0
    # Back again, the work goes on where it was.
    await place.house.accounts.set_tier(SYSTEM, "ann", "premium")
    assert "id" in await place.request(album=place.album)
    while await place.house.download_preparing.turn():
        pass
    assert (await place.ask(DOWNLOAD, "ann", id=made["id"]))["readyCount"] == 4


async def test_stopping_gives_the_claim_back_at_once(place: Place) -> None:
    preparing = place.house.download_preparing
    begun = asyncio.Event()

    async def never(*_: Any) -> Any:
        begun.set()
        await asyncio.Event().wait()

    preparing._sums.of = never
    made = await place.request(songs=[place.songs["Short"]])
    await begun.wait()
    claimed = (await place.store.downloads.get(made["id"])).due_at
    assert claimed > place.clock.now()
    await preparing.stop()
    assert (await place.store.downloads.get(made["id"])).due_at <= place.clock.now()
    await preparing.stop()


async def test_a_list_that_changes_while_it_is_prepared_loses_nothing(place: Place) -> None:
    await place.house.download_preparing.stop()
    turns = place.house.download_preparing
    playlist = await place.playlist("Short", "Third")
    made = await place.request(playlist=playlist, format="MP3", quality="LOW")
    plain, edited = turns._sums.of, False

    async def of(*words: Any) -> Any:
        nonlocal edited
        if not edited:
            edited = True
            await place.add(playlist, "Fourth")
            await place.remove(playlist, "Third")
            await place.house.downloads.renewed(await place.viewer("ann"), made["id"])
        return await plain(*words)

    turns._sums.of = of
    while await turns.turn():
        pass
    done = await place.ready(made["id"])
    assert (done["state"], done["readyCount"], done["failedCount"]) == ("READY", 2, 0)
    assert done["order"] == [place.songs["Short"], place.songs["Fourth"]]


async def test_sums_that_were_forgotten_are_made_again(place: Place) -> None:
    made = await place.request(songs=[place.songs["Short"]], format="MP3")
    before = await place.ready(made["id"])
    place.clock.turn(days=181)
    assert await place.house.download_sums.sweep() == 1
    await place.sign_in()
    await place.house.downloads.renewed(await place.viewer("ann"), made["id"])
    page = await place.manifest(f"/download/{made['id']}/manifest.json")
    assert page["items"][0]["state"] == "preparing"
    after = await place.ready(made["id"])
    assert after["items"][0]["etag"] == before["items"][0]["etag"]
    again = await place.manifest(f"/download/{made['id']}/manifest.json?since={page['revision']}")
    assert again["items"][0]["state"] == "ready"
