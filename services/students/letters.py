"""What is written to students. Owns the sentences."""

from __future__ import annotations

from datetime import datetime

from services.mail.letter import Button, letter
from services.mail.wording import Wording


def code(name: str, digits: str, minutes: int, home: str) -> Wording:
    """The code that proves that somebody reads mail at a school."""
    lines = [
        "Somebody, probably you, says that this is their address at school. Type this code on your plan's page.",
        f"It is good once, for {minutes} minutes. If it was not you, do nothing.",
    ]
    foot = f"You get this because {name} gave this address."
    return letter(name, "Your code as a student", lines, home=home, code=digits, foot=foot)


def ends_soon(name: str, until: datetime, home: str) -> Wording:
    """Time to prove it again."""
    lines = [
        f"Your year as a student ends on {_day(until)}. Prove once more that you are one, and it goes on.",
        "If you are none any more, there is nothing to do.",
    ]
    return letter(name, "Are you still a student?", lines, home=home, button=_plan(home))


def in_grace(name: str, until: datetime, home: str) -> Wording:
    """The year is over, the grace is not."""
    lines = [
        f"Your year as a student is over; what it gives you stays until {_day(until)}. Prove until then that you are "
        "still one.",
        "If you are none any more, there is nothing to do.",
    ]
    return letter(name, "Your year as a student is over", lines, home=home, button=_plan(home))


def decided(name: str, approved: bool, reason: str, home: str) -> Wording:
    """What became of a document."""
    verdict = "You are a student here now." if approved else "We could not accept what you handed in."
    lines = [verdict, *([reason] if reason else [])]
    return letter(name, "We looked at your document", lines, home=home, button=_plan(home))


def _plan(home: str) -> Button:
    return Button("Your plan", f"{home}#/plan")


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
