"""What is written to somebody who is asked into a family. Owns sentences and escaping."""

from __future__ import annotations

from datetime import datetime
from html import escape

from services.mail.wording import Wording


def invitation(owner: str, url: str | None, home: str, until: datetime) -> Wording:
    """An invitation: with a link for whoever gets it, or (without) to be answered by the account it is for."""
    day = f"{until.day} {until:%B %Y}"
    subject = f"{owner} asks you into their family plan"
    what = "You would have Tutti with all that the plan gives, with an account of your own. You have to live together."
    how = (
        f"Open this link to answer; it is good once, until {day}:"
        if url is not None
        else f"The invitation waits for you on Tutti until {day}:"
    )
    link = url or home
    text = f"Hello,\n\n{subject}.\n{what}\n\n{how}\n{link}\n\nIf you do not know {owner}, do nothing.\n"
    html = (
        f"<p>Hello,</p><p>{escape(subject)}.<br>{escape(what)}</p><p>{escape(how)}<br>"
        f'<a href="{escape(link)}">{escape(link)}</a></p><p>If you do not know {escape(owner)}, do nothing.</p>'
    )
    return Wording(subject, text, html)
