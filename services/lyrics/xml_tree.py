"""XML as a small tree, for documents from anywhere: no document type, so no entities, and a bound on everything.

Owns the safety: a document type declaration is refused where it begins, before an entity could be declared or anything
fetched; depth and number of elements are bounded. Refuses to know what the elements mean. Names lose their prefixes,
for documents exist that forget to declare them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from services.errors import Invalid

ELEMENTS_LIMIT = 100_000
ATTRIBUTES_LIMIT = 60
DEPTH_LIMIT = 32


@dataclass(slots=True)
class Element:
    """One element: its name and attributes without prefixes (`raw` keeps those), elements and text in order."""

    name: str
    attributes: dict[str, str]
    raw: tuple[str, ...] = ()
    children: list[Element | str] = field(default_factory=list)

    def elements(self) -> Iterator[Element]:
        """The elements directly inside."""
        return (child for child in self.children if isinstance(child, Element))

    def everything(self) -> Iterator[Element]:
        """This element and all inside it, in document order."""
        yield self
        for child in self.elements():
            yield from child.everything()

    def text(self) -> str:
        """All text inside, in order."""
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)


class _Builder:
    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > ELEMENTS_LIMIT:
            raise Invalid(f"An XML document can have at most {ELEMENTS_LIMIT:,} elements.")
        if len(self._open) >= DEPTH_LIMIT:
            raise Invalid(f"An XML document can be at most {DEPTH_LIMIT} elements deep.")
        if len(attributes) > ATTRIBUTES_LIMIT:
            raise Invalid(f"An XML element can have at most {ATTRIBUTES_LIMIT} attributes.")
        bare = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        element = Element(name.rpartition(":")[2], bare, tuple(attributes))
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _: str) -> None:
        self._open.pop()

    def text(self, data: str) -> None:
        if self._open:
            self._open[-1].children.append(data)

    def refuse(self, *_: object) -> int:
        raise Invalid("An XML document with a document type (<!DOCTYPE …>) is not read.")


def parse_xml(text: str) -> Element:
    """The root of a document. Invalid when it is not well-formed, declares a document type, or is too large."""
    builder = _Builder()
    # What the declaration says of an encoding is about bytes that somebody has decoded already.
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.refuse
    parser.EntityDeclHandler = builder.refuse
    parser.ExternalEntityRefHandler = builder.refuse
    try:
        parser.Parse(text.lstrip("\ufeff \t\r\n").encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise Invalid(f"This is no well-formed XML: line {error.lineno}.") from None
    if builder.root is None:
        raise Invalid("This is no well-formed XML: it is empty.")
    return builder.root
