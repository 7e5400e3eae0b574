"""The outbox: mails that are to leave, each tried until it is taken, given up or too old.

Owns the order of tries and their waits. Refuses to know who carries (`couriers.py`) and what is said (`wording.py`).
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from services.clock import Clock
from services.mail.couriers import Courier, FolderCourier, Undelivered
from services.mail.wording import Wording
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records.mail import OutgoingMail

log = logging.getLogger("tutti.mail")

ATTEMPTS = 8
FIRST_WAIT = timedelta(minutes=1)
"""The wait after the first try; each further one is three times as long, so the last try is after about 18 hours."""
LONGEST_WAIT = timedelta(hours=8)
IN_HAND = timedelta(minutes=10)
"""How long a mail that is being handed over belongs to one process; longer than a server may be silent."""
KEPT_FOR = timedelta(days=30)
AT_ONCE = 50
SUBJECT_CHARACTERS = 200


class Outbox:
    """Takes mails and has them carried away."""

    def __init__(self, store: Store, clock: Clock, courier: Courier, *, sender: str) -> None:
        self._store = store
        self._clock = clock
        self._courier = courier
        self._sender = sender

    async def put(self, key: str, receiver: str, words: Wording, *, unsubscribe_url: str | None = None) -> bool:
        """Have a mail sent; False when there was one of that key already, which stays as it is."""
        now = self._clock.now()
        mail = OutgoingMail(
            id=self._clock.new_id(),
            key=key,
            created_at=now,
            receiver=receiver,
            subject=words.subject,
            text=words.text,
            html=words.html,
            due_at=now,
            unsubscribe_url=unsubscribe_url,
        )
        try:
            await self._store.outbox.insert(mail)
        except DuplicateKey:
            return False
        return True

    async def deliver_due(self) -> int:
        """Try the mails that are due, at most 50; how many were taken. A job's work."""
        taken = 0
        due = await self._store.outbox.find(
            {"due_at": {"$lte": self._clock.now()}}, sort=[("due_at", 1)], limit=AT_ONCE
        )
        for mail in due:
            # Whoever takes it in hand first has it; another process finds it due no more.
            in_hand = await self._store.outbox.update_and_get(
                {"_id": mail.id, "due_at": mail.due_at},
                {"$set": {"due_at": self._clock.now() + IN_HAND}, "$inc": {"attempts": 1}},
            )
            if in_hand is not None:
                taken += await self._deliver(in_hand)
        return taken

    async def sweep(self) -> int:
        """Forget mails of over thirty days ago; how many."""
        old = {"created_at": {"$lt": self._clock.now() - KEPT_FOR}}
        return await self._store.outbox.delete(old, many=True)

    async def _deliver(self, mail: OutgoingMail) -> bool:
        try:
            await self._courier.deliver(mail.id, self._message(mail))
        except Undelivered as trouble:
            await self._failed(mail, trouble)
            return False
        await self._done(mail, "sent", None)
        if isinstance(self._courier, FolderCourier):
            log.info("mail written to a file", extra={"mail_id": mail.id, "file": self._courier.place(mail.id)})
        else:
            log.info("mail sent", extra={"mail_id": mail.id, "attempts": mail.attempts})
        return True

    async def _failed(self, mail: OutgoingMail, trouble: Undelivered) -> None:
        shown = {"mail_id": mail.id, "attempts": mail.attempts, "reason": trouble.reason}
        if trouble.is_final or mail.attempts >= ATTEMPTS:
            await self._done(mail, "failed", trouble.reason)
            log.warning("mail given up", extra=shown)
            return
        wait = min(FIRST_WAIT * 3 ** (mail.attempts - 1), LONGEST_WAIT)
        again = {"due_at": self._clock.now() + wait, "reason": trouble.reason}
        await self._store.outbox.update({"_id": mail.id}, {"$set": again})
        log.info("mail not taken, it is tried again", extra=shown)

    async def _done(self, mail: OutgoingMail, state: str, reason: str | None) -> None:
        # What was said, and to whom, is nobody's business once it is said.
        emptied = {"receiver": "", "text": "", "html": "", "state": state, "done_at": self._clock.now()}
        update = {
            "$set": emptied | ({} if reason is None else {"reason": reason}),
            "$unset": {"due_at": "", "unsubscribe_url": ""},
        }
        await self._store.outbox.update({"_id": mail.id}, update)

    def _message(self, mail: OutgoingMail) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = mail.receiver
        message["Subject"] = _one_line(mail.subject)
        message["Date"] = format_datetime(_whole(mail.created_at))
        # The same for each try, so that a server that took it before we heard so can tell.
        message["Message-ID"] = f"<{mail.id}@{parseaddr(self._sender)[1].rpartition('@')[2] or 'localhost'}>"
        message["Auto-Submitted"] = "auto-generated"
        if mail.unsubscribe_url is not None:
            message["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        return message


def _one_line(subject: str) -> str:
    """The subject as one header, whatever was put into it: a mail that no library would write stays for ever."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in subject).split())[:SUBJECT_CHARACTERS]


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
