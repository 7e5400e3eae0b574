"""What answering a document costs, beside others: the executor alone, and whole servers over HTTP.

    python -m bench.graphql_plan [--rounds 400] [--seconds 4] [--only alone,http]

The same schema and the same records in memory (50 songs with artist and album, 850 leaves), in one run: graphql-core,
ours, Strawberry and Ariadne; graphql-js, graphql-jit, Apollo Server and Mercurius with its JIT where Node is there. The
rivals are installed into `.services/graph-rivals` the first time. Each server is a process on one core, asked by the
same client on another. Ours runs twice: answering each time, and keeping the answer as for who is not signed in.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
from graphql import build_schema, execute_sync, get_operation_ast, parse

from bench.figures import tell
from bench.graph_rivals import installed, ours, shelf
from bench.graph_rivals.load import Load, ask, load, request_of
from graph.execute import Request
from graph.plan import Plan
from server.memory import settle_memory
from services.viewer import NOBODY

HERE = Path(__file__).parent / "graph_rivals"
ROOT = Path(__file__).parent.parent
START_S = 30.0
PASSES = 5
"""How often all are measured, one after the other; the best median of each counts, for a machine is slow at times."""


def pinned(core: int | None) -> Callable[[], None] | None:
    """Keeps a child on one core, where there are several."""
    return None if core is None else lambda: os.sched_setaffinity(0, {core})


async def measured(rounds: int, once: Callable[[], Awaitable[Any]]) -> float:
    """The median of so many, in microseconds."""
    took = []
    for _ in range(rounds + rounds // 10):
        began = time.perf_counter()
        await once()
        took.append(time.perf_counter() - began)
    return 1e6 * statistics.median(took[rounds // 10 :])


async def alone_here(rounds: int) -> dict[str, float]:
    """graphql-core, our plan alone and our whole executor, from the parsed document to JSON, in this process."""
    executor = ours.executor()
    document = parse(shelf.QUERY)
    operation = get_operation_ast(document)
    assert operation is not None
    plan = Plan(executor.schema, document, operation)
    context = SimpleNamespace(viewer=NOBODY)
    request = Request(shelf.QUERY)
    expected = {"data": {"songs": shelf.as_json(shelf.songs())}}

    async def core() -> bytes:
        return orjson.dumps({"data": execute_sync(plain, document).data})

    async def planned() -> bytes:
        return orjson.dumps({"data": (await plan.run(context, None)).result.data})

    async def whole() -> bytes:
        return orjson.dumps(await executor.execute(request, NOBODY))

    # As the server does, for both.
    settle_memory()
    rows = shelf.songs()
    plain = build_schema(shelf.SDL)
    assert plain.query_type is not None
    plain.query_type.fields["songs"].resolve = lambda *_: rows
    for once in (core, planned, whole):
        found = orjson.loads(await once())
        if found != expected:
            raise SystemExit(f"{once.__name__} answers something else")
    return {
        "graphql-core": await measured(rounds, core),
        "tutti": await measured(rounds, planned),
        "tutti, with price and rate": await measured(rounds, whole),
    }


def run(command: list[Any], folder: Path, core: int | None) -> float:
    """The number that a rival prints."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, preexec_fn=pinned(core), timeout=300)
    if done.returncode:
        raise SystemExit(f"{command}: {done.stderr[-500:]}")
    return float(done.stdout.split()[-1])


class Server:
    """One contestant on loopback."""

    def __init__(self, name: str, command: list[Any], folder: Path, core: int | None) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.name = name
        command = [self.port if part == "PORT" else part for part in command]
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `stop`
        self.child = subprocess.Popen(
            [str(part) for part in command], cwd=folder, preexec_fn=pinned(core), stdout=self._log, stderr=self._log,
            env={**os.environ, "NODE_ENV": "production"},
        )  # fmt: skip

    async def answers(self, request: bytes) -> bytes:
        """Its first answer, when it is up."""
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            try:
                return (await ask(self.port, request))[1]
            except OSError:
                if self.child.poll() is not None:
                    break
                await asyncio.sleep(0.1)
        self._log.seek(0)
        raise SystemExit(f"{self.name} does not answer: {self._log.read()[-500:]!r}")

    def stop(self) -> None:
        """End it."""
        self.child.kill()
        self.child.wait()
        self._log.close()


async def over_http(
    commands: dict[str, tuple[list[Any], Path, str]], seconds: float, core: int | None
) -> dict[str, Load]:
    """Each server, one after the other."""
    expected = {"data": {"songs": shelf.as_json(shelf.songs())}}
    found = {}
    for name, (command, folder, path) in commands.items():
        server = Server(name, command, folder, core)
        try:
            request = request_of(shelf.QUERY, path)
            if json.loads(await server.answers(request)) != expected:
                raise SystemExit(f"{name} answers something else")
            done = found[name] = await load(server.port, server.child.pid, request, seconds)
            print(
                f"http   {name:28} {done.per_second:8.0f}/s {done.cpu_us:8.0f} µs CPU  "
                f"p50 {done.percentile_ms(0.5):7.2f} ms  p99 {done.percentile_ms(0.99):7.2f} ms",
                flush=True,
            )
        finally:
            server.stop()
    return found


async def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--only", type=lambda told: told.split(","), default=("alone", "http"))
    wanted = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    serving = cores[0] if len(cores) > 1 else None
    if serving is not None:
        os.sched_setaffinity(0, {cores[-1]})
    python, node = installed.python(), installed.node()
    for found in (python, node):
        if isinstance(found, str):
            print(f"left out: {found}")
    with tempfile.TemporaryDirectory() as place:
        shelf_file = Path(place) / "shelf.json"
        shelf.write(shelf_file)
        print(f"{shelf.SONGS} songs, {shelf.LEAVES} leaves; load {os.getloadavg()[0]:.1f}")
        if "alone" in wanted.only:
            await compare_alone(wanted.rounds, python, node, shelf_file, cores[-1] if serving is not None else None)
        if "http" in wanted.only:
            await compare_http(wanted.seconds, python, node, shelf_file, serving)


async def compare_alone(rounds: int, python: Path | str, node: Path | str, shelf_file: Path, core: int | None) -> None:
    """Executors, and the promises about them."""
    figures: dict[str, float] = {}
    for _ in range(PASSES):
        found = await alone_here(rounds)
        if isinstance(python, Path):
            for name in ("strawberry", "ariadne"):
                found[name] = run([python, HERE / "python_rival.py", name, "alone", str(rounds)], HERE, core)
        if isinstance(node, Path):
            for name in ("graphql-js", "graphql-jit"):
                command = ["node", HERE / "node_rival.cjs", shelf_file, name, "alone", str(10 * rounds)]
                found[name] = run(command, node, core)
        figures = {name: min(took, figures.get(name, took)) for name, took in found.items()}
    for name, took in figures.items():
        print(f"alone  {name:28} {took:8.0f} µs   {figures['graphql-core'] / took:6.2f} × graphql-core's speed")
    by_ours_first = sorted(figures.items(), key=lambda each: not each[0].startswith("tutti"))
    tell(
        "the executor alone", "µs a document", dict(by_ours_first), promise="20 × graphql-core, 2 × graphql-jit's time"
    )
    own = min(took for name, took in figures.items() if name.startswith("tutti"))
    print(f"ratio  ours is {figures['graphql-core'] / own:.1f} × as fast as graphql-core (wanted: 20)")
    if "graphql-jit" in figures:
        print(f"ratio  ours takes {own / figures['graphql-jit']:.2f} × graphql-jit's time (wanted: at most 2)")


async def compare_http(
    seconds: float, python: Path | str, node: Path | str, shelf_file: Path, core: int | None
) -> None:
    """Servers, and the promises about them."""
    mine = [sys.executable, "-m", "bench.graph_rivals.ours", "PORT"]
    commands: dict[str, tuple[list[Any], Path, str]] = {
        "tutti": (mine, ROOT, "/graphql"),
        "tutti, kept": ([*mine, "kept"], ROOT, "/graphql"),
    }
    if isinstance(python, Path):
        for name in ("strawberry", "ariadne"):
            commands[name] = ([python, HERE / "python_rival.py", name, "serve", "PORT"], HERE, "/")
    if isinstance(node, Path):
        for name, path in (("apollo", "/"), ("mercurius", "/graphql")):
            commands[name] = (["node", HERE / "node_rival.cjs", shelf_file, name, "serve", "PORT"], node, path)
    found = await over_http(commands, seconds, core)
    tell("answers over HTTP", "a second", {name: each.per_second for name, each in found.items()}, more=True)
    tell("an answer over HTTP", "µs of processor", {name: each.cpu_us for name, each in found.items()})
    for name in ("tutti", "tutti, kept"):
        for other in ("strawberry", "ariadne", "apollo", "mercurius"):
            if other in found:
                rate = found[name].per_second / found[other].per_second
                cpu = found[other].cpu_us / found[name].cpu_us
                print(f"ratio  {name}: {rate:.2f} × {other}'s answers a second, {cpu:.2f} × as little CPU")


if __name__ == "__main__":
    asyncio.run(main())
