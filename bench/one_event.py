"""What one event costs that a thousand listen to in the same words: answered for each, and answered once.

    python -m bench.one_event [--followers 1000] [--songs 50] [--rounds 5]

A playlist of a real house is edited; every follower's subscription tells its name and its songs with their artists, in
JSON, as a socket would frame it. Followers with a mute of their own stand alone and are answered one by one; the others
share. The same document, the same store, one process, no network: the ratio is what sharing saves of the work itself.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from pathlib import Path

from bench.figures import tell
from graph.events import packed
from realtime.messages import encode
from services.playlists.making import PlaylistChanges
from services.viewer import NOBODY, Viewer
from tests.catalogue_rig import Rig, small_house
from tests.playlists.stage import make

QUERY = "subscription ($id: ID!) { playlist(id: $id) { name songs { position song { title artist { name } } } } }"


async def told(rig: Rig, owner: Viewer, playlist_id: str, viewer: Viewer, followers: int, rounds: int) -> float:
    """CPU seconds of an edit, until everybody has their frame."""
    streams = [packed(await rig.listen(QUERY, viewer, id=playlist_id)) for _ in range(followers)]
    for stream in streams:
        await anext(stream)

    async def frame(number: int) -> bytes:
        return encode("next", id=str(number), payload=await anext(streams[number]))

    used = 0.0
    for number in range(rounds):
        waiting = [asyncio.create_task(frame(place), name="listens") for place in range(followers)]
        await asyncio.sleep(0)
        began = time.process_time()
        await rig.house.playlist_making.update(owner, playlist_id, PlaylistChanges(name=f"Round {number}"))
        frames = await asyncio.gather(*waiting)
        used += time.process_time() - began
        if any(f"Round {number}".encode() not in each for each in frames):
            raise SystemExit("somebody was told something else")
    for stream in streams:
        await stream.aclose()  # type: ignore[attr-defined]
    return used / rounds


async def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--followers", type=int, default=1000)
    parser.add_argument("--songs", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        async with small_house(Path(place)) as rig:
            await rig.artist("anna", name="Anna")
            for number in range(wanted.songs):
                await rig.song(f"s{number}", "anna", title=f"Song {number}")
            owner = await rig.sign_up("ann")
            playlist = await make(rig, owner, "Road", *(f"s{number}" for number in range(wanted.songs)))
            alone = Viewer(muted=frozenset({"somebody"}))
            shared = rig.executor.shared_answers
            print(f"{wanted.followers} followers, {wanted.songs} songs, load {os.getloadavg()[0]:.1f}")
            figures = {}
            # One by one they are a tenth: a thousand would meet the executor's time-out.
            for name, viewer, count in (
                ("one by one", alone, wanted.followers // 10),
                ("shared", NOBODY, wanted.followers),
            ):
                made, handed_on = shared.made, shared.handed_on
                took = await told(rig, owner, playlist.id, viewer, count, wanted.rounds)
                each = figures[name] = 1e6 * took / count
                print(f"{name:12} {count:6} followers {1000 * took:9.1f} ms CPU an event, {each:8.1f} µs a follower")
                print(
                    f"{'':12} {shared.made - made} answers made to be shared, {shared.handed_on - handed_on} handed on"
                )
            rivals = {name: figures[name] for name in ("shared", "one by one")}
            tell("an event to a subscriber", "µs of processor", rivals)
            print(f"ratio        {figures['one by one'] / figures['shared']:.1f} × less for each")


if __name__ == "__main__":
    asyncio.run(main())
