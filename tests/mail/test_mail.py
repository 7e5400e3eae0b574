"""Mail through a real SMTP server: once, again after a refused connection, given up with a reason; and the digest."""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from aiosmtpd.smtp import SMTP
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.web import Application

from handlers.base import Manners
from handlers.unsubscribe import UnsubscribeHandler
from services.mail.couriers import FolderCourier, SmtpCourier
from services.mail.outbox import ATTEMPTS, Outbox
from services.mail.rules import MailRules
from services.mail.wording import Wording
from services.notifications import kinds
from services.notifications.channels import DigestPeriod

WORDS = Wording("A subject", "Plain words", "<p>Words</p>")


class PostOffice:
    """What aiosmtpd hands its mails to; `refuses` answers an address instead."""

    def __init__(self):
        self.mails, self.refuses = [], {}

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((envelope.rcpt_tos, parsed))
        return "250 taken"


@contextlib.asynccontextmanager
async def post_office(port=0):
    office, loop = PostOffice(), asyncio.get_running_loop()
    sessions = []

    def session():
        sessions.append(SMTP(office, hostname="post.test", loop=loop))
        return sessions[-1]

    server = await loop.create_server(session, "127.0.0.1", port)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
        await server.wait_closed()
        for each in sessions:
            if each.transport is not None:
                each.transport.abort()
        tasks = [each._handler_coroutine for each in sessions if each._handler_coroutine is not None]
        await asyncio.gather(*tasks, return_exceptions=True)


def smtp_outbox(rig, port):
    rules = MailRules("127.0.0.1", port, tls="none", timeout_s=5)
    return Outbox(rig.store, rig.clock, SmtpCourier(rules), sender="Tutti <music@tutti.test>")


async def states(rig):
    return [(one.state, one.attempts, one.reason) for one in await rig.store.outbox.find({}, sort=[("_id", 1)])]


async def test_a_mail_is_delivered_once_however_often_it_is_put_and_looked_for(rig):
    async with post_office() as office:
        outbox, other = smtp_outbox(rig, office.port), smtp_outbox(rig, office.port)
        assert await outbox.put("k", "ann@x.test", WORDS, unsubscribe_url="https://t.test/unsubscribe/x")
        assert not await other.put("k", "ann@x.test", WORDS)
        await asyncio.gather(outbox.deliver_due(), other.deliver_due())
        await outbox.deliver_due()
        [(receivers, mail)] = office.mails
    assert receivers == ["ann@x.test"]
    assert (mail["From"], mail["To"], mail["Subject"]) == ("Tutti <music@tutti.test>", "ann@x.test", "A subject")
    assert (mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"]) == (
        "<https://t.test/unsubscribe/x>",
        "List-Unsubscribe=One-Click",
    )
    assert [part.get_content().strip() for part in mail.iter_parts()] == ["Plain words", "<p>Words</p>"]
    [kept] = await rig.store.outbox.find({})
    assert (kept.state, kept.receiver, kept.text, kept.due_at) == ("sent", "", "", None)
    rig.clock.turn(31 * 86_400)
    assert await outbox.sweep() == 1


async def test_a_refused_connection_is_tried_again_later_and_given_up_at_last(rig, log_watch):
    log_watch.expect("mail given up")
    async with post_office() as office:
        port = office.port
    outbox = smtp_outbox(rig, port)
    await outbox.put("k", "ann@x.test", WORDS)
    assert await outbox.deliver_due() == 0
    [(state, attempts, reason)] = await states(rig)
    assert (state, attempts, reason) == ("waiting", 1, "no connection (SMTPConnectError)")
    async with post_office(port) as office:
        assert await outbox.deliver_due() == 0, "not before its time"
        rig.clock.turn(60)
        assert await outbox.deliver_due() == 1
        assert len(office.mails) == 1
    await outbox.put("k2", "ann@x.test", WORDS)
    for _ in range(ATTEMPTS + 2):
        await outbox.deliver_due()
        rig.clock.turn(8 * 3600)
    assert (await states(rig))[1] == ("failed", ATTEMPTS, "no connection (SMTPConnectError)")


async def test_a_final_refusal_is_given_up_with_its_reason_and_a_passing_one_is_not(rig, caplog, log_watch):
    log_watch.expect("mail given up")
    async with post_office() as office:
        outbox = smtp_outbox(rig, office.port)
        office.refuses = {"gone@x.test": "550 no gone@x.test here", "full@x.test": "452 full just now"}
        for name in ("gone", "full"):
            await outbox.put(name, f"{name}@x.test", WORDS)
        with caplog.at_level("INFO", "tutti.mail"):
            await outbox.deliver_due()
    assert await states(rig) == [("failed", 1, "550 no … here"), ("waiting", 1, "452 full just now")]
    assert "gone@x.test" not in str([vars(record) for record in caplog.records])


async def test_without_a_server_mails_are_files_and_the_log_says_where(rig, tmp_path, caplog):
    outbox = Outbox(rig.store, rig.clock, FolderCourier(rig.files.folder), sender="Tutti <t@tutti.test>")
    await outbox.put("k", "ann@x.test", WORDS)
    with caplog.at_level("INFO", "tutti.mail"):
        assert await outbox.deliver_due() == 1
    [written] = (tmp_path / "outbox").iterdir()
    assert b"To: ann@x.test" in written.read_bytes()
    assert [record.file for record in caplog.records] == [f"outbox/{written.name}"]
    assert "ann@x.test" not in str([vars(record) for record in caplog.records])


async def test_a_digest_has_what_is_unread_and_new_and_is_one_a_period(rig):
    ann = await rig.sign_up("ann")
    house = rig.house
    await house.notification_preferences.update(ann, digest=DigestPeriod.DAILY)
    for name in ("<r1>", "r2"):
        news = replace(kinds.review_hidden(name), message=f"About {name}.")
        await house.notifications.tell(news, [ann.user_id])
    [first, _] = await rig.store.notifications.find({}, sort=[("_id", 1)])
    assert await house.digests.make_due() == 0, "not yet morning"
    rig.clock.turn(20 * 3600)
    before = await rig.store.notification_choices.get(ann.user_id)
    assert await house.digests.make_due() == 1
    # As if the process had died between the mail and the choices, and the job began anew.
    again = {"$set": {"digest_at": before.digest_at}, "$unset": {"digest_after": ""}}
    await rig.store.notification_choices.update({"_id": ann.user_id}, again)
    assert await house.digests.make_due() == 0
    [mail] = await rig.store.outbox.find({})
    assert mail.subject == "2 things are new for you"
    assert "- About <r1>.\n" in mail.text
    assert ">About &lt;r1&gt;.</a></li>" in mail.html
    assert f'href="{rig.house.unsubscribing.home}/?open=review:r2"' in mail.html
    assert mail.unsubscribe_url in mail.text
    rig.clock.turn(86_400)
    assert await house.digests.make_due() == 0, "nothing new since"
    await house.notifications.tell(kinds.review_hidden("r3"), [ann.user_id])
    await house.notifications.tell(kinds.review_hidden("r4"), [ann.user_id])
    await house.notifications.mark_read(ann, (await rig.store.notifications.first({}, sort=[("_id", -1)])).id)
    rig.clock.turn(86_400)
    assert await house.digests.make_due() == 1
    assert (await rig.store.outbox.first({}, sort=[("_id", -1)])).subject == "One thing is new for you"
    assert first.read_at is None


async def test_the_link_at_the_foot_ends_the_digest_by_a_post_alone(rig):
    ann = await rig.sign_up("ann")
    await rig.house.notification_preferences.update(ann, digest=DigestPeriod.WEEKLY)
    path = urlsplit(rig.house.unsubscribing.url(ann.user_id)).path
    shared = {"house": rig.house, "manners": Manners()}
    server = HTTPServer(
        Application([(r"/unsubscribe/([^/]+)", UnsubscribeHandler, shared)], log_function=lambda _: None)
    )
    [listening] = bind_sockets(0, "127.0.0.1")
    server.add_sockets([listening])
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    http = SimpleAsyncHTTPClient(force_instance=True)

    pages = []

    async def ask(path, **options):
        answer = await http.fetch(base + path, raise_error=False, **options)
        pages.append(answer.body.decode())
        return answer.code

    async def digest():
        return (await rig.house.notification_preferences.of(ann)).digest

    assert await ask(path) == 200
    assert await digest() is DigestPeriod.WEEKLY, "opening a link changes nothing"
    assert '<button class="primary" name="List-Unsubscribe" value="One-Click">' in pages[-1]
    other = path.replace(ann.user_id, "0" * 26)
    assert [await ask(other), await ask(path + "x"), await ask("/unsubscribe/x")] == [404, 404, 404]
    assert await ask(other, method="POST", body="") == 404
    assert "This link is not good" in pages[-1] and "<button" not in pages[-1]
    for _ in range(2):
        assert await ask(path, method="POST", body="List-Unsubscribe=One-Click") == 200
    assert await digest() is DigestPeriod.OFF
    assert await ask(path) == 200
    assert "No digests are mailed to you." in pages[-1] and "<button" not in pages[-1]
    rig.clock.turn(timedelta(days=8).total_seconds())
    assert await rig.house.digests.make_due() == 0
    http.close()
    server.stop()
    await server.close_all_connections()
