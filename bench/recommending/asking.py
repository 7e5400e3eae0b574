"""Every root field of discovery, asked of a real server over a made-up library that it has learned from.

Owns the library, which is kept for the next time, and the table of what took how long.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from bench.recommending.documents import DOCUMENTS, Asked
from bench.searches.doors import Server
from bench.searches.stopwatch import Stopwatch
from server.composition import open_household
from server.settings import Settings
from services.clock import Clock
from services.seed.people import DOMAIN
from services.seed.scale import scale_named
from services.seed.seeder import PASSWORD, Seeder

SNAPSHOT = Path(__file__).parent.parent.parent / "graph" / "schema.graphql"
PEOPLE = 8
SAMPLE = 400
LOGIN = "mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { token } }"

Ids = dict[str, list[str]]
Figure = tuple[Asked, Stopwatch, float]
"""A document, what it took, and the server's processor milliseconds for one, in the mean."""


async def made(folder: Path, scale: str) -> Ids:
    """The library of that scale, filled, indexed and learned from when it is not there yet; some of its ids."""
    whole = folder / "made"
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    settings = Settings()
    settings = replace(settings, storage=replace(settings.storage, data_dir=folder / "data"))
    async with open_household(settings) as household:
        house, store = household.house, household.store
        if not whole.exists():
            if await store.songs.count({}, limit=1):
                raise SystemExit(f"{folder} holds half a library: remove it and begin again")
            today = Clock().now().replace(hour=0, minute=0, second=0, microsecond=0)
            with tqdm(desc=f"making {scale}", unit=" rows", total=0, disable=None) as bar:

                def show(title: str, done: int, total: int) -> None:
                    bar.set_description(title, refresh=False)
                    bar.total = total
                    bar.update(done - bar.n)

                await Seeder(store, scale_named(scale), seed=1, as_of=today, progress=show).run()
            await house.chart_making.make()
            await house.listeners.recount()
            await house.indexing.rebuild()
            begun = time.perf_counter()
            if not await house.training.train():
                raise SystemExit("nothing was learned")
            print(f"  learned from the library in {time.perf_counter() - begun:.1f} s")
            whole.touch()
        return {
            name: [row["_id"] for row in await store.engine.find(kind, {}, limit=SAMPLE, fields=["_id"])]
            for name, kind in (("song", "songs"), ("artist", "artists"), ("genre", "genres"))
        }


def ask_server(folder: Path, ids: Ids, rounds: int) -> list[Figure]:
    """Each document so often, by some people in turn, after a first time for everybody that is not counted."""
    schema = SNAPSHOT.read_text(encoding="utf-8")
    dice = random.Random(4)
    figures = []
    with Server(folder / "data") as server:
        server.settle()
        tokens = []
        for number in range(1, PEOPLE + 1):
            answer = server.ask(LOGIN, email=f"listener{number}@{DOMAIN}", password=PASSWORD)
            tokens.append(answer["data"]["login"]["token"])
        for asked in DOCUMENTS:
            if not asked.is_in(schema):
                print(f"  {asked.root} is not in this version")
                continue
            watch, used = Stopwatch(), 0.0
            for turn in range(rounds + PEOPLE):
                if turn == PEOPLE:
                    used = server.cpu_seconds()
                server.headers["Authorization"] = f"Bearer {tokens[turn % PEOPLE]}"
                variables = {name: dice.choice(found) for name, found in ids.items() if f"${name}" in asked.text}
                if turn < PEOPLE:
                    answer = server.ask(asked.text, **variables)
                else:
                    with watch.timing():
                        answer = server.ask(asked.text, **variables)
                if answer.get("errors"):
                    raise SystemExit(f"{asked.root}: {answer['errors'][0]['message']}")
            figures.append((asked, watch, (server.cpu_seconds() - used) * 1000 / rounds))
        print(f"  memory of the server {server.memory_mb():,.0f} MB")
    return figures
