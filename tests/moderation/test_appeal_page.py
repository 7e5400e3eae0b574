"""The link in a mail: a page that asks, a POST that appeals, once, without anybody being signed in."""

from urllib.parse import urlencode, urlsplit

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.web import Application

from handlers.appeal import AppealHandler
from handlers.base import Manners
from services.moderation.deciding import Verdict
from services.moderation.policy import Action, ReasonCode, ReportedKind
from services.viewer import Role


async def test_somebody_who_is_kept_out_appeals_by_the_link(rig):
    ann, bob, moe = await rig.sign_up("ann"), await rig.sign_up("bob"), await rig.sign_up("moe", Role.MODERATOR)
    case = (await rig.house.reports.report(bob, ReportedKind.USER, ann.user_id, ReasonCode.SPAM)).case
    await rig.house.deciding.decide(moe, case.id, Verdict([Action.BAN], ReasonCode.SPAM))
    [mail] = await rig.store.outbox.find({})
    path = urlsplit(next(line for line in mail.text.split("\n") if "/appeal/" in line)).path
    assert path.startswith("/appeal/")
    shared = {"house": rig.house, "manners": Manners()}
    server = HTTPServer(Application([(r"/appeal/([^/]+)", AppealHandler, shared)], log_function=lambda _: None))
    [listening] = bind_sockets(0, "127.0.0.1")
    server.add_sockets([listening])
    http = SimpleAsyncHTTPClient(force_instance=True)

    async def ask(path, **options):
        url = f"http://127.0.0.1:{listening.getsockname()[1]}{path}"
        answer = await http.fetch(url, raise_error=False, **options)
        return answer.code, answer.body.decode()

    async def state():
        return (await rig.store.moderation_decisions.find({}))[0].appeal_state

    code, page = await ask(path)
    assert (code, "<textarea" in page, "closing of your account" in page) == (200, True, True)
    assert await state() == "none", "opening a link changes nothing"
    for bad in (path[:-1], path + "x", "/appeal/x"):
        assert (await ask(bad))[0] == 404
        assert (await ask(bad, method="POST", body="text=Hi"))[0] == 404
    code, page = await ask(path, method="POST", body="text=")
    assert (code, "Say why it is wrong." in page, "<textarea" in page) == (400, True, True)
    assert (await ask(path, method="POST", body=urlencode({"text": "I am <b>no</b> robot."})))[0] == 200
    assert await state() == "open"
    assert (await ask(path, method="POST", body="text=Again"))[0] == 409
    assert "Your appeal is here" in (await ask(path))[1]
    http.close()
    server.stop()
    await server.close_all_connections()
