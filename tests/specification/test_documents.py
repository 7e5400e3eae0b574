"""Every document of the specification runs as printed, with real ids in place of its samples."""

from __future__ import annotations

import pytest

from graph.build import build_schema
from tests.specification.answers import faults
from tests.specification.documents import blocks, operations
from tests.specification.running import run
from tests.specification.world import World, furnish, served_world

SCHEMA = build_schema()

MAY_LACK = frozenset({"ListeningHistory.durationPlayed"})
"""How long was listened is unknown for a play that was reported as the specification prints it, without a duration."""


@pytest.fixture
async def world(tmp_path):
    async with served_world(tmp_path / "data") as world:
        await furnish(world)
        yield world


async def wrongs(world: World) -> list[str]:
    """What is wrong with the answers when every document is run in order."""
    wrong: list[str] = []
    for document in operations():
        text, answer = await run(world, document)
        if answer.get("errors"):
            wrong.append(f"{document}: {answer['errors']}")
            continue
        wrong += [f"{document}: {fault}" for fault in faults(SCHEMA, text, answer["data"], MAY_LACK)]
    return wrong


async def test_every_document_runs_as_printed_and_answers_every_field(world):
    assert len(operations()) == 50
    wrong = await wrongs(world)
    assert not wrong, "\n".join(wrong)


def test_no_block_of_the_specification_is_left_out():
    printed = sum(
        line.split("(")[0].split(" ")[0] in ("query", "mutation", "subscription")
        for block in blocks("graphql")
        for line in block.splitlines()
    )
    assert printed == len(operations())
