"""A part of the fuzzing that `python -m tests.graph.fuzz` does at length: no bug, no status from 500, no log line."""

import random

import pytest

from tests.graph.fuzz import Author, Fuzz


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in (2, 3))])
async def test_generated_documents_find_no_bug(music, client, seed):
    told = await Fuzz(music, client, Author(music.executor.schema, random.Random(seed))).run(300)
    assert told["answered"] > 30
    assert told["refused"] > 30
    assert told["HTTP 200"] > 30
    assert {"GRAPHQL_INVALID", "GRAPHQL_SYNTAX"} <= set(told)


def test_the_same_seed_writes_the_same_documents(music):
    first, second = (Author(music.executor.schema, random.Random(7)) for _ in range(2))
    assert [first.request().query for _ in range(20)] == [second.request().query for _ in range(20)]
