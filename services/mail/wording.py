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


_TEXT = Template("""Hello $name,

$opening

$lines
$more
Listen: $home

You get this because you asked for a digest. No more of them: $unsubscribe
""")
_HTML = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>$subject</title></head>
<body style="margin:0;padding:24px;background:#14110f;color:#f6efe8;font:16px/1.45 system-ui,sans-serif">
<main style="max-width:34rem;margin:0 auto">
<p>Hello $name,</p>
<h1 style="font-size:1.3rem">$opening</h1>
<ul style="padding-left:1.2rem">
$lines
</ul>
<p>$more</p>
<p><a href="$home" style="color:#f0764f">Listen on Tutti</a></p>
<p style="color:#b9aca1;font-size:.85rem">You get this because you asked for a digest.
<a href="$unsubscribe" style="color:#b9aca1">No more of them</a>.</p>
</main></body></html>
""")


def digest(name: str, lines: Sequence[str], *, more: int, home: str, unsubscribe_url: str) -> Wording:
    """What somebody has not read: a line each, and how many `more` there are."""
    number = len(lines) + more
    subject = "One thing is new for you" if number == 1 else f"{number} things are new for you"
    beyond = f"And {more} more.\n" if more else ""
    plain = {
        "name": name, "opening": f"{subject}:", "more": beyond, "home": home, "unsubscribe": unsubscribe_url,
    }  # fmt: skip
    safe = {key: escape(value) for key, value in plain.items()}
    items = "\n".join(f"<li>{escape(line)}</li>" for line in lines)
    return Wording(
        subject=subject,
        text=_TEXT.substitute(plain, lines="\n".join(f"- {line}" for line in lines)),
        html=_HTML.substitute(safe, subject=escape(subject), lines=items),
    )
