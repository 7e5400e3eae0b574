"""What was acknowledged is there after `kill -9`, in the rows and in every index."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from storage.engine import Index
from storage.sqlite import SqliteEngine

INDEXES = (Index("n", (("n", -1),)), Index("tags", (("tags", 1), ("n", -1)), array=True))

CHILD = """
import asyncio, sys
from storage.engine import Index, Insert
from storage.sqlite import SqliteEngine

async def main():
    engine = SqliteEngine(sys.argv[1], durable_collections={"money"})
    await engine.start()
    await engine.ensure("rows", (Index("n", (("n", -1),)), Index("tags", (("tags", 1), ("n", -1)), array=True)))
    async def write(task):
        for n in range(100_000):
            id = f"{task}-{n:06}"
            await engine.insert("money" if n % 10 == 9 else "rows", {"_id": id, "n": n, "tags": ["all", str(task)]})
            print(id, flush=True)
    async def fill():
        for n in range(100_000):
            await engine.bulk("rows", [Insert({"_id": f"bulk-{n:06}-{k}", "n": k}) for k in range(50)])
            print(f"bulk-{n:06}", flush=True)
    await asyncio.gather(fill(), *(write(task) for task in range(4)))

asyncio.run(main())
"""


async def test_every_acknowledged_write_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, str(path), stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert child.stdout is not None
    acknowledged = [(await child.stdout.readline()).decode().strip() for _ in range(400)]
    os.kill(child.pid, signal.SIGKILL)
    # Lines written before the kill are acknowledgements too; a last one cut short is not.
    rest = (await child.stdout.read()).decode()
    acknowledged += rest[: rest.rfind("\n")].split() if "\n" in rest else []
    assert await child.wait() == -signal.SIGKILL
    engine = SqliteEngine(path)
    await engine.start()
    try:
        single = [id for id in acknowledged if not id.startswith("bulk-")]
        bulks = [id for id in acknowledged if id.startswith("bulk-")]
        assert len(single) > 100
        assert bulks
        there = await engine.get_many("rows", single) | await engine.get_many("money", single)
        assert sorted(there) == sorted(single)
        every = [f"{bulk}-{k}" for bulk in bulks for k in range(50)]
        assert len(await engine.get_many("rows", every)) == len(every)
        walked = await engine.find("rows", {"tags": "1"}, sort=[("n", -1)], limit=10_000)
        assert {row["_id"] for row in walked} >= {id for id in single if id[0] == "1" and id in there and id[-1] != "9"}
        await engine.ensure("rows", INDEXES)
        await engine.insert("rows", {"_id": "after", "n": 1})
        assert await engine.get("rows", "after") is not None
    finally:
        await engine.stop()
