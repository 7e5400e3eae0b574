"""`docs/roles.md`: the one table of permissions says what the code says."""

from graph.build import build_schema
from graph.examples import root_fields
from server.roles_page import PAGE, admits, doors, nouns, page
from services.viewer import NOBODY, Role, Viewer


def test_the_page_is_what_the_code_says():
    assert PAGE.read_text(encoding="utf-8") == page(), "docs/roles.md is behind: run `make docs`"


def test_every_root_field_stands_in_the_table_once():
    named = [f"{line.kind}.{line.name}" for lines in nouns().values() for line in lines]
    schema = build_schema()
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    assert sorted(named) == sorted(f"{root.name}.{name}" for root in roots if root for name in root.fields)
    assert len(named) == len(root_fields(schema)) == len(set(named))


def test_the_marks_are_the_rule_by_which_viewers_are_let_in():
    for role in Role:
        viewer = NOBODY if role == Role.ANYONE else Viewer("u", frozenset({role.value}))
        for needed in Role:
            assert admits(role, needed) == viewer.has(needed), (role, needed)


def test_doors_say_whom_they_let_in():
    table = {path: role for path, role, _ in doors()}
    assert (table["/export/….csv"], table["/upload/…"], table["/stream/…"]) == (Role.ADMIN, Role.ARTIST, Role.LISTENER)
