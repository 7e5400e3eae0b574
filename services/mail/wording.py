"""What mails say, as text and as HTML: the one place of templates.

Owns sentences and escaping. Refuses to know who is written to and when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from string import Template


@dataclass(frozen=True, slots=True)
class Wording:
    """A mail's words."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of news in a digest, and the address of what it is about."""

    text: str
    url: str


_TEXT = Template("""Hello $name,

$opening

$lines
$more
Listen: $home

You get this because you asked for a digest.
What you are told: $settings
No more digests: $unsubscribe
""")
# Colours stand in each element, since many mail readers drop the head; those that keep it have the dark ones too.
_FRAME = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>$subject</title>
<style>
@media (prefers-color-scheme: dark) {
  .ground { background: #14110f !important; }
  .card { background: #1f1a17 !important; border-color: #352d28 !important; }
  .words, .words a { color: #f6efe8 !important; }
  .soft, .soft a { color: #b9aca1 !important; }
  .line { border-color: #352d28 !important; }
}
</style></head>
<body class="ground" style="margin:0;padding:0;background:#fbf7f3">
<div class="ground" style="background:#fbf7f3;padding:32px 16px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
<div class="card words" style="max-width:544px;margin:0 auto;padding:32px 28px;background:#ffffff;border:1px solid #e4d9cf;border-radius:16px;color:#221a15">
<p style="margin:0 0 20px;font-weight:700;font-size:18px;color:#c8502c">Tutti</p>
<p class="soft" style="margin:0 0 4px;color:#6b5c50">Hello $name,</p>
<h1 style="margin:0 0 20px;font-size:24px;line-height:1.25">$heading</h1>
$body
</div>
<p class="soft" style="max-width:544px;margin:20px auto 0;font-size:14px;color:#6b5c50;text-align:center">$foot</p>
</div>
</body></html>
""")  # noqa: E501
_NEWS = Template("""<ul style="list-style:none;margin:0;padding:0">
$lines
</ul>
$more<p style="margin:28px 0 0"><a href="$home" style="display:inline-block;padding:11px 26px;border-radius:999px;background:#b3421c;color:#ffffff;font-weight:600;text-decoration:none">Listen on Tutti</a></p>""")  # noqa: E501
_FOOT = Template("""You get this because you asked for a digest.<br>
<a href="$settings" style="color:#6b5c50">What you are told</a> · <a href="$unsubscribe" style="color:#6b5c50">No more digests</a>""")  # noqa: E501
_LINE = Template(
    '<li class="line" style="border-top:1px solid #e4d9cf">'
    '<a href="$url" style="display:block;padding:12px 0;color:#221a15;text-decoration:none;overflow-wrap:anywhere">'
    "$text</a></li>"
)


def digest(name: str, lines: Sequence[Line], *, more: int, home: str, unsubscribe_url: str) -> Wording:
    """What somebody has not read: a line each, and how many `more` there are. `home` ends in a slash."""
    number = len(lines) + more
    subject = "One thing is new for you" if number == 1 else f"{number} things are new for you"
    plain = {
        "name": name,
        "opening": subject,
        "home": home,
        "settings": f"{home}#/settings",
        "unsubscribe": unsubscribe_url,
    }
    safe = {key: escape(value) for key, value in plain.items()}
    items = [_LINE.substitute(url=escape(line.url), text=escape(line.text)) for line in lines]
    beyond = f'<p class="soft" style="margin:12px 0 0;color:#6b5c50">And {more} more.</p>\n' if more else ""
    return Wording(
        subject=subject,
        text=_TEXT.substitute(
            plain | {"opening": f"{subject}:"},
            lines="\n".join(f"- {line.text}\n  {line.url}" for line in lines),
            more=f"\nAnd {more} more.\n" if more else "",
        ),
        html=framed(
            subject,
            name,
            subject,
            _NEWS.substitute(safe, lines="\n".join(items), more=beyond),
            _FOOT.substitute(safe),
        ),
    )


def framed(subject: str, name: str, heading: str, body: str, foot: str) -> str:
    """The layout that all mails share; `body` and `foot` are HTML already, the rest is plain text."""
    plain = {"subject": subject, "name": name, "heading": heading}
    return _FRAME.substitute({key: escape(value) for key, value in plain.items()}, body=body, foot=foot)
