"""What is written to students. Owns sentences and escaping."""

from __future__ import annotations

from datetime import datetime
from html import escape

from services.mail.wording import Wording


def code(name: str, digits: str, minutes: int) -> Wording:
    """The code that proves that somebody reads mail at a school."""
    return _letter(
        "Your code for Tutti",
        f"Somebody on Tutti ({name}) says that this is their address at school. If that is you, the code is:",
        digits,
        f"It is good for {minutes} minutes, once. If it is not you, do nothing.",
    )


def ends_soon(name: str, until: datetime, home: str) -> Wording:
    """Time to prove it again."""
    return _letter(
        "Are you still a student?",
        f"Hello {name}, your year as a student on Tutti ends on {_day(until)}.",
        f"Prove it once more to go on: {home}",
        "If you are none any more, there is nothing to do.",
    )


def in_grace(name: str, until: datetime, home: str) -> Wording:
    """The year is over, the grace is not."""
    return _letter(
        "Your year as a student is over",
        f"Hello {name}, your year as a student on Tutti is over; what it gives you stays until {_day(until)}.",
        f"Prove until then that you are still one: {home}",
        "If you are none any more, there is nothing to do.",
    )


def decided(name: str, approved: bool, reason: str, home: str) -> Wording:
    """What became of a document."""
    verdict = "You are a student on Tutti now." if approved else "We could not accept what you handed in."
    return _letter(f"Hello {name}, we looked at your document", verdict, reason, home)


def _letter(subject: str, *lines: str) -> Wording:
    said = [line for line in lines if line]
    html = "".join(f"<p>{escape(line)}</p>" for line in said)
    return Wording(subject, "\n\n".join(said) + "\n", html)


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
