"""The binder: what it attaches, and what it refuses to start on."""

from dataclasses import dataclass
from enum import StrEnum
from types import ModuleType, SimpleNamespace

import pytest
from graphql import execute_sync, parse

from graph.bind import BindError, Scalar, bind, resolves, snake_case
from services.errors import Denied, Invalid, Unauthenticated
from services.viewer import NOBODY, Role, Viewer

ROOT = """
"d" directive @needs(role: Role!) on FIELD_DEFINITION
"d" directive @cost(weight: Int! = 1, multipliers: [String!]! = ["first"]) on FIELD_DEFINITION
"d" enum Role { "d" ANYONE "d" LISTENER "d" ADMIN }
"d" type Query { "d" thing("d" mode: Mode = SLOW, "d" wish: Wish): Thing @needs(role: ANYONE) }
"d" type Thing { "d" plainName: String! "d" shout: String! }
"d" enum Mode { "d" SLOW "d" FAST }
"d" input Wish { "d" howMany: Int "d" note: String }
"""


@dataclass(slots=True)
class Thing:
    plain_name: str


@dataclass(slots=True)
class Wish:
    how_many: int | None = None
    note: str | None = None


class Mode(StrEnum):
    SLOW = "crawl"
    FAST = "run"


@resolves("Query.thing")
def thing(_, _info, mode, wish=None):
    return Thing(f"{mode} {wish.how_many if wish else '-'}")


@resolves("Thing.shout")
def shout(record, _info):
    return record.plain_name.upper()


def module(*functions, **meanings):
    made = ModuleType("made")
    for function in functions:
        vars(made)[function.__name__] = function
        function.__module__ = "made"
    vars(made).update(meanings)
    return made


def complete(**changes):
    meanings = {"RECORDS": {"Thing": Thing, "Wish": Wish}, "ENUMS": {"Role": Role, "Mode": Mode}}
    return module(thing, shout, **(meanings | changes))


def answer(schema, query, context=None):
    return execute_sync(schema, parse(query), context_value=context or SimpleNamespace(viewer=NOBODY))


def refusal(sdl, *modules):
    with pytest.raises(BindError) as caught:
        bind(sdl, modules)
    return str(caught.value).splitlines()


def test_a_field_without_a_resolver_reads_the_records_attribute():
    result = answer(bind(ROOT, [complete()]), "{ thing { plainName shout } }")
    assert result.data == {"thing": {"plainName": "crawl -", "shout": "CRAWL -"}}


def test_enum_values_and_input_fields_arrive_as_what_they_mean():
    result = answer(bind(ROOT, [complete()]), "{ thing(mode: FAST, wish: {howMany: 3}) { plainName } }")
    assert result.data == {"thing": {"plainName": "run 3"}}


def test_a_field_with_neither_resolver_nor_attribute_is_refused():
    assert refusal(ROOT.replace("shout:", 'whisper: String! "d" shout:'), complete()) == [
        "Thing.whisper has neither a resolver nor a record attribute"
    ]


def test_a_record_attribute_cannot_answer_a_field_with_arguments():
    assert refusal(ROOT.replace("plainName:", 'plainName("d" loud: Boolean):'), complete()) == [
        "Thing.plainName has neither a resolver nor a record attribute"
    ]


def test_a_resolver_without_a_field_is_refused():
    @resolves("Thing.gone")
    def gone(_, _info):
        return None

    assert refusal(ROOT, complete(), module(gone)) == ["Thing.gone has a resolver but no field"]


def test_a_field_answered_twice_is_refused():
    @resolves("Thing.shout")
    def other(_, _info):
        return None

    assert refusal(ROOT, complete(), module(other)) == ["Thing.shout is answered twice, the second time in made"]


def test_an_enum_value_without_a_meaning_is_refused():
    assert refusal(ROOT.replace("FAST }", 'FAST "d" IDLE }'), complete()) == [
        "Mode.IDLE is an enum value without a meaning"
    ]


def test_a_root_field_without_a_guard_is_refused():
    assert refusal(ROOT.replace("@needs(role: ANYONE)", ""), complete()) == [
        "Query.thing is a root field without @needs"
    ]


def test_a_scalar_without_a_meaning_is_refused_and_one_with_it_is_used():
    sdl = ROOT.replace("plainName: String!", "plainName: Loud!") + '"d" scalar Loud'
    assert refusal(sdl, complete()) == ["Loud is a scalar without a meaning"]
    schema = bind(sdl, [complete(SCALARS={"Loud": Scalar(lambda value: value + "!", str)})])
    assert answer(schema, "{ thing { plainName } }").data == {"thing": {"plainName": "crawl -!"}}


def test_an_input_field_that_no_record_takes_is_refused():
    assert refusal(ROOT.replace("howMany: Int", 'howMany: Int "d" howOld: Int'), complete()) == [
        "Wish.howOld is an input field that no record takes"
    ]


def test_a_meaning_without_a_type_is_refused():
    assert refusal(ROOT, complete(), module(RECORDS={"Gone": Thing})) == ["Gone has a meaning but no type"]


def test_everything_wrong_is_told_at_once():
    broken = ROOT.replace("@needs(role: ANYONE)", "").replace("FAST }", 'FAST "d" IDLE }')
    assert len(refusal(broken, complete())) == 2


@pytest.mark.parametrize(
    ("change", "by", "said"),
    [
        ('"d" type Thing', "type Thing", "Thing has no description"),
        ('"d" shout', '" " shout', "Thing.shout has no description"),
        ('"d" FAST', "FAST", "Mode.FAST has no description"),
        ('"d" enum Mode', "enum Mode", "Mode has no description"),
        ('"d" howMany', "howMany", "Wish.howMany has no description"),
        ('"d" wish', "wish", "Query.thing(wish:) has no description"),
        ('"d" directive @needs', "directive @needs", "@needs has no description"),
        ("shout: String!", "shout: String! @deprecated", "Thing.shout is deprecated without a reason"),
        ("@needs(role: ANYONE)", "@needs(role: ANYONE) @cost(weight: -1)", "Query.thing has a weight below 0"),
        (
            "@needs(role: ANYONE)",
            '@needs(role: ANYONE) @cost(multipliers: ["moods"])',
            "Query.thing is multiplied by moods, which is no argument of it",
        ),
    ],
)  # fmt: skip
def test_what_is_not_explained_or_priced_wrong_is_refused(change, by, said):
    assert change in ROOT
    assert refusal(ROOT.replace(change, by), complete()) == [said]


def test_arguments_that_mean_the_same_everywhere_get_their_words():
    schema = bind(ROOT.replace("thing(", "thing(first: Int, songGroupId: ID, songIds: [ID!], "), [complete()])
    told = {name: argument.description for name, argument in schema.query_type.fields["thing"].args.items()}
    assert told["first"] == "How many rows, from 1 to 100; 20 unless told."
    assert told["songGroupId"] == "The song group's id."
    assert told["songIds"] == "The ids of the songs."


def test_an_argument_named_in_its_fields_words_needs_no_others():
    named = ROOT.replace('"d" thing("d" mode', '"By `mode`." thing(mode')
    assert bind(named, [complete()]).query_type.fields["thing"].args["mode"].description is None


@pytest.mark.parametrize("wish", ["\ud800", "a\udfff"])
def test_half_a_surrogate_pair_is_refused_before_a_resolver_meets_it(wish):
    schema = bind(ROOT, [complete()])
    query = "query ($w: Wish) { thing(wish: $w) { plainName } }"
    asked = {"w": {"note": wish}}
    result = execute_sync(schema, parse(query), None, SimpleNamespace(viewer=NOBODY), asked)
    assert type(result.errors[0].original_error) is Invalid
    assert (result.errors[0].path, result.errors[0].original_error.field) == (["thing"], "wish")


class Context:
    def __init__(self, viewer):
        self.viewer = viewer


@pytest.mark.parametrize(
    ("viewer", "error"),
    [
        (NOBODY, Unauthenticated),
        (Viewer("u1"), Denied),
        (Viewer("u2", frozenset({"admin"})), None),
    ],
)
def test_a_guard_stands_before_the_resolver(viewer, error):
    schema = bind(ROOT.replace("role: ANYONE", "role: ADMIN"), [complete()])
    result = answer(schema, "{ thing { plainName } }", Context(viewer))
    if error is None:
        assert result.data == {"thing": {"plainName": "crawl -"}}
    else:
        assert type(result.errors[0].original_error) is error
        assert result.data == {"thing": None}


def test_camel_case_is_read_as_snake_case():
    assert [snake_case(name) for name in ("id", "releaseDate", "durationMs", "totalDurationMs")] == [
        "id",
        "release_date",
        "duration_ms",
        "total_duration_ms",
    ]
