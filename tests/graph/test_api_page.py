"""The page of the API: behind nothing, with an example for each root field that runs as it stands."""

import re

import pytest

from graph.api_page import PAGE, page, without_example
from graph.bind import needed_role
from graph.build import build_schema
from graph.examples import FOLDER, BadExample, examples, read_example
from services.viewer import NOBODY, Role

SHOWN = examples()
SCHEMA = build_schema()


def root_field(name):
    kinds = (SCHEMA.query_type, SCHEMA.mutation_type, SCHEMA.subscription_type)
    return next((kind.fields[name] for kind in kinds if name in kind.fields), None)


def test_every_root_field_has_an_example():
    lacking = [f"  write docs/examples/{name}.graphql, then run `make docs`" for name in without_example(SCHEMA, SHOWN)]
    assert lacking == [], (
        "these root fields have no example; graph/examples.py tells how one is written, and the ids are those of "
        "tests/catalogue_rig.py:\n" + "\n".join(lacking)
    )


def test_every_example_is_about_a_root_field():
    left = [f"docs/examples/{name}.graphql" for name in SHOWN if root_field(name) is None]
    assert left == [], "these examples are of fields that are gone: delete them"


def test_the_page_is_the_schema():
    assert PAGE.read_text(encoding="utf-8") == page(SCHEMA, SHOWN), "docs/api.md is behind: run `make docs`"


@pytest.mark.parametrize("name", sorted(SHOWN))
async def test_an_example_runs(music, name):
    example = SHOWN[name]
    role = Role(example.role) if example.role else needed_role(root_field(name))
    viewer = NOBODY if role == Role.ANYONE else await music.sign_up("example", *_roles(role))
    variables = dict(example.variables)
    for step in example.steps:
        data = await music.data(step.document, viewer, **_used(step.document, variables))
        for variable, place in step.keep.items():
            variables[variable] = _at(data, place)
    if re.match(r"\s*subscription\b", example.document):
        await _runs_as_subscription(music, example, viewer, variables)
        return
    answer = await music.ask(example.document, viewer, **_used(example.document, variables))
    assert "errors" not in answer, f"docs/examples/{name}.graphql: {answer['errors']}"
    assert answer["data"][name] is not None, f"docs/examples/{name}.graphql answers nothing: use ids that exist"


async def _runs_as_subscription(music, example, viewer, variables):
    stream = await music.listen(example.document, viewer, **_used(example.document, variables))
    assert not isinstance(stream, dict), stream
    try:
        if example.then is not None:
            await music.data(example.then, viewer, **_used(example.then, variables))
        answer = await anext(stream)
        assert "errors" not in answer, answer
    finally:
        await stream.aclose()


def _roles(role):
    return () if role == Role.LISTENER else (role,)


def _used(document, variables):
    return {name: value for name, value in variables.items() if f"${name}" in document}


def _at(data, place):
    for step in place.split("."):
        data = data[int(step)] if step.isdigit() else data[step]
    return data


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("query { songs { totalCount } }", "must hold one operation that asks song"),
        ("query { song", "Syntax Error"),
        ("# keep: a = b\nquery { song { id } }", "after a `first`"),
        ("# variables: {a\nquery { song { id } }", "not JSON"),
    ],
)
def test_a_bad_example_says_what_to_change(tmp_path, text, fault):
    path = tmp_path / "song.graphql"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadExample, match=re.escape(fault)):
        read_example(path)


def test_the_examples_lie_where_the_page_says():
    assert (FOLDER / "song.graphql").is_file()
