"""`docs/roles.md`, the one table of permissions: written from `@needs` of the SDL and `access` of the HTTP doors:
`python -m server.roles_page`.

Owns how the page looks. What it says stands in `graph/schema/*.graphql`, `graph/reach.py` and `handlers/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from graphql import DirectiveNode, EnumValueNode, FieldDefinitionNode, ObjectTypeExtensionNode, parse

from graph.reach import ONESELF, needed_scope
from server.doors import make_rules
from services.viewer import Role

ROOT = Path(__file__).parent.parent
SCHEMA = ROOT / "graph" / "schema"
PAGE = ROOT / "docs" / "roles.md"
KINDS = ("Query", "Mutation", "Subscription")
_NOBODY: Any = None

HEAD = """# Roles: who may do what

There are four roles. Everybody who signed in is a **listener**; the others are given.

| role | who that is | given by | what it is for |
| --- | --- | --- | --- |
| – | whoever has not signed in | | looking around: the catalogue, public playlists and profiles, charts |
| listener | everybody with an account | registering | listening, and what is one’s own |
| artist | whoever owns artists of the catalogue | a [claim](claims.md), an admin | these artists and their music |
| moderator | who keeps the house in order | an admin | reports, claims, what is hidden; no private playlists |
| admin | who runs the house | an admin, or a command | everything: an admin acts in every role |

Below is every field of the API and every door of the server, noun by noun, and who may ask there at all. “–” is a
refusal before anything is looked up: `UNAUTHENTICATED` for whoever is not signed in, `DENIED` for everybody else. That
somebody may ask does not say that the thing is theirs: what each then gets of the things of others is the table of
[access.md](access.md), and a test asks each line of that one as everybody. The last column is the scope by which a
[key or an app password](staying-yourself.md) gets there; “–” is for those alone who signed in themselves, and a key
has no role unless it has the scope `manage`.

This page is written by `make docs`; a test fails when it is behind the code.
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One field: what it is called, whom it needs, which scope a key needs."""

    kind: str
    name: str
    role: Role
    scope: str | None
    words: str


def nouns() -> dict[str, list[Line]]:
    """The root fields by the noun whose file of the schema they stand in."""
    found: dict[str, list[Line]] = {}
    for path in sorted(SCHEMA.glob("*.graphql")):
        lines = list(_lines(path.read_text(encoding="utf-8")))
        if lines:
            found[path.stem] = lines
    return found


def doors() -> list[tuple[str, Role, str | None]]:
    """Every path of the server with the role it needs and the scope that keys need."""
    players = SimpleNamespace(crowd=None)
    nothing: dict[str, Any] = dict.fromkeys(
        ("executor", "sockets", "streams", "limits", "socket_manners", "readiness", "figures"), _NOBODY
    )
    rules = make_rules({}, players=cast(Any, players), demo=False, bundled=False, **nothing)
    found = []
    for rule in rules:
        is_socket = not hasattr(rule, "regex")
        pattern = (rule.matcher if is_socket else rule).regex.pattern.removesuffix("$").replace("\\", "")
        pattern = pattern.replace("([^/]+)", "…").replace("(.+)", "…").replace("([a-z-]+)", "…")
        scope = getattr(rule.target, "scope", None)
        path = f"{pattern} (socket)" if is_socket else pattern
        found.append((path, Role(rule.target.access), None if scope is None else str(scope)))
    return found


def page() -> str:
    """The whole page."""
    by_noun = nouns()
    links = ", ".join(f"[{_title(noun)}](#{_title(noun).lower().replace(' ', '-')})" for noun in by_noun)
    parts = [HEAD, f"\n{links}, [HTTP doors](#http-doors)\n"]
    head = "| nobody signed in | listener | artist | moderator | admin | key |\n"
    rule = "| --- | :-: | :-: | :-: | :-: | :-: | --- |\n"
    for noun, lines in by_noun.items():
        parts.append(f"\n## {_title(noun)}\n\n| what {head}{rule}")
        parts += [f"| {_called(line)} {_cells(line.role, line.scope)}" for line in lines]
    parts.append("\n## HTTP doors\n\nA door that everybody may pass often asks further: for a ticket, a signature, or ")
    parts.append(f"what the GraphQL fields above ask.\n\n| path {head}{rule}")
    for path, role, scope in doors():
        shown = path.replace("|", "\\|")
        parts.append(f"| `{shown}` {_cells(role, scope)}")
    return "".join(parts)


def admits(role: Role, needed: Role) -> bool:
    """Whether somebody who acts in `role` alone may ask for what needs `needed`; the rule is that of `Viewer.has`."""
    if needed == Role.ANYONE or role == Role.ADMIN:
        return True
    return role != Role.ANYONE and needed in (Role.LISTENER, role)


def _lines(text: str) -> Iterator[Line]:
    for part in parse(text).definitions:
        if isinstance(part, ObjectTypeExtensionNode) and part.name.value in KINDS:
            for field in part.fields or ():
                kind, name = part.name.value, field.name.value
                yield Line(kind, name, _needed(field), needed_scope(kind, name), _first_sentence(field))


def _needed(field: FieldDefinitionNode) -> Role:
    for directive in field.directives or ():
        if directive.name.value == "needs":
            return Role[_value(directive, "role")]
    return Role.ANYONE


def _value(directive: DirectiveNode, name: str) -> str:
    given = next(argument.value for argument in directive.arguments or () if argument.name.value == name)
    return cast(EnumValueNode, given).value


def _first_sentence(field: FieldDefinitionNode) -> str:
    text = " ".join((field.description.value if field.description else "").split())
    for end in (". ", ": ", "; "):
        text = text.partition(end)[0]
    return text.rstrip(".").replace("|", "\\|")


def _called(line: Line) -> str:
    word = "" if line.kind == "Mutation" else f" *({line.kind.lower()})*"
    return f"`{line.name}`{word}: {line.words}"


def _cells(needed: Role, scope: str | None) -> str:
    marks = " | ".join("yes" if admits(role, needed) else "–" for role in Role)
    key = "–" if scope == ONESELF else "any" if scope is None else f"`{scope}`"
    return f"| {marks} | {key} |\n"


def _title(noun: str) -> str:
    return noun.replace("_", " ").capitalize()


def main() -> None:
    """Rewrite the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
