"""What the player's templates say comes from the catalogues: no words stand in them as they are."""

import re
from pathlib import Path

PLAYER = Path(__file__).parents[2] / "web" / "player"
SAID = re.compile(r"""\s(?:aria-label|title|placeholder|alt|aria-valuetext)=["']([^"']*)["']""")
BETWEEN = re.compile(r">([^<>]*)<")
SPOKEN = re.compile(r"[A-Za-z]{3,}")
OWN = {"Tutti", "OpenStreetMap"}
"""Names that are the same in every language."""


def templates(text):
    """The texts of the html`…` templates of a module, what is computed in them left out; nested ones by themselves."""
    found, at = [], 0
    while (at := text.find("html`", at)) >= 0:
        at += len("html`")
        found.append(_plain(text, at))
    return found


def _plain(text, at):
    said = []
    while at < len(text):
        if text.startswith("${", at):
            at = _past(text, at + 2)
            said.append("\0")
        elif text[at] == "`":
            break
        elif text[at] == "\\":
            at += 2
        else:
            said.append(text[at])
            at += 1
    return "".join(said)


def _past(text, at):
    """Behind the brace that closes a computed part."""
    open_braces = 1
    while open_braces and at < len(text):
        if text[at] == "`":
            at = _end(text, at + 1)
        elif text[at] in "'\"":
            quote, at = text[at], at + 1
            while text[at] != quote:
                at += 2 if text[at] == "\\" else 1
        elif text[at] in "{}":
            open_braces += 1 if text[at] == "{" else -1
        at += 1
    return at


def _end(text, at):
    while text[at] != "`":
        at = _past(text, at + 2) if text.startswith("${", at) else at + (2 if text[at] == "\\" else 1)
    return at


def bare(template):
    between = [each for part in BETWEEN.findall(f">{template}<") for each in SPOKEN.findall(part)]
    attributes = [each for part in SAID.findall(template) for each in SPOKEN.findall(part)]
    return [each for each in between + attributes if each not in OWN]


def test_words_that_are_left_in_a_template_are_seen():
    assert bare(templates("html`<p class=wide>Hello there ${t('a.b')}</p>`")[0]) == ["Hello", "there"]
    assert bare(templates('html`<button aria-label="Close it"></button>`')[0]) == ["Close"]
    [outer, inner] = templates("html`<p title=${t('x.why')}>${yes ? html`<b>${1}</b>` : 'no'}</p>`")
    assert bare(outer) == bare(inner) == []


def test_no_template_of_the_player_says_words_of_one_language():
    found = {}
    for module in sorted(PLAYER.rglob("*.js")):
        words = [each for template in templates(module.read_text()) for each in bare(template)]
        if words:
            found[str(module.relative_to(PLAYER))] = words
    assert found == {}
