"""Every regular expression of the product, and strings made from each that it would backtrack over.

For each repetition inside a pattern: what comes before it, what it repeats many times over, and an end that fits
nothing. That finds the ways to share out one run among several repetitions, from quadratic on.
"""

from __future__ import annotations

import ast
import re
import re._constants as codes
import re._parser as parser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("services", "server", "handlers", "graph", "realtime", "storage")
LEFT_OUT = ("services/demo/", "services/seed/")
"""What is played at home: their texts are their own."""
LENGTH = 10_000
BOUNDS = {
    # Where no longer text ever comes, and what holds it.
    "services/library/credits.py:_FEATURING": 500,  # services/audio/tags/meaning.py: NAME_LIMIT
    "services/library/credits.py:_SEPARATORS": 500,
    "services/library/path_tags.py:_YEAR_FRONT": 255,  # one name in a folder
    "services/library/path_tags.py:_YEAR_BACK": 255,
    "services/playlists/matching.py:_SEVERAL": 500,  # services/playlists/exchange.py: TEXT_LIMIT
    "services/search/musical_key.py:_WRITTEN": 48,  # LONGEST, and the word that is put behind it
    "services/audit/details.py:_SECRET_VALUES": 2_000,  # LONGEST_READ
    "handlers/express/head.py:_HEAD": 8_192,  # MOST_BYTES
}
ENDS = ("\0", "", "!\n")


@dataclass(frozen=True)
class Pattern:
    place: str
    pattern: re.Pattern[Any]
    methods: frozenset[str]


def every_pattern() -> list[Pattern]:
    """Named ones with the methods that are called on them, and those that are written where they are used."""
    found = []
    for path in sorted(each for room in ROOMS for each in (ROOT / room).rglob("*.py")):
        name = str(path.relative_to(ROOT))
        if not name.startswith(LEFT_OUT) and "import re\n" in (text := path.read_text()):
            found += _of_file(name, text)
    return found


def _of_file(name: str, text: str) -> Iterator[Pattern]:
    tree = ast.parse(text)
    named: dict[str, ast.Call] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and _is_re(node.value, "compile"):
            target = node.targets[0]
            named[target.id if isinstance(target, ast.Name) else target.attr] = node.value
    uses: dict[str, set[str]] = {key: set() for key in named}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = getattr(node.value, "id", getattr(node.value, "attr", None))
            if owner in uses:
                uses[owner].add(node.attr)
    for key, call in named.items():
        if (compiled := _compiled(call, tree, name)) is not None:
            methods = uses[key] & {"match", "fullmatch", "search", "sub", "split", "findall", "finditer"}
            yield Pattern(f"{name}:{key}", compiled, frozenset(methods or {"search"}))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_re(node) and node not in named.values():
            if isinstance(node.func, ast.Attribute) and node.func.attr == "escape":
                continue
            compiled = _compiled(node, tree, name)
            method = node.func.attr if node.func.attr != "compile" else "search"
            if compiled is not None:
                yield Pattern(f"{name}:{node.lineno}", compiled, frozenset({method}))


def _is_re(node: Any, method: str | None = None) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    return getattr(node.func.value, "id", "") == "re" and method in (None, node.func.attr)


def _compiled(call: ast.Call, tree: ast.Module, name: str) -> re.Pattern[Any] | None:
    """The pattern of a call; None for one that is put together from what only its module knows as it runs."""
    simple = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    known: dict[str, Any] = {"re": re}
    needed = [node.id for node in ast.walk(call) if isinstance(node, ast.Name) and node.id in simple]
    try:
        for key in needed:
            known[key] = eval(compile(ast.Expression(simple[key]), name, "eval"), dict(known))
        arguments = [eval(compile(ast.Expression(each), name, "eval"), known) for each in call.args]
    except NameError:
        return None
    flags = [each for each in arguments[1:] if isinstance(each, re.RegexFlag)]
    for keyword in call.keywords:
        if keyword.arg == "flags":
            flags.append(eval(compile(ast.Expression(keyword.value), name, "eval"), known))
    return re.compile(arguments[0], flags[0] if flags else 0)


def strings_against(pattern: re.Pattern[Any], length: int, ends: Sequence[str] = ENDS) -> Iterator[str]:
    """Strings of about that length which a careless pattern takes long for."""
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    pairs = [
        *_pumps(tree, ""),
        *(("", pump) for pump in (" ", "a", "1", "-", ".", "a-", "a.", "a a", "<", "(", "\xa0")),
    ]
    for before, pump in dict.fromkeys(pairs):
        for end in ends:
            yield before + pump * (length // len(pump)) + end


def _pumps(tree: Any, before: str) -> Iterator[tuple[str, str]]:
    for code, what in tree:
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            if what[1] >= 8:
                yield from ((before, _sample(what[2], pick) or "a") for pick in range(4))
            yield from _pumps(what[2], before)
        elif code is codes.SUBPATTERN:
            yield from _pumps(what[3], before)
        elif code is codes.BRANCH:
            for branch in what[1]:
                yield from _pumps(branch, before)
        before += _sample([(code, what)])


def _sample(tree: Any, pick: int = 0) -> str:
    """A string that this part of a pattern matches, mostly."""
    made = ""
    for code, what in tree:
        if code is codes.LITERAL:
            made += chr(what)
        elif code is codes.NOT_LITERAL:
            made += "a" if chr(what) != "a" else "b"
        elif code in (codes.ANY, codes.GROUPREF):
            made += "a"
        elif code is codes.IN:
            choices = _members(what)
            made += choices[pick % len(choices)]
        elif code is codes.BRANCH:
            made += _sample(what[1][pick % len(what[1])], pick)
        elif code is codes.SUBPATTERN:
            made += _sample(what[3], pick)
        elif code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            made += _sample(what[2], pick) * what[0]
    return made


_CATEGORIES = {
    codes.CATEGORY_DIGIT: ("1", r"\d"), codes.CATEGORY_SPACE: (" ", r"\s"), codes.CATEGORY_WORD: ("a", r"\w"),
    codes.CATEGORY_NOT_DIGIT: ("a", r"\D"), codes.CATEGORY_NOT_SPACE: ("a", r"\S"),
    codes.CATEGORY_NOT_WORD: ("-", r"\W"),
}  # fmt: skip


def _members(items: Any) -> list[str]:
    if items[0][0] is codes.NEGATE:
        return [sign for sign in "a1 -.,é\x01~" if not any(_is_in(sign, item) for item in items[1:])] or ["~"]
    shown = {codes.LITERAL: chr, codes.RANGE: lambda ends: chr(ends[0]), codes.CATEGORY: lambda c: _CATEGORIES[c][0]}
    return [shown[code](what) for code, what in items]


def _is_in(sign: str, item: Any) -> bool:
    code, what = item
    if code is codes.CATEGORY:
        return re.match(_CATEGORIES[what][1], sign) is not None
    return what[0] <= ord(sign) <= what[1] if code is codes.RANGE else chr(what) == sign


def attack(each: Pattern, text: str) -> None:
    """Use the pattern on the text as the product does."""
    found: Any = text.encode("latin-1", "replace") if isinstance(each.pattern.pattern, bytes) else text
    for method in each.methods:
        if method == "sub":
            each.pattern.sub(found[:0], found)
        elif method == "finditer":
            for _ in each.pattern.finditer(found):
                pass
        else:
            getattr(each.pattern, method)(found)
