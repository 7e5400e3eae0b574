"""The example documents of the API: one file for each root field, `docs/examples/<rootField>.graphql`.

Owns how such a file is read. Refuses to run anything: `tests/graph/test_api_page.py` does, and `docs/api.md` shows it.

A file is one operation, after comments that say how to run it, each on one line:

    # as: artist                                      who asks; else whoever the field needs at least
    # first: mutation { createPlaylist(name: "Road") { id } }     what the same person asks before, any number of times
    # keep: playlistId = createPlaylist.id            a value of the latest `first` that becomes a variable
    # variables: {"limit": 3}                         other variables
    # then: mutation { playSong(songId: "s1") { success } }       for subscriptions: what brings an event about

The ids are those of the example house in `tests/catalogue_rig.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from graphql import FieldNode, GraphQLError, OperationDefinitionNode, parse

FOLDER = Path(__file__).parent.parent / "docs" / "examples"
_COMMENT = re.compile(r"^#\s*(as|first|keep|variables|then):\s*(.+)$")


class BadExample(Exception):
    """An example file is not what it must be; the text says what to change."""


@dataclass(slots=True)
class Step:
    """Something asked before the example, and what is kept of its answer: names of variables and where they lie."""

    document: str
    keep: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Example:
    """One runnable example."""

    name: str
    document: str
    role: str | None = None
    steps: list[Step] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    then: str | None = None

    @property
    def kept(self) -> list[str]:
        """The variables that come from the answers of earlier steps."""
        return [name for step in self.steps for name in step.keep]


def read_example(path: Path) -> Example:
    """The example in a file. BadExample unless it is one operation that asks the root field of the file's name."""
    example, words = Example(path.stem, ""), []
    for line in path.read_text(encoding="utf-8").splitlines():
        found = _COMMENT.match(line)
        if found is None:
            words.append(line)
        else:
            _take(example, found[1], found[2].strip(), path)
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
    if len(operations) != 1 or example.name not in roots:
        raise BadExample(f"{path.name}: must hold one operation that asks {example.name}")
    return example


def _take(example: Example, word: str, text: str, path: Path) -> None:
    match word:
        case "as":
            example.role = text
        case "first":
            example.steps.append(Step(text))
        case "keep":
            name, equals, place = text.partition("=")
            if not example.steps or not equals:
                raise BadExample(f"{path.name}: `keep` is written `name = path.in.answer`, after a `first`")
            example.steps[-1].keep[name.strip()] = place.strip()
        case "variables":
            try:
                example.variables = orjson.loads(text)
            except orjson.JSONDecodeError as error:
                raise BadExample(f"{path.name}: the variables are not JSON on one line") from error
        case _:
            example.then = text


def examples(folder: Path = FOLDER) -> dict[str, Example]:
    """Every example, by its root field."""
    return {path.stem: read_example(path) for path in sorted(folder.glob("*.graphql"))}
