"""The server that garbage is thrown at: a process of its own, furnished, with people and things to name.

Owns its start, its people, and its vital signs: descriptors, tasks, temporary files, memory, and what is in its log.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from services.viewer import NOBODY, SYSTEM, Role
from tests.catalogue_rig import START, Rig, furnish
from tests.faults.fuzz.samples import LRC, sounds
from tests.faults.fuzz.wire import Answer, Closed, Line
from tests.server.conftest import Process
from tests.uploads.place import PASSWORD, open_place

WIDE = {
    # No rates and no bounds on how many: each input shall come as far as it can.
    "ACCOUNTS_ACCESS_TOKEN_SECONDS": "86400",
    "GRAPHQL_RATE_PER_SECOND": "0",
    "GRAPHQL_ANONYMOUS_RATE_PER_SECOND": "0",
    "REALTIME_PLAYER_RATE_PER_SECOND": "0",
    "REALTIME_MAX_SOCKETS_PER_USER": "1000",
    "REALTIME_MAX_MESSAGES_PER_SECOND": "10000",
    "REALTIME_INIT_SECONDS": "2",
    "AUDIO_ENCODER_QUEUE": "1000",
    "UPLOADS_MAX_OPEN": "1000",
    "TIERS_RATIONS": "off",
    "BILLING_SECRET_KEY": "sk_test_x",
    "BILLING_WEBHOOK_SECRETS": "whsec_for_tests",
    "BILLING_PRICES_PREMIUM_MONTH": "price_premium_m",
    "SERVER_PUBLIC_URL": "http://127.0.0.1",
    "OUTGOING_INSIDE": "127.0.0.1",
    "SIGN_IN_OIDC_CLIENT_ID": "tutti",
    "SIGN_IN_OIDC_CLIENT_SECRET": "s:3 c",
}
NAMED = "mutation($e: String!, $p: String!) { login(email: $e, password: $p) { token } }"
REGISTER = """mutation($e: String!, $u: String!, $p: String!) {
  register(email: $e, username: $u, password: $p) { token } }"""
BAD_LINE = re.compile(r"^\S*(?: ERROR | CRITICAL |Traceback|Exception ignored).*$", re.MULTILINE)
FORESEEN = re.compile(r" ERROR +tutti\.access .* status=503 | a delivery could not be understood ")
"""A 503 names what is missing, and what Stripe answers in a shape nobody knows is told to the operator."""


@dataclass
class Vitals:
    """How the process is at a moment."""

    descriptors: int
    tasks: int
    sockets: int
    inside: int
    staged: int
    strays: int
    memory_kb: int
    threads: int
    sounds: int

    def at_rest(self, before: Vitals) -> bool:
        """Whether nothing of what was thrown is still held, compared with before."""
        same = ("staged", "strays", "sockets")
        return (
            all(getattr(self, name) <= getattr(before, name) for name in same)
            and self.inside <= 1
            and self.tasks <= before.tasks + SPARE_TASKS
            and self.descriptors <= before.descriptors + SPARE_DESCRIPTORS
            and self.sounds <= OPEN_SOUNDS
        )


SPARE_TASKS = 3
"""A periodic job may be at work."""
SPARE_DESCRIPTORS = 12
"""Each thread of the store keeps a connection of two files; there are at most five."""
OPEN_SOUNDS = 128
"""Files of sound are kept open for whoever asks next, this many (`services/audio/open_files.py`)."""


@dataclass
class FuzzedHouse:
    """The process under attack."""

    process: Process
    folder: Path
    tokens: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    pid: int = 0
    provider: Any = None
    _people: int = 0

    @property
    def port(self) -> int:
        return self.process.port

    def bearer(self, who: str) -> dict[str, str]:
        """The header of somebody."""
        return {"Authorization": f"Bearer {self.tokens[who]}"}

    async def ask(self, line: Line, query: str, who: str | None = None, **variables: Any) -> Any:
        """A proper request's answer, parsed."""
        headers = {"Content-Type": "application/json"} | (self.bearer(who) if who else {})
        body = json.dumps({"query": query, "variables": variables}).encode()
        return (await line.ask("POST", "/graphql", headers, body)).json

    async def come_again(self, line: Line, who: str) -> None:
        """A token that is good: garbage may have signed somebody out, closed or suspended them."""
        told = await self.ask(line, NAMED, e=f"{who}@example.com", p=PASSWORD)
        if not told.get("data") or not told["data"]["login"]:
            self._people += 1
            name = f"{who}{self._people}"
            told = await self.ask(line, REGISTER, e=f"{name}@again.example", u=name, p=PASSWORD)
            assert told.get("data") and told["data"]["register"], told
            self.tokens[who] = told["data"]["register"]["token"]
        else:
            self.tokens[who] = told["data"]["login"]["token"]

    async def healthy(self) -> Answer:
        """The health checks: the same process, alive and ready."""
        line = Line(self.port)
        try:
            for path in ("/healthz", "/readyz"):
                answer = await line.ask("GET", path)
                assert answer.status == 200, (path, answer)
            assert self.process.child is not None and self.process.child.poll() is None, "the process has ended"
            assert self.process.child.pid == self.pid
            return answer
        except Closed:
            raise AssertionError("no health check is answered") from None
        finally:
            await line.close()

    async def vitals(self) -> Vitals:
        """How it is now."""
        line = Line(self.port)
        try:
            told = (await line.ask("GET", "/metrics")).body.decode()
        finally:
            await line.close()
        shown = {name: float(value) for name, value in re.findall(r"^(\w+) ([\d.e+-]+)$", told, re.MULTILINE)}
        return self._vitals(shown)

    def _vitals(self, shown: dict[str, float]) -> Vitals:
        status = Path(f"/proc/{self.pid}/status").read_text()
        read = {name: int(value) for name, value in re.findall(r"^(VmRSS|Threads):\s+(\d+)", status, re.MULTILINE)}
        data, held = self.process.data, self.held()
        sounds = sum(count for name, count in held.items() if "/songs/" in name)
        return Vitals(
            descriptors=sum(held.values()) - sounds,
            tasks=int(shown["tutti_tasks"]),
            sockets=int(shown["tutti_sockets"]),
            inside=int(shown["tutti_requests_inside"]),
            staged=len(list((data / "uploads" / "staging").glob("*"))),
            strays=len(list((self.folder / "tmp").rglob("*"))) + len(list(data.rglob(".part-*"))),
            memory_kb=read["VmRSS"],
            threads=read["Threads"],
            sounds=sounds,
        )

    def held(self) -> Counter[str]:
        """What its descriptors are of, numbers left out."""
        links = []
        for each in Path(f"/proc/{self.pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                links.append(re.sub(r"[0-9A-Z]{20,}|\d+", "…", os.readlink(each).removeprefix(str(self.folder))))
        return Counter(links)

    async def settled(self, before: Vitals, within_s: float = 40) -> Vitals:
        """How it is once nothing more goes down, or the time is over."""
        async with asyncio.timeout(within_s + 60):
            for _ in range(int(within_s)):
                now = await self.vitals()
                if now.at_rest(before):
                    return now
                await asyncio.sleep(1)
        return now

    def log(self) -> str:
        """All that it has logged."""
        return self.process.log.read_text(errors="replace")

    def bad_lines(self) -> list[str]:
        """Lines that tell of a bug."""
        return [line for line in BAD_LINE.findall(self.log()) if not FORESEEN.search(line)]


@asynccontextmanager
async def open_fuzzed(folder: Path, *, issuer: str, api: str) -> AsyncIterator[FuzzedHouse]:
    """The house furnished and served. `issuer` and `api` stand in for a provider of identities and for Stripe."""
    wide = WIDE | {"SIGN_IN_OIDC_ISSUER": issuer, "BILLING_API_BASE": api}
    (folder / "tmp").mkdir()
    async with open_place(folder, **wide) as place:
        rig = Rig(place.household.house, place.store, cast(Any, None), _Now(), cast(Any, None), cast(Any, None))
        # Two houses in one: the place's people and songs of sound, the rig's catalogue.
        for shelf in (place.store.genres, place.store.albums):
            await shelf.delete({}, many=True)
        await place.store.artists.delete({"_id": {"$in": ["ghost"]}}, many=True)
        await furnish(rig)
        accounts = place.household.house.accounts
        for name in ("gql", "sub", "wsx", "art", "pic", "lyr", "pll", "raw"):
            email = f"{name}@example.com"
            roles = [Role.ARTIST, Role.MODERATOR, Role.ADMIN] if name in ("gql", "sub") else [Role.ARTIST, Role.ADMIN]
            await accounts.create(SYSTEM, email=email, username=name, password=PASSWORD, roles=roles)
            signed_in = await accounts.signing_in.log_in(NOBODY, email=email, password=PASSWORD)
            place.tokens[name] = signed_in.token
        names = {"ANN": place.viewers["ann"].user_id}
        for number, data in enumerate(sounds().values()):
            song = await place.song(title=f"Sound {number}", text=base64.b64encode(data).decode())
            names[f"SONG{number}"] = song["id"]
            names[f"TICKET{number}"] = song["audioUrl"].partition("ticket=")[2]
        lyrics = "mutation($s: ID!, $t: String!) { setLyrics(songId: $s, text: $t) { lyrics { kind } } }"
        await place.ask(lyrics, "ann", s=names["SONG0"], t=LRC)
        made = await place.ask('mutation { createPlaylist(name: "Kitchen") { playlist { id } } }', "lis")
        names["LIST"] = made["data"]["createPlaylist"]["playlist"]["id"]
        tokens = dict(place.tokens)
    settings = {f"TUTTI_{name}": value for name, value in wide.items()} | {"TMPDIR": str(folder / "tmp")}
    process = Process(folder / "data", settings)
    await asyncio.to_thread(process.start)
    assert process.child is not None
    house = FuzzedHouse(process, folder, tokens, names, pid=process.child.pid)
    try:
        yield house
    finally:
        if process.child is not None and process.child.poll() is None:
            code = await asyncio.to_thread(process.stop)
            assert code == 0, f"the server ended with {code}"


class _Now:
    """The clock of furnishing: it stands."""

    def now(self) -> Any:
        return START

    def turn(self, seconds: float) -> None:
        """It does not go on."""
