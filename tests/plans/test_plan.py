"""What a plan is: Python that reads well, in a bounded memory, counted, batched by level, the same for any thread."""

import asyncio
import gc
import threading
import traceback
import weakref

import pytest
from graphql import get_operation_ast, parse

from graph.build import build_schema
from graph.execute import Request
from graph.plan import Plan
from graph.plan_memory import NOT_YET, OFF, Plans
from graph.plan_selection import Unplanned
from services.viewer import NOBODY
from tests.plans.world import Record, World, schema

SONGS = """query Songs($first: Int) {
  songs(first: $first) { edges { node { title artist { name } album { title artist { name } } } } }
}"""


def plan_of(text, of=schema):
    document = parse(text)
    return Plan(of(), document, get_operation_ast(document))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{ __schema { queryType { name } } }", "introspection"),
        ("{ ... @defer { song { id } } }", "defer"),
        ("query ($a: Boolean!) { song { id @skip(if: $a) title id } }", "order by variables"),
        (
            "query ($a: Boolean!) { song { ...P @skip(if: $a) ...P } } fragment P on Song { id }",
            "order by variables",
        ),
    ],
)
def test_what_no_plan_covers_is_said_in_a_word(text, reason):
    with pytest.raises(Unplanned) as shape:
        plan_of(text)
    assert shape.value.reason == reason


async def test_an_operation_is_compiled_when_it_is_asked_again(music):
    executor = music.executor
    executor.plans = executor._answering.plans = Plans(executor.schema, after=2)
    first, second, third = [await executor.execute(Request(SONGS, {"first": n}), NOBODY) for n in (1, 2, 3)]
    assert [len(each["data"]["songs"]["edges"]) for each in (first, second, third)] == [1, 2, 3]
    assert (executor.plans.compiled, executor.plans.planned) == (1, 2)
    assert executor.plans.otherwise == {NOT_YET: 1}
    # One document, one plan: no variable is part of what it is kept by.
    assert len(executor.documents.read(SONGS).plans) == 1
    executor.plans = executor._answering.plans = Plans(executor.schema, after=0)
    assert await executor.execute(Request(SONGS, {"first": 1}), NOBODY) == first
    assert executor.plans.otherwise == {OFF: 1}


async def test_a_level_is_one_batch_for_each_kind(music, monkeypatch):
    batches = []
    for service in ("artists", "albums"):
        whole = getattr(music.house, service).get_many

        async def counted(viewer, ids, service=service, whole=whole):
            batches.append((service, len(ids)))
            return await whole(viewer, ids)

        monkeypatch.setattr(getattr(music.house, service), "get_many", counted)
    text = """{
      one: songs { edges { node { artist { name } album { artist { name } } } } }
      two: albums { edges { node { artist { name } } } }
    }"""
    response = await music.executor.execute(Request(text), NOBODY)
    assert "errors" not in response
    # Songs' artists and albums' artists of the first level together, whichever root field wants them.
    assert sorted(kind for kind, _ in batches) in (["albums", "artists"], ["albums", "artists", "artists"])


async def test_an_error_is_told_by_graphql_core_and_counted(music):
    text = '{ songs(first: 1) { edges { node { title } } } missing: songs(after: "nonsense") { totalCount } }'
    response = await music.executor.execute(Request(text), NOBODY)
    assert response["errors"][0]["path"] == ["missing"]
    assert response["data"] is None or response["data"]["missing"] is None


def test_a_traceback_names_the_place_in_the_document_and_shows_its_line():
    plan = plan_of("query Whole { song { title artist { name } } }")
    complete = plan._roots[0].complete
    world = World(0.0, 0)
    odd = Record(world, "seed")
    try:
        complete(odd, None)
    except AttributeError as error:
        told = "".join(traceback.format_exception(error))
    assert "read_song" in told
    assert "plans/plan_of_Whole.py" in told
    assert "it.title" in told


def test_any_thread_may_run_a_plan():
    plan = plan_of("{ songs { edges { node { title duration artist { name } } } } }")
    found = []

    def run():
        async def ask():
            return (await plan.run(World(0.0, 4), None)).result.data

        loop = asyncio.new_event_loop()
        found.append([loop.run_until_complete(ask()) for _ in range(20)])
        loop.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(each == found[0][0] for answers in found for each in answers)


def test_nothing_of_a_clients_text_but_names_is_in_the_python():
    text = "{ search(query: \"__import__('os')\") { __typename } a__import__: song { class: title } }"
    plan = plan_of(text)
    assert "os" not in plan.text.replace("pos", "")
    assert "'class': v_class" in plan.text
    assert build_schema() is not schema()


def test_arguments_that_no_variable_decides_are_coerced_when_the_plan_is_made():
    house = build_schema()
    plan = plan_of(
        "query ($n: Int) { songs(first: 2) { edges { node { coverImage small: coverImage(size: 96) "
        "artist { songs: topSongs(limit: $n) { title } } } } } }",
        lambda: house,
    )
    asked = [line for line in plan.text.splitlines() if "branch.ask(" in line]
    assert len(asked) == 1
    assert "topSongs" in asked[0]


async def test_what_a_request_read_goes_with_its_answer(music, monkeypatch):
    executor, loaders = music.executor, []
    executor.plans = executor._answering.plans = Plans(executor.schema, after=1)
    make = executor._make_context

    def heard(*arguments):
        context = make(*arguments)
        loaders.append(weakref.ref(context.loaders))
        return context

    monkeypatch.setattr(executor, "_make_context", heard)
    gc.disable()
    try:
        for _ in range(3):
            await executor.execute(Request(SONGS, {"first": 2}), NOBODY)
        # Nobody looks for rings here: what is gone went by itself.
        assert [each() for each in loaders] == [None, None, None]
    finally:
        gc.enable()
    assert executor.plans.planned == 3
