"""Documents made to be costly: lyrics, playlists, settings and plain text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

MILLION = 1_000_000
TT = '<tt xmlns="http://www.w3.org/ns/ttml"><body><div>{}</div></body></tt>'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))

LYRICS: dict[str, tuple[str, Callable[[], str]]] = {
    "ttml: a billion laughs": ("ttml", lambda: f'<!DOCTYPE tt [<!ENTITY l0 "ha">{LAUGHS}]>' + TT.format("<p>&l9;</p>")),
    "ttml: entities by the square": (
        "ttml",
        lambda: f'<!DOCTYPE tt [<!ENTITY a "{"a" * 50_000}">]>' + TT.format("<p>" + "&a;" * 50_000 + "</p>"),
    ),
    "ttml: an external entity": (
        "ttml",
        lambda: '<!DOCTYPE tt [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + TT.format("<p>&x;</p>"),
    ),
    "ttml: an external document type": ("ttml", lambda: '<!DOCTYPE tt SYSTEM "http://127.0.0.1:9/x">' + TT.format("")),
    "ttml: a hundred thousand deep": ("ttml", lambda: "<tt><body>" + "<div>" * 100_000),
    "ttml: a million elements": ("ttml", lambda: TT.format("<p/>" * 240_000)),
    "ttml: ten thousand attributes": (
        "ttml",
        lambda: TT.format("<p " + " ".join(f'a{n}="1"' for n in range(10_000)) + "/>"),
    ),
    "ttml: one text in a million pieces": ("ttml", lambda: TT.format('<p begin="1s">' + "a<br/>" * 90_000 + "</p>")),
    "ttml: an attribute of a megabyte": ("ttml", lambda: TT.format(f'<p begin="{"1" * 990_000}">x</p>')),
    "ttml: one name of a megabyte": ("ttml", lambda: "<tt><" + "a" * 990_000),
    "lrc: a million lines": ("lrc", lambda: "[0:1]a\n" * 140_000),
    "lrc: a million characters too many": ("lrc", lambda: "[00:01.00]a\n" * MILLION),
    "lrc: one line sung a hundred thousand times": ("lrc", lambda: "[0:1]" * 190_000 + "la " * 10_000),
    "lrc: a line of stamps that never close": ("lrc", lambda: "[00:01.0" * 120_000),
    "lrc: blanks in brackets": ("lrc", lambda: "[" + " " * 990_000 + "\n[0:1]a"),
    "lrc: brackets in a header": ("lrc", lambda: "[a:" + "] " * 490_000 + "x\n[0:1]a"),
    "lrc: words stamped a hundred thousand times": ("lrc", lambda: "[0:1]" + "<0:1>a" * 160_000),
    "srt: blanks in a time": ("srt", lambda: "00:00:01,000 -->" + " " * 990_000 + "x"),
    "srt: marks that never close": ("srt", lambda: "1\n00:00:01,000 --> 00:00:02,000\n" + "<a" * 450_000),
    "srt: a hundred thousand cues": ("srt", lambda: "1\n00:00:01,000 --> 00:00:02,000\na\n\n" * 25_000),
    "plain: a million marks on one letter": ("plain", lambda: "a" + "\u0315\u0300" * 499_000),
}
PLAYLISTS: dict[str, Callable[[], str]] = {
    "m3u8: a number of five million digits": lambda: "#EXTINF:" + "1" * 4_999_000,
    "m3u8: five million blanks": lambda: "#EXTINF:" + " " * 4_999_000,
    "m3u8: a million empty lines": lambda: "#EXTM3U\n" + "\n" * 4_000_000 + "a.mp3",
    "m3u8: two million tracks": lambda: "a\n" * 2_400_000,
    "m3u8: a name of five million letters": lambda: "#PLAYLIST:" + "é" * 4_900_000 + "\na.mp3",
    "m3u8: more than five million characters": lambda: "a" * 5_000_001,
    "m3u8: a million marks on one letter": lambda: "#EXTINF:1,a" + "\u0315\u0300" * MILLION + "\na.mp3",
    "jspf: a hundred thousand deep": lambda: '{"playlist":' * 100_000,
    "jspf: arrays a million deep": lambda: '{"playlist":' + "[" * MILLION + "]" * MILLION + "}",
    "jspf: a number of a million digits": lambda: '{"playlist":{"track":[{"duration":' + "9" * MILLION + "}]}}",
    "jspf: a number beyond all floats": lambda: '{"playlist":{"track":[{"title":"a","duration":1e999}]}}',
    "jspf: half a character": lambda: '{"playlist":{"track":[{"title":"\\ud800"}]}}',
    "jspf: a million tracks": lambda: '{"playlist":{"track":[' + ",".join(["{}"] * MILLION) + "]}}",
    "jspf: a million keys": lambda: '{"playlist":{' + ",".join(f'"{n}":1' for n in range(350_000)) + ',"track":[{}]}}',
}
ANCHORS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
CONFIGURATIONS = {
    "yaml: anchors of anchors": ANCHORS,
    "yaml: an object of Python's": "server: !!python/object/apply:os.system ['touch /tmp/owned']\n",
    "yaml: brackets a hundred thousand deep": "server: " + "[" * 100_000,
    "yaml: an anchor that holds itself": "server: &a [*a]\n",
    "yaml: a number of a hundred thousand digits": "server:\n  port: " + "9" * 100_000 + "\n",
}


def read_configuration(path: Path, text: str) -> str:
    """The faults that the settings' own reader finds."""
    from server.config import BadConfiguration, load_settings

    path.write_text(text)
    try:
        load_settings(path, {})
    except BadConfiguration as faults:
        return f"refused: {len(str(faults))} characters of faults"
    return "taken"


def _plain(text: str) -> str:
    from services.typed_text import read_plain

    return str(len(read_plain(text, "name", "A name", 200)))


def _prose(text: str) -> str:
    from services.typed_text import read_prose

    return str(len(read_prose(text, "bio", "A bio", 100_000)))


def _lyrics(text: str) -> str:
    from services.catalogue.wording import read_text

    return str(len(read_text(text, "lyrics", limit=200_000)))


def _key(text: str) -> str:
    from services.search.musical_key import read_key

    return str(read_key(text))


def _multipart(text: str) -> str:
    from handlers.multipart import MultipartParser, boundary_of

    boundary_of("multipart/form-data; boundary=x" + text[:8000])
    parser = MultipartParser(b"x")
    list(parser.feed(b"--x\r\nContent-Disposition: form-data" + text.encode()[:8000] + b"\r\n\r\n"))
    for at in range(0, 200_000, 100):
        list(parser.feed(text.encode()[at : at + 100]))
    return "read"


def _filter_details(text: str) -> str:
    from services.audit.details import plain_details

    return str(len(plain_details({"reason": text})["reason"]))


def _folded(text: str) -> str:
    from services.library.names import fold
    from services.search.folding import fold as fold_for_search

    return f"{len(fold(text[:500]))} {len(fold_for_search(text))}"


TEXTS: dict[str, tuple[Callable[[], str], Callable[[Any], str]]] = {
    "text: eight hundred marks on one letter": (lambda: "a" + "\u0315\u0300" * 399, _plain),
    "text: a hundred thousand marks on one letter": (lambda: "a" + "\u0315\u0300" * 50_000, _prose),
    "text: two hundred thousand marks in lyrics": (lambda: "a" + "\u0315\u0300" * 99_000, _lyrics),
    "text: signs that become eighteen letters": (lambda: "\ufdfa" * MILLION, _folded),
    "text: a key of a million blanks": (lambda: "a" + " " * MILLION + "!", _key),
    "text: a million letters in the audit": (lambda: "eyJa." + "-a" * MILLION, _filter_details),
    "multipart: quotes that never close": (lambda: '; name="' + "\\a" * MILLION, _multipart),
    "multipart: almost a delimiter": (lambda: '; name="a"\r\n\r\n' + "\r\n--" * MILLION, _multipart),
    "multipart: blanks": (lambda: ";" + " " * MILLION, _multipart),
}
