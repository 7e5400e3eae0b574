"""The GraphQL specification's own manners, with exact answers: over a small schema, and over the real one."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import ModuleType

import orjson
import pytest

from graph.bind import bind, resolves
from graph.execute import Executor, Request
from graph.scalars import SCALARS
from services.errors import Denied
from services.viewer import NOBODY, Role

SDL = """
"d" directive @needs(role: Role!) on FIELD_DEFINITION
"d" enum Role { "d" ANYONE }
"d" scalar DateTime
"d" scalar Date
"d" scalar Upload
"d" interface Named { "d" name: String! }
"d" type Cat implements Named {
  "d" name: String! "d" lives: Int! "d" friend: Named "d" must: String! "d" born: DateTime
}
"d" type Dog implements Named { "d" name: String! "d" barks: Boolean! "d" weight: Float }
"d" union Pet = Cat | Dog
"d" enum Colour { "d" RED "d" BLUE }
"d" input Wish { "d" colour: Colour! = RED "d" sizes: [Int!] "d" inner: Wish "d" note: String }
"d" type Query {
  "d" pets: [Pet!] @needs(role: ANYONE)
  "d" named: [Named] @needs(role: ANYONE)
  "d" cat: Cat @needs(role: ANYONE)
  "d" dog("d" weight: Float): Dog @needs(role: ANYONE)
  "d" echo(
    "d" wish: Wish "d" number: Int = 7 "d" ids: [ID!] "d" real: Float "d" yes: Boolean "d" at: DateTime "d" text: String
  ): String @needs(role: ANYONE)
  "d" refused: String @needs(role: ANYONE)
}
"d" type Mutation { "d" add("d" number: Int!): [Int!] @needs(role: ANYONE) }
"""


@dataclass(slots=True)
class Cat:
    name: str
    lives: int
    friend: object = None
    must: str | None = "here"
    born: datetime | None = datetime(2026, 1, 2, 3, 4, 5, 678_999, tzinfo=UTC)


@dataclass(slots=True)
class Dog:
    name: str
    barks: bool
    weight: float | None = None


@dataclass(slots=True)
class Wish:
    colour: object = None
    sizes: list | None = None
    inner: object = None
    note: str | None = None


class Colour(StrEnum):
    RED = "r"
    BLUE = "b"


REX, TOM = Dog("Rex", True, 30.5), Cat("Tom", 9)
TOM.friend = REX


def module():
    made = ModuleType("small")
    added = []

    @resolves("Query.pets", "Query.named")
    def pets(_, _info):
        return [REX, TOM]

    @resolves("Query.cat")
    async def cat(_, _info):
        await asyncio.sleep(0)
        return Cat("Mimi", 2**31, must=None)

    @resolves("Query.dog")
    def dog(_, _info, weight=None):
        return Dog("Big", False, float("inf") if weight is None else weight)

    @resolves("Query.echo")
    def echo(_, _info, **given):
        return repr({name: value for name, value in given.items() if value is not None})

    @resolves("Query.refused")
    def refused(_, _info):
        raise Denied("No.", field="refused")

    @resolves("Mutation.add")
    async def add(_, _info, number):
        await asyncio.sleep(0)
        added.append(number)
        return list(added)

    for function in (pets, cat, dog, echo, refused, add):
        function.__module__ = "small"
        vars(made)[function.__name__] = function
    vars(made).update(
        RECORDS={"Cat": Cat, "Dog": Dog, "Wish": Wish}, ENUMS={"Colour": Colour, "Role": Role}, SCALARS=SCALARS
    )
    return made


class Context:
    def __init__(self):
        self.viewer, self.loaders, self.told = NOBODY, self, {}

    def forget(self):
        return None

    async def close(self):
        return None


@pytest.fixture
def ask():
    executor = Executor(bind(SDL, [module()]), lambda *_: Context())

    async def asked(query, name=None, **variables):
        response = await executor.execute(Request(query, variables, name), NOBODY)
        return orjson.loads(orjson.dumps(response))

    return asked


DOCUMENTS = [
    ("aliases", "{ a: echo b: echo(number: 1) }", {}, {"a": "{'number': 7}", "b": "{'number': 1}"}),
    ("a union by type", "{ pets { __typename ... on Cat { lives } ... on Dog { barks } } }", {},
     {"pets": [{"__typename": "Dog", "barks": True}, {"__typename": "Cat", "lives": 9}]}),
    ("an interface and its types", "{ named { name ... on Cat { friend { name ... on Dog { weight } } } } }", {},
     {"named": [{"name": "Rex"}, {"name": "Tom", "friend": {"name": "Rex", "weight": 30.5}}]}),
    ("fragments within fragments, in the order met",
     "{ pets { ...P } } fragment P on Pet { ...C __typename } fragment C on Cat { name lives }", {},
     {"pets": [{"__typename": "Dog"}, {"name": "Tom", "lives": 9, "__typename": "Cat"}]}),
    ("an inline fragment without a type", "{ ... { a: __typename } ... @include(if: true) { b: __typename } }", {},
     {"a": "Query", "b": "Query"}),
    ("the same field twice is merged", "{ pets { ... on Dog { name } ... on Dog { name barks } } }", {},
     {"pets": [{"name": "Rex", "barks": True}, {}]}),
    ("skip wins over include", "query ($y: Boolean!) { a: echo @skip(if: $y) @include(if: $y) b: __typename }",
     {"y": True}, {"b": "Query"}),
    ("include with a variable", "query ($y: Boolean = false) { a: __typename @include(if: $y) b: __typename }", {},
     {"b": "Query"}),
    ("a default is used when nothing is given", "query ($n: Int) { echo(number: $n) }", {}, {"echo": "{'number': 7}"}),
    ("null is not the default", "query ($n: Int) { echo(number: $n) }", {"n": None}, {"echo": "{}"}),
    ("the variable's default comes first", "query ($n: Int = 3) { echo(number: $n) }", {}, {"echo": "{'number': 3}"}),
    ("one value is a list of one", "query ($i: [ID!]) { echo(number: 1, ids: $i) }", {"i": "x"},
     {"echo": "{'number': 1, 'ids': ['x']}"}),
    ("a whole number is an id", "query ($i: [ID!]) { echo(number: 1, ids: $i) }", {"i": [12, "a"]},
     {"echo": "{'number': 1, 'ids': ['12', 'a']}"}),
    ("a whole number is a float, and 5.0 an int", "query ($r: Float, $n: Int) { echo(real: $r, number: $n) }",
     {"r": 2, "n": 5.0}, {"echo": "{'number': 5, 'real': 2.0}"}),
    ("input objects nest, their defaults apply",
     "query ($w: Wish) { echo(number: 1, wish: $w) }", {"w": {"inner": {"colour": "BLUE", "sizes": [1]}}},
     {"echo": "{'wish': Wish(colour=<Colour.RED: 'r'>, sizes=None, inner=Wish(colour=<Colour.BLUE: 'b'>, sizes=[1], "
              "inner=None, note=None), note=None), 'number': 1}"}),
    ("variables inside input objects", "query ($c: Colour!) { echo(number: 1, wish: {colour: $c}) }", {"c": "BLUE"},
     {"echo": "{'wish': Wish(colour=<Colour.BLUE: 'b'>, sizes=None, inner=None, note=None), 'number': 1}"}),
    ("block text", '{ echo(number: 1, text: """\n    a\n      b\n    """) }', {},
     {"echo": "{'number': 1, 'text': 'a\\n  b'}"}),
    ("text beyond the first plane", '{ echo(number: 1, text: "\\u{1F600}\\uD83D\\uDE00") }', {},
     {"echo": "{'number': 1, 'text': '😀😀'}"}),
    ("a time keeps its milliseconds", '{ pets { ... on Cat { born } } }', {},
     {"pets": [{}, {"born": "2026-01-02T03:04:05.678Z"}]}),
    ("a float beyond 2^53", "{ dog(weight: 9007199254740993) { weight } }", {},
     {"dog": {"weight": 9007199254740992.0}}),
    ("introspection of one type", '{ __type(name: "Pet") { kind possibleTypes { name } } }', {},
     {"__type": {"kind": "UNION", "possibleTypes": [{"name": "Cat"}, {"name": "Dog"}]}}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "variables", "data"), [row[1:] for row in DOCUMENTS], ids=[row[0] for row in DOCUMENTS]
)
async def test_a_document_is_answered_exactly(ask, query, variables, data):
    assert await ask(query, **variables) == {"data": data}


REFUSED = [
    ("{ echo(number: 2147483648) }", {}, "non 32-bit signed integer"),
    ("query ($n: Int) { echo(number: $n) }", {"n": 2**31}, "non 32-bit signed integer"),
    ("query ($n: Int) { echo(number: $n) }", {"n": 1.5}, "non-integer"),
    ("query ($n: Int) { echo(number: $n) }", {"n": "1"}, "non-integer"),
    ("query ($n: Int) { echo(number: $n) }", {"n": True}, "non-integer"),
    ("query ($r: Float) { echo(real: $r) }", {"r": "1"}, "non numeric"),
    ("query ($r: Float) { echo(real: $r) }", {"r": float("nan")}, "non numeric"),
    ("query ($r: Float) { echo(real: $r) }", {"r": float("inf")}, "non numeric"),
    ("{ echo(real: 1e999) }", {}, "non numeric"),
    ("query ($y: Boolean) { echo(yes: $y) }", {"y": 1}, "non boolean"),
    ("query ($w: Wish) { echo(wish: $w) }", {"w": {"colour": "GREEN"}}, "Colour"),
    ("query ($w: Wish) { echo(wish: $w) }", {"w": {"colour": None}}, "Colour!"),
    ("query ($w: Wish) { echo(wish: $w) }", {"w": {"size": 1}}, "size"),
    ("query ($w: Wish) { echo(wish: $w) }", {"w": [[]]}, "Wish"),
    ("query ($i: [ID!]) { echo(ids: $i) }", {"i": [None]}, "ID!"),
    ("query ($n: Int!) { echo(number: $n) }", {}, "$n"),
    ("query ($n: Int!) { echo(number: $n) }", {"n": None}, "$n"),
    ("query ($n: String) { echo(number: $n) }", {"n": "1"}, "String"),
    ("query ($n: Nope) { echo(number: $n) }", {}, "Nope"),
    ("query ($n: Cat) { echo(number: $n) }", {}, "Cat"),
    ("{ echo(number: $n) }", {}, "$n"),
    ("query ($n: Int) { echo }", {}, "$n"),
    ("query ($n: Int $n: Int) { echo(number: $n) }", {}, "$n"),
    ("{ echo(number: 1, number: 2) }", {}, "number"),
    ("{ a: echo a: cat { name } }", {}, "conflict"),
    ("{ pets }", {}, "selection"),
    ("{ echo { x } }", {}, "selection"),
    ("{ pets { name } }", {}, "name"),
    ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", {}, "itself"),
    ("{ __typename } fragment Unused on Query { __typename }", {}, "Unused"),
    ("{ pets { ... on Nope { x } } }", {}, "Nope"),
    ("{ cat { ... on Dog { name } } }", {}, "never"),
    ("{ __typename @skip }", {}, "if"),
    ("{ __typename } { __typename }", {}, "anonymous"),
    ("query A { __typename } query A { __typename }", {}, "A"),
    ("subscription { x }", {}, "subscription"),
    ('{ echo(text: "\\uD83D") }', {}, "Unicode"),
    ("{ echo(text: \"a\nb\") }", {}, "Unterminated"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "variables", "word"), REFUSED)
async def test_what_does_not_fit_is_refused_before_it_runs(ask, query, variables, word):
    response = await ask(query, **variables)
    assert "data" not in response
    assert word.lower() in " ".join(error["message"] for error in response["errors"]).lower()
    assert {error["extensions"]["code"] for error in response["errors"]} <= {
        "GRAPHQL_INVALID",
        "GRAPHQL_SYNTAX",
        "INVALID",
    }


async def test_the_operation_is_chosen_by_name(ask):
    document = "query A { a: __typename } query B { b: __typename } mutation C { add(number: 1) }"
    assert await ask(document, "B") == {"data": {"b": "Query"}}
    assert (await ask(document, "D"))["errors"][0]["extensions"] == {"code": "INVALID", "field": "operationName"}
    assert (await ask(document))["errors"][0]["extensions"] == {"code": "INVALID", "field": "operationName"}


async def test_mutations_run_one_after_the_other_in_the_order_written(ask):
    answer = await ask(
        "mutation { z: add(number: 1) a: add(number: 2) ...F } fragment F on Mutation { m: add(number: 3) }"
    )
    assert answer == {"data": {"z": [1], "a": [1, 2], "m": [1, 2, 3]}}
    assert list(answer["data"]) == ["z", "a", "m"]


async def test_an_error_nulls_its_field_and_climbs_to_the_nearest_nullable_one(ask, log_watch):
    log_watch.expect("Cannot return null for non-nullable field Cat.must")
    answer = await ask("{ refused cat { name must } a: __typename }")
    assert answer["data"] == {"refused": None, "cat": None, "a": "Query"}
    by_path = {tuple(error["path"]): error for error in answer["errors"]}
    assert by_path["refused",]["message"] == "No."
    assert by_path["refused",]["extensions"] == {"code": "DENIED", "field": "refused"}
    assert set(by_path) == {("refused",), ("cat", "must")}


@pytest.mark.parametrize(
    ("query", "path"),
    [("{ cat { lives } }", ["cat", "lives"]), ("{ dog { weight } }", ["dog", "weight"])],
)
async def test_a_number_that_the_wire_cannot_carry_is_an_error_of_its_field(ask, query, path, log_watch):
    answer = await ask(query)
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [(path, "GRAPHQL_INVALID")]


async def test_the_real_schema_answers_fragments_directives_and_variables(music):
    query = """
    query Real($id: ID!, $more: Boolean = false, $n: Int = 2, $order: CatalogueOrder = MOST_PLAYED) {
      one: song(id: $id) { ...Card album @include(if: $more) { title } }
      many: songs(first: $n, orderBy: $order) { edges { node { ...Card } } totalCount @skip(if: $more) }
    }
    fragment Card on Song { title by: artist { name } }
    """
    third, bees = {"title": "Third", "by": {"name": "Anna"}}, {"title": "Bees", "by": {"name": "Bert"}}
    first = {"title": "First", "by": {"name": "Anna"}}
    edges = [{"node": third}, {"node": bees}]
    assert await music.data(query, id="s1") == {"one": first, "many": {"edges": edges, "totalCount": 4}}
    assert await music.data(query, id="s1", more=True, n=1) == {
        "one": {**first, "album": {"title": "Dawn"}},
        "many": {"edges": edges[:1]},
    }
