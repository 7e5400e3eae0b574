"""The documents of the specification: every GraphQL operation and each example of its usage, as a client copies them.

Owns the extraction and where sample ids stand. Refuses to know which real ids take their place.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from graphql import (
    ArgumentNode,
    FieldNode,
    OperationDefinitionNode,
    StringValueNode,
    Visitor,
    parse,
    visit,
)

SPECIFICATION = (Path(__file__).parent / "music-streaming-api.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Document:
    """One operation as printed: its kind, its root field and its text."""

    kind: str
    root: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind} {self.root}"


def blocks(language: str) -> list[str]:
    """The fenced blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", SPECIFICATION, re.MULTILINE | re.DOTALL)


def operations() -> list[Document]:
    """Every operation in the specification's GraphQL blocks, in order; each is a document of its own."""
    found = []
    for block in blocks("graphql"):
        for node in parse(block).definitions:
            assert isinstance(node, OperationDefinitionNode)
            assert node.loc is not None
            root = node.selection_set.selections[0]
            assert isinstance(root, FieldNode)
            found.append(Document(node.operation.value, root.name.value, block[node.loc.start : node.loc.end]))
    return found


def curl_commands() -> list[list[str]]:
    """Each curl command of the examples, as the words a shell makes of it."""
    return [shlex.split(block.replace("\\\n", "")) for block in blocks("bash") if block.startswith("curl ")]


def example(language: str, marker: str) -> str:
    """The one block of a language that holds `marker`."""
    [found] = [block for block in blocks(language) if marker in block]
    return found


def with_real_values(document: Document, real: Callable[[str, str, str], str]) -> str:
    """The text with each text literal of an argument replaced by `real(root field, argument, printed value)`."""
    places: list[tuple[int, int, str]] = []

    class Literals(Visitor):
        def enter_argument(self, node: ArgumentNode, *_: object) -> None:
            if isinstance(node.value, StringValueNode):
                assert node.value.loc is not None
                value = real(document.root, node.name.value, node.value.value)
                places.append((node.value.loc.start, node.value.loc.end, value))

    visit(parse(document.text), Literals())
    text = document.text
    for start, end, value in reversed(places):
        text = f'{text[:start]}"{value}"{text[end:]}'
    return text
