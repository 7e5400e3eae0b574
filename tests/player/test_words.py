"""The player's words: every language says the same things, and nothing is said that no language knows."""

import json
import re
from pathlib import Path

import pytest

PLAYER = Path(__file__).parents[2] / "web" / "player"
LANGUAGE = PLAYER / "language"
TONGUES = sorted(path.name for path in LANGUAGE.iterdir() if path.is_dir())
AREAS = sorted(path.stem for path in (LANGUAGE / "en").glob("*.json"))
PLURALS = {
    "en": {"one", "other"},
    "es": {"one", "many", "other"},
    "fr": {"one", "many", "other"},
    "de": {"one", "other"},
    "ja": {"other"},
    "ar": {"zero", "one", "two", "few", "many", "other"},
}
"""The categories of CLDR that whole numbers fall into; a form that is left out falls back to `other`."""

_KEY = re.compile(r"""\bt\(\s*(['"`])([a-z][\w-]*\.[^'"`$]*)\1""")
_BEGINNING = re.compile(r"""\bt\(\s*`([a-z][\w-]*\.[^`$]*)\$\{""")
_WORDS = re.compile(r"""['"`]([a-z][a-z-]*\.[\w.-]+)['"`]""")


def catalogue(tongue, area):
    return json.loads((LANGUAGE / tongue / f"{area}.json").read_text())


def names_in(text):
    forms = text.values() if isinstance(text, dict) else [text]
    return {name for form in forms for name in re.findall(r"\{(\w+)\}", form)}


@pytest.mark.parametrize("area", AREAS)
def test_every_language_has_the_same_words_with_the_same_names_in_them(area):
    english = catalogue("en", area)
    assert list(english) == sorted(english), "keys stand in order"
    for tongue in TONGUES:
        words = catalogue(tongue, area)
        assert set(words) == set(english), (tongue, set(words) ^ set(english))
        for key, text in words.items():
            assert key.startswith(f"{area}."), key
            assert names_in(text) == names_in(english[key]), (tongue, key)
            assert isinstance(text, dict) == isinstance(english[key], dict), (tongue, key)
            if isinstance(text, dict):
                assert "other" in text and set(text) <= PLURALS[tongue], (tongue, key)
            assert all(form.strip() for form in (text.values() if isinstance(text, dict) else [text])), (tongue, key)


def test_every_key_that_a_module_asks_for_is_there_and_every_word_is_asked_for():
    known = {key for area in AREAS for key in catalogue("en", area)}
    asked, beginnings, strings = {}, set(), set()
    for module in PLAYER.rglob("*.js"):
        text = module.read_text()
        asked |= {key: module.name for _, key in _KEY.findall(text)}
        beginnings |= set(_BEGINNING.findall(text))
        strings |= set(_WORDS.findall(text))
    assert {key: module for key, module in asked.items() if key not in known} == {}
    unused = {key for key in known if key not in strings and not any(key.startswith(each) for each in beginnings)}
    assert unused == set()
