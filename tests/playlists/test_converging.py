"""Several people edit one playlist at once, through services of their own as several processes would: nothing is lost.

The store answers late, as many turns of the loop as Hypothesis likes, so that each reading may be out of date by the
time its writing comes.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.errors import TuttiError
from services.playlists.desk import Desk
from services.playlists.editing import Editing
from services.playlists.entries import totals
from services.viewer import Role
from storage.collections.store import Store
from tests.catalogue_rig import Rig, small_house
from tests.playlists.stage import make, stored

SONGS = [f"s{n}" for n in range(4)]
steps = st.one_of(
    st.tuples(st.just("add"), st.lists(st.sampled_from(SONGS), min_size=1, max_size=3), st.integers(0, 6)),
    st.tuples(st.just("remove"), st.sampled_from(SONGS), st.integers(0, 6)),
    st.tuples(st.just("move"), st.sampled_from(SONGS), st.integers(0, 6)),
)
people = st.lists(st.lists(steps, min_size=1, max_size=5), min_size=2, max_size=4)
delays = st.lists(st.integers(0, 4), min_size=1, max_size=12)


class LateEngine:
    """The real engine, whose answers about playlists take some turns of the loop to arrive."""

    def __init__(self, engine: Any, delays: list[int]) -> None:
        self._engine = engine
        self._delays = itertools.cycle(delays)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._engine, name)
        if name not in ("get", "find", "update"):
            return method

        async def late(collection: str, *arguments: Any, **options: Any) -> Any:
            answer = await method(collection, *arguments, **options)
            for _ in range(next(self._delays) if collection == "playlists" else 0):
                await asyncio.sleep(0)
            return answer

        return late


async def edit_together(rig: Rig, plans: list[list[Any]], delays: list[int]) -> None:
    viewer = await rig.sign_up("owner")
    playlist = await make(rig, viewer, "Together", *SONGS)
    base = [entry.id for entry in playlist.entries]
    store = Store(LateEngine(rig.engine, delays))  # type: ignore[arg-type]
    added: list[str] = []
    removed: list[str] = []
    refused: list[str] = []

    async def person(plan: list[Any]) -> None:
        # A desk of their own: only `rev` stands between them, as between processes.
        editing = Editing(store, rig.clock, rig.house.songs, Desk(store, rig.clock, rig.house.bus))
        for kind, what, position in plan:
            now = (await stored(rig, playlist.id)).entries
            try:
                if kind == "add":
                    _, placed = await editing.add_songs(viewer, playlist.id, what, position=position)
                    added.extend(each.id for each in placed)
                elif kind == "remove":
                    entry = next((entry for entry in now if entry.song_id == what), None)
                    if entry is not None:
                        await editing.remove(viewer, playlist.id, what, entry_id=entry.id)
                        removed.append(entry.id)
                else:
                    await editing.move(viewer, playlist.id, what, position=position)
            except TuttiError as error:
                refused.append(error.reason)

    await asyncio.gather(*(person(plan) for plan in plans))
    after = await stored(rig, playlist.id)
    ids = [entry.id for entry in after.entries]
    assert len(set(ids)) == len(ids)
    assert set(ids) == {*base, *added} - set(removed)
    assert (after.song_count, after.total_duration_ms) == totals(after.entries)
    # Two who remove the same entry, or move the last of a song that has gone: nothing else is ever refused.
    assert set(refused) <= {"NOT_FOUND"}


@settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(plans=people, delays=delays)
def test_edits_at_once_converge_lose_nothing_and_keep_the_totals(io_loop, plans, delays):
    async def whole() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with small_house(Path(folder)) as rig:
                await rig.artist("anna")
                for number, id in enumerate(SONGS):
                    await rig.song(id, "anna", duration_ms=1000 + number)
                await edit_together(rig, plans, delays)

    io_loop.run_sync(whole)


async def test_fifty_who_add_at_once_in_one_process_are_all_heard(music):
    viewer = await music.sign_up("owner", Role.MODERATOR)
    playlist = await make(music, viewer)
    editing = music.house.playlist_editing
    answers = await asyncio.gather(
        *(editing.add_songs(viewer, playlist.id, ["s1", "b1"], position=0) for _ in range(50))
    )
    after = await stored(music, playlist.id)
    assert after.song_count == len(after.entries) == 100
    assert {entry.id for entry in after.entries} == {placed.id for _, all_ in answers for placed in all_}
    assert after.rev == 50
    assert [entry.song_id for entry in after.entries] == ["s1", "b1"] * 50
