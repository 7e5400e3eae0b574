"""A letter to one person about their account: a heading, some lines, at most one button and one code.

Owns its shape as text and as HTML, on the layout that digests have too. Refuses to know what it is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from services.mail.wording import Wording, framed


@dataclass(frozen=True, slots=True)
class Button:
    """Where a letter leads."""

    label: str
    url: str


def letter(
    name: str,
    subject: str,
    lines: Sequence[str],
    *,
    home: str,
    button: Button | None = None,
    code: str = "",
    foot: str = "You get this because of your account here.",
) -> Wording:
    """The mail's words; `lines` are paragraphs of plain text, `home` is the address of the house."""
    subject = " ".join(subject.split())
    text = [f"Hello {name},", *lines]
    if code:
        text.append(f"Your code: {code}")
    if button is not None:
        text.append(f"{button.label}:\n{button.url}")
    text.append(f"{foot}\nTutti, {home}")
    body = "\n".join(f'<p style="margin:0 0 16px">{_lines(line)}</p>' for line in lines)
    if code:
        spaced = f"{code[: len(code) // 2]} {code[len(code) // 2 :]}"
        body += (
            '\n<p style="margin:0 0 20px;font:700 28px/1.3 ui-monospace,Menlo,Consolas,monospace;letter-spacing:2px">'
            f"{escape(spaced)}</p>"
        )
    if button is not None:
        body += (
            f'\n<p style="margin:28px 0 0"><a href="{escape(button.url)}" style="display:inline-block;'
            "padding:11px 26px;"
            'border-radius:999px;background:#b3421c;color:#ffffff;font-weight:600;text-decoration:none">'
            f"{escape(button.label)}</a></p>"
        )
    below = f'{_lines(foot)}<br>\n<a href="{escape(home)}" style="color:#6b5c50">Tutti</a>'
    return Wording(subject, "\n\n".join(text) + "\n", framed(subject, name, subject, body, below))


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")
