"""The example documents of the API: one file for each root field, `docs/examples/<rootField>.graphql`; that of a
subscription that is named as a query is, `<rootField>.subscription.graphql`.

Owns how such a file is read. Refuses to run anything: `tests/graph/test_api_page.py` does, and `docs/api.md` shows it.

A file is one operation, after comments that say how to run it, each on one line:

    # as: artist                                      who asks; else whoever the field needs at least
    # first: mutation { createPlaylist(name: "Road") { playlist { id } } }   what they ask before, any number of times
    # first by otto: mutation { likeSong(songId: "s1") { success } }   what somebody else asks before, who has all roles
    # refused: mutation { login(email: "a@example.com", password: "…") { token } }   the same, answered by an error
    # keep: playlistId = createPlaylist.playlist.id   a value of the latest `first` that becomes a variable
    # keep: challenge = extensions.challenge          of the latest `refused`, a value of its error
    # code: code = secret                             a one-time code of an authenticator with a kept secret
    # mail: token = link                            what stands behind # in the link of the latest mail; or its code
    # variables: {"limit": 3}                         other variables
    # sound: audioFile                                a variable that is a short WAV file as base64, too long to show
    # then: mutation { playSong(songId: "s1") { success } }   for subscriptions: what brings an event about (or then by)

Before each request the house does what its jobs would do in time: it counts plays and charts, tells its news, and
makes the search index current. `$mailedCode` is the code in the last mail. Whoever asks has a subscription. The ids are
those of the example house in `tests/catalogue_rig.py`.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from graphql import FieldNode, GraphQLError, GraphQLField, GraphQLSchema, OperationDefinitionNode, parse

FOLDER = Path(__file__).parent.parent / "docs" / "examples"
_COMMENT = re.compile(r"^#\s*(as|first|refused|keep|code|variables|mail|sound|then)(?: by (\w+))?:\s*(.+)$")


class BadExample(Exception):
    """An example file is not what it must be; the text says what to change."""


@dataclass(slots=True)
class Step:
    """Something asked beside the example, and what is kept of its answer: names of variables and where they lie.

    `by` is the username of somebody else who asks it, `is_refused` says that an error answers; `codes` are made
    afterwards, from kept secrets, `mails` are read from the latest mail.
    """

    document: str
    by: str | None = None
    keep: dict[str, str] = dataclasses.field(default_factory=dict)
    is_refused: bool = False
    codes: dict[str, str] = dataclasses.field(default_factory=dict)
    mails: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclass(slots=True)
class Example:
    """One runnable example."""

    name: str
    document: str
    role: str | None = None
    steps: list[Step] = dataclasses.field(default_factory=list)
    variables: dict[str, Any] = dataclasses.field(default_factory=dict)
    sound: str | None = None
    then: Step | None = None

    @property
    def field(self) -> str:
        """The root field it is about."""
        return self.name.partition(".")[0]

    @property
    def kept(self) -> list[str]:
        """The variables that come from the answers of earlier steps."""
        return [name for step in self.steps for name in (*step.keep, *step.codes, *step.mails)]


def read_example(path: Path) -> Example:
    """The example in a file. BadExample unless it is one operation that asks the root field of the file's name."""
    example, words = Example(path.stem, ""), []
    for line in path.read_text(encoding="utf-8").splitlines():
        found = _COMMENT.match(line)
        if found is None:
            words.append(line)
        else:
            _take(example, found[1], found[2], found[3].strip(), path)
    example.document = "\n".join(words).strip()
    try:
        operations = [each for each in parse(example.document).definitions if isinstance(each, OperationDefinitionNode)]
    except GraphQLError as error:
        raise BadExample(f"{path.name}: {error.message}") from error
    roots = [
        each.name.value
        for operation in operations
        for each in operation.selection_set.selections
        if isinstance(each, FieldNode)
    ]
    if len(operations) != 1 or example.field not in roots:
        raise BadExample(f"{path.name}: must hold one operation that asks {example.field}")
    return example


def _take(example: Example, word: str, by: str | None, text: str, path: Path) -> None:
    match word:
        case "as":
            example.role = text
        case "first" | "refused":
            example.steps.append(Step(text, by, is_refused=word == "refused"))
        case "keep" | "code" | "mail":
            name, equals, place = text.partition("=")
            if not example.steps or not equals:
                raise BadExample(f"{path.name}: `{word}` is written `name = path.in.answer`, after a `first`")
            step = example.steps[-1]
            kept = {"keep": step.keep, "code": step.codes, "mail": step.mails}[word]
            kept[name.strip()] = place.strip()
        case "variables":
            try:
                example.variables = orjson.loads(text)
            except orjson.JSONDecodeError as error:
                raise BadExample(f"{path.name}: the variables are not JSON on one line") from error
        case "sound":
            example.sound = text
        case _:
            example.then = Step(text, by)


def examples(folder: Path = FOLDER) -> dict[str, Example]:
    """Every example, by its root field."""
    return {path.stem: read_example(path) for path in sorted(folder.glob("*.graphql"))}


def root_fields(schema: GraphQLSchema) -> dict[str, tuple[str, GraphQLField]]:
    """Every root field by the name of its example, with the word its operation begins with."""
    found: dict[str, tuple[str, GraphQLField]] = {}
    kinds = {"query": schema.query_type, "mutation": schema.mutation_type, "subscription": schema.subscription_type}
    for word, kind in kinds.items():
        for name, spec in kind.fields.items() if kind else ():
            found[f"{name}.{word}" if name in found else name] = (word, spec)
    return found
