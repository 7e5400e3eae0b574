"""Secrets are compared in a time that says nothing: by `hmac.compare_digest`, or looked up by their hash."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("services", "handlers", "realtime", "graph", "server")
SECRET = re.compile(
    r"(^|_)(token|secret|signature|digest|nonce|password|otp|pin|mac|hash|sealed|challenge|proof)s?($|_)"
)
ALLOWED = {
    "services/audio/": "hashes of sounds, which are no secret",
    "services/files/": "hashes of files",
    "services/uploads/": "the SHA-256 that whoever sends a file says of it",
    "services/library/": "hashes of files",
    "services/pictures/": "hashes of pictures",
    "services/downloads/": "hashes of what is downloaded, which their owner has",
    "services/analysis/": "hashes of sounds",
    "services/moderation/flags/": "hashes of sounds",
    "services/discovery/": "digests of recipes",
    "services/search/": "digests of settings",
    "handlers/": "entity tags",
    "services/audit/chain.py": "hashes of a chain that its readers may know",
    "services/billing/customers.py": "whether an address has changed since it was told to Stripe",
    "services/notifications/choices.py": "the digest here is a mail",
    "server/commands/create_admin.py": "what one person typed twice",
}


def comparisons(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The line and text of each `==`, `!=` or `in` between things of which one has a secret's name."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        if not any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
            continue
        sides = [node.left, *node.comparators]
        if any(isinstance(side, ast.Constant) for side in sides):
            continue
        names = [
            side.attr if isinstance(side, ast.Attribute) else side.id
            for side in sides
            if isinstance(side, ast.Attribute | ast.Name)
        ]
        if any(SECRET.search(name) for name in names):
            yield node.lineno, ast.unparse(node)


def test_no_secret_is_compared_letter_by_letter():
    found = []
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name.startswith(tuple(ALLOWED)):
                continue
            found += [
                f"{name}:{line}: {text}" for line, text in comparisons(ast.parse(path.read_text(encoding="utf-8")))
            ]
    assert found == []


def test_the_walk_sees_what_it_looks_for():
    seen = list(
        comparisons(ast.parse("if given_token == kept: pass\nif self.secret != other: pass\nif token == '': pass"))
    )
    assert [line for line, _ in seen] == [1, 2]
