"""What is written to somebody who is asked into a family. Owns the sentences."""

from __future__ import annotations

from datetime import datetime

from services.mail.letter import Button, letter
from services.mail.wording import Wording


def invitation(name: str, owner: str, url: str | None, home: str, until: datetime) -> Wording:
    """An invitation to `name`: with a link for whoever gets it, or (None) to be answered by the account it is for."""
    day = f"{until.day} {until:%B %Y}"
    lines = [
        f"{owner} would like to share their plan with you: you get what it gives, with an account of your own. "
        "You have to live at the same address.",
        f"The button is good once, until {day}." if url else f"Sign in to answer; the invitation waits until {day}.",
        f"If you do not know {owner}, do nothing.",
    ]
    button = Button("Answer", url or f"{home}#/plan")
    foot = f"You get this because {owner} gave this address."
    return letter(name, f"{owner} asks you into their family", lines, home=home, button=button, foot=foot)
