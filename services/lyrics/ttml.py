"""Timed lyrics in TTML: lines, words, voices, background singing and translations.

Owns a subset of W3C TTML2 (https://www.w3.org/TR/ttml2/): `body`, `div`, `p`, `span`, `br`, their times and languages,
and `ttm:agent`. From lyrics as Apple Music distributes them come word spans, `ttm:role="x-bg"` for what is sung in the
background, and translations in the head (`<translation xml:lang><text for="L1">`); from the editors that imitate them,
translations within the line (`ttm:role="x-translation"`). Styles, regions and romanisations are passed over. Refuses
to know files and songs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from services.errors import Invalid
from services.lyrics.model import (
    AGENT_LIMIT,
    LANGUAGES_LIMIT,
    Lyrics,
    Piece,
    check_size,
    language_code,
    one_line,
    put_together,
    sung_line,
    translation,
)
from services.lyrics.ttml_times import Timing, timing_of
from services.lyrics.xml_tree import Element, parse_xml
from storage.records.lyric_sheet import SheetAgent, SheetLine, SheetTranslation

AGENT_KINDS = ("person", "character", "group", "organization", "other")
SAME_MS = 10
"""A line of another language that begins within so many milliseconds of one is its translation."""


def looks_like_ttml(text: str) -> bool:
    """Whether it begins as an XML document does."""
    head = text.lstrip("\ufeff \t\r\n")[:6].lower()
    return head.startswith(("<?xml", "<tt>", "<tt ", "<tt\n", "<tt\t", "<!doct", "<!--", "<tt:tt"))


def parse_ttml(text: str) -> Lyrics:
    """The lines of a TTML document. Invalid when it is no TTML, unsafe, badly timed, or exceeds the model's bounds."""
    check_size(text)
    root = parse_xml(text)
    body = next((each for each in root.elements() if each.name == "body"), None)
    if root.name != "tt" or body is None:
        raise Invalid("This is no TTML: a tt element with a body is expected.")
    reader = _Reader(timing_of(root), language_code(root.attributes.get("lang")))
    reader.read_head(root)
    reader.read(body, _Place(language=reader.language))
    return reader.lyrics()


@dataclass(frozen=True, slots=True)
class _Place:
    """What an element inherits from those around it."""

    begin_ms: int = 0
    is_timed: bool = False
    language: str | None = None
    agent: str | None = None


@dataclass(slots=True)
class _Content:
    """A paragraph taken apart."""

    pieces: list[Piece] = field(default_factory=list)
    background: list[tuple[int | None, int | None, list[Piece]]] = field(default_factory=list)
    translations: list[SheetTranslation] = field(default_factory=list)


class _Reader:
    def __init__(self, timing: Timing, language: str | None) -> None:
        self.timing = timing
        self.language = language
        self.agents: dict[str, SheetAgent] = {}
        self._translated: dict[str, dict[str, SheetTranslation]] = {}
        self._lines: list[tuple[SheetLine, str | None]] = []
        self._plain: list[str] = []

    def read_head(self, root: Element) -> None:
        """Voices, and translations that name their lines by key."""
        for head in (each for each in root.elements() if each.name == "head"):
            for element in head.everything():
                if element.name == "agent" and (id := one_line(element.attributes.get("id", ""))[:AGENT_LIMIT]):
                    name = next((each.text() for each in element.elements() if each.name == "name"), "")
                    kind = element.attributes.get("type", "other")
                    shown = one_line(name)[:AGENT_LIMIT] or None
                    self.agents[id] = SheetAgent(id, shown, kind if kind in AGENT_KINDS else "other")
                elif element.name == "translation":
                    self._read_translation(element)

    def _read_translation(self, element: Element) -> None:
        for text in element.elements():
            made = translation(element.attributes.get("lang", ""), text.text())
            if text.name == "text" and made is not None:
                known = self._translated.setdefault(text.attributes.get("for", ""), {})
                known[made.language] = made
                if len(known) > LANGUAGES_LIMIT:
                    raise _too_many_languages()

    def read(self, element: Element, place: _Place) -> None:
        """Body and divisions: what they say holds for what is inside."""
        inside = self._inside(element, place)
        for child in element.elements():
            if child.name == "div":
                if self._plain and self._plain[-1]:
                    self._plain.append("")
                self.read(child, inside)
            elif child.name == "p":
                self._read_line(child, self._inside(child, inside), self.timing.span(child, inside.begin_ms)[1])

    def _inside(self, element: Element, place: _Place) -> _Place:
        begin_ms, _ = self.timing.span(element, place.begin_ms)
        given = element.attributes.get("lang")
        agent = one_line(element.attributes.get("agent", "")).partition(" ")[0][:AGENT_LIMIT]
        return _Place(
            place.begin_ms if begin_ms is None else begin_ms,
            place.is_timed or begin_ms is not None,
            place.language if given is None else language_code(given),
            agent or place.agent,
        )

    def _read_line(self, element: Element, place: _Place, end_ms: int | None) -> None:
        content = _Content()
        self._take_apart(element, place.begin_ms, content)
        begin_ms = place.begin_ms if place.is_timed else _first(content.pieces)
        line: SheetLine | None = None
        if begin_ms is None:
            line = sung_line(0, content.pieces)
            self._plain.append(line.text)
            line = None
        elif content.pieces or not content.background:
            line = sung_line(begin_ms, content.pieces, end_ms=end_ms, agent=place.agent)
            self._add(line, place.language)
            key = element.attributes.get("key") or element.attributes.get("id") or ""
            self._translate(line, [*content.translations, *self._translated.get(key, {}).values()])
        for starts_ms, stops_ms, pieces in content.background:
            at_ms = next((each for each in (starts_ms, _first(pieces), begin_ms) if each is not None), None)
            if at_ms is not None:
                behind = sung_line(at_ms, pieces, end_ms=stops_ms, agent=place.agent, is_background=True)
                if behind.text:
                    self._add(behind, place.language)

    def _add(self, line: SheetLine, language: str | None) -> None:
        if line.agent is not None:
            self.agents.setdefault(line.agent, SheetAgent(line.agent, kind="other"))
        self._lines.append((line, language))
        is_foreign = self.language is not None and language is not None and language != self.language
        if not line.is_background and not is_foreign:
            self._plain.append(line.text)

    def _translate(self, line: SheetLine, found: Sequence[SheetTranslation]) -> None:
        known = {each.language: each for each in [*line.translations, *found]}
        if len(known) > LANGUAGES_LIMIT:
            raise _too_many_languages()
        line.translations = list(known.values())

    def _take_apart(self, element: Element, base_ms: int, into: _Content) -> None:
        for child in element.children:
            if isinstance(child, str):
                into.pieces.append(Piece(child))
            elif child.name == "br":
                into.pieces.append(Piece(" "))
            elif child.name == "span":
                self._take_span(child, base_ms, into)
        if not any(piece.text.strip() for piece in into.pieces):
            into.pieces.clear()

    def _take_span(self, span: Element, base_ms: int, into: _Content) -> None:
        role = span.attributes.get("role", "")
        begin_ms, end_ms = self.timing.span(span, base_ms)
        inside_ms = base_ms if begin_ms is None else begin_ms
        if role == "x-translation":
            made = translation(span.attributes.get("lang", ""), span.text())
            into.translations += [] if made is None else [made]
        elif role == "x-bg":
            behind = _Content()
            self._take_apart(span, inside_ms, behind)
            into.background.append((begin_ms, end_ms, behind.pieces))
        elif role not in ("x-roman", "x-romanization", "x-transliteration"):
            if begin_ms is None or any(each.name == "span" for each in span.elements()):
                inner = _Content()
                self._take_apart(span, inside_ms, inner)
                into.pieces += inner.pieces or [Piece(span.text())]
                into.background += inner.background
                into.translations += inner.translations
            else:
                into.pieces.append(Piece(span.text(), begin_ms, end_ms))

    def lyrics(self) -> Lyrics:
        """Everything read, lines in another language joined to those they translate."""
        main = self.language or next((language for _, language in self._lines if language), None)
        own = [line for line, language in self._lines if language is None or language == main]
        at = {line.at_ms: line for line in reversed(own) if not line.is_background}
        lines = list(own)
        for line, language in self._lines:
            if language is None or language == main:
                continue
            near = sorted((abs(line.at_ms - each), each) for each in _around(line.at_ms) if each in at)
            made = translation(language, line.text)
            if near and made is not None:
                self._translate(at[near[0][1]], [made])
            elif not near:
                lines.append(line)
        return put_together(lines, "\n".join(self._plain), language=main, agents=list(self.agents.values()))


def write_ttml(lyrics: Lyrics, headers: Mapping[str, str] | None = None) -> str:
    """TTML that `parse_ttml` reads back without loss, in Apple's manner: every time counts from the song's beginning.

    `headers` may have `ti`, the title. An end of a line that its words outlast is the only thing not written.
    """
    title = (headers or {}).get("ti", "")
    head = f"<ttm:title>{_text(title)}</ttm:title>" if title else ""
    for agent in lyrics.agents:
        name = f'<ttm:name type="full">{_text(agent.name)}</ttm:name>' if agent.name else ""
        head += f"<ttm:agent xml:id={quoteattr(agent.id)} type={quoteattr(agent.kind)}>{name}</ttm:agent>"
    language = f" xml:lang={quoteattr(lyrics.language)}" if lyrics.language else ""
    kind = "Word" if any(line.words for line in lyrics.lines) else "Line"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata" '
        f'xmlns:itunes="http://music.apple.com/lyric-ttml-internal" itunes:timing="{kind}"{language}>'
        f"<head><metadata>{head}</metadata></head><body><div>\n"
        + "\n".join(_paragraph(line) for line in lyrics.lines)
        + "\n</div></body></tt>\n"
    )


def _paragraph(line: SheetLine) -> str:
    sung = "".join(
        f"<span{_times(word.at_ms, word.end_ms)}>{_text(word.text.rstrip(' '))}</span>"
        + (" " if word.text.endswith(" ") else "")
        for word in line.words
    ) or _text(line.text)
    if line.is_background:
        sung = f'<span ttm:role="x-bg"{_times(line.at_ms, line.end_ms)}>{sung}</span>'
    for each in line.translations:
        language = quoteattr(each.language)
        sung += f'<span ttm:role="x-translation" xml:lang={language}>{_text(each.text)}</span>'
    agent = f" ttm:agent={quoteattr(line.agent)}" if line.agent else ""
    return f"<p{_times(line.at_ms, line.end_ms)}{agent}>{sung}</p>"


def _times(at_ms: int, end_ms: int | None) -> str:
    end = f' end="{end_ms / 1000:.3f}s"' if end_ms is not None else ""
    return f' begin="{at_ms / 1000:.3f}s"{end}'


def _text(text: str) -> str:
    """Text as XML 1.0 may hold it: its two noncharacters cannot even be escaped."""
    return escape(text.replace("\ufffe", "").replace("\uffff", ""))


def _too_many_languages() -> Invalid:
    return Invalid(f"A line can be translated into at most {LANGUAGES_LIMIT} languages.")


def _first(pieces: Sequence[Piece]) -> int | None:
    return next((piece.at_ms for piece in pieces if piece.at_ms is not None), None)


def _around(at_ms: int) -> range:
    return range(at_ms - SAME_MS, at_ms + SAME_MS + 1)
