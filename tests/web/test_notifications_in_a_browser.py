"""The player's page in a real browser: the bell, what it leads to, and a push from the house to what is shown."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import replace

import orjson
import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.routing import Rule
from tornado.web import Application

from graph.build import build_executor
from handlers.base import Manners
from handlers.graphql import GraphqlHandler
from handlers.pages import PlayerHandler, WebFileHandler
from handlers.player_socket import PlayerSocket
from handlers.websocket_base import SocketManners, SocketPath
from server.doors import WEB
from services.notifications import kinds
from services.timing.house_time import HouseTime
from tests.push.test_push import Browser, push_service, pushing
from tests.realtime.player.street import open_street
from tests.realtime.small_house import until
from tests.web.chromium import chromium

pytestmark = pytest.mark.services
BELL = "document.getElementById('unread').textContent"
DEVICE = "document.querySelector('[aria-labelledby=s-device]"
# Chromium's push service is far away, so the subscription is the test's; all else is the page's and the browser's own.
SUBSCRIBED = """
const plain = (text) => atob(text.replaceAll('-', '+').replaceAll('_', '/'));
const raw = (text) => Uint8Array.from(plain(text), (each) => each.charCodeAt(0)).buffer;
PushManager.prototype.getSubscription = async () => window.made ?? null;
PushManager.prototype.subscribe = async function ({ applicationServerKey }) {
  const options = { applicationServerKey: raw(applicationServerKey) };
  return (window.made = { endpoint: ENDPOINT, getKey: (name) => raw(KEYS[name]), options });
};
"""
SHOWN = """navigator.serviceWorker.getRegistration('/web/').then((each) => each.getNotifications())
  .then((all) => all.map(({ title, body, data }) => ({ title, body, url: data.url })))"""


@contextlib.asynccontextmanager
async def open_house(path):
    """A house with the doors that the player's page needs, and Ann."""
    async with open_street(path) as street:
        ann = await street.rig.sign_in("ann")
        shared = {"house": street.house, "manners": Manners()}
        executor = build_executor(street.house, street.newsroom.feeds)
        # One clock says how late it is and when tokens end, as in a real house.
        parts = replace(street.parts, house_time=HouseTime(street.rig.clock))
        players = {**shared, "parts": parts, "socket_manners": SocketManners()}
        doors = [
            Rule(SocketPath(r"/ws"), PlayerSocket, players),
            (r"/graphql", GraphqlHandler, {**shared, "executor": executor, "sockets": street.sockets}),
            (r"/web/(.+)", WebFileHandler, {"path": str(WEB)}),
            (r"/", PlayerHandler, {**shared, "demo": False}),
        ]
        server = HTTPServer(Application(doors, log_function=lambda _: None))
        [listening] = bind_sockets(0, "127.0.0.1")
        server.add_sockets([listening])
        street.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        user = {"id": ann.user.id, "username": "ann"}
        kept = orjson.dumps({"user": user, "token": ann.token, "refreshToken": ann.refresh_token}).decode()
        street.signed_in = f"localStorage.setItem('tutti.sign-in', {json.dumps(kept)});"
        street.ann_id = ann.user.id
        try:
            yield street
        finally:
            server.stop()
            await street.sockets.drain(0)
            await server.close_all_connections()


async def invited(street, *names):
    bob = await street.rig.store.users.first({"username_key": "bob"})
    for name in names:
        news = kinds.playlist_invited(bob, kinds.PlaylistTitle(name, name))
        await street.house.notifications.tell(news, [street.ann_id])


async def test_news_is_counted_listed_read_everywhere_and_pushed(tmp_path):
    async with open_house(tmp_path / "house") as street, chromium(tmp_path / "browser") as browser:
        await street.rig.sign_in("bob")
        keys = Browser()
        async with push_service() as service, pushing(street.rig) as pusher:
            # The house's own doors subscribe at the pusher that may push to this machine.
            street.house.push_subscriptions = pusher.subscriptions
            names = f"const ENDPOINT = {json.dumps(service.url + 'ann')}, KEYS = {json.dumps(keys.keys)};"
            desk = await browser.page(f"{street.address}/#/settings", street.signed_in + names + SUBSCRIBED)
            phone = await browser.page(street.address, street.signed_in)
            await desk.until(f"{DEVICE} button')")
            await until(lambda: len(street.hub) == 2)

            await desk.run(f"{DEVICE} button').click()")
            await desk.until(f"{DEVICE} p').textContent.startsWith('News is shown')")
            await invited(street, "one", "two")
            for page in (desk, phone):
                await page.until(f"{BELL} === '2'")
            await desk.run("document.getElementById('bell').click()")
            await desk.until("document.querySelectorAll('.notes .unread').length === 2")
            await desk.run("document.querySelector('.mark').click()")
            await phone.until(f"{BELL} === '1'")
            await desk.run("document.querySelector('#news .link').click()")
            for page in (desk, phone):
                await page.until("document.getElementById('unread').hidden")
            await desk.run("document.querySelector('.note').click()")
            await desk.until("location.hash === '#/playlist/two'")

            await pusher.settled()
            sealed = {json.loads(told)["body"]: told for told in (keys.open(body).decode() for *_, body in service.got)}
            message = sealed["bob let you into the playlist one."]
            await desk.send("ServiceWorker.enable")
            await until(lambda: desk.registrations)
            delivery = {"origin": street.address, "registrationId": desk.registrations[0]["registrationId"]}
            body = "bob let you into the playlist one."
            told = {"title": "Invited to a playlist", "body": body, "url": "/?open=playlist:one"}
            # What is handed to a worker that is just going to sleep is lost without a word, so it is handed over again.
            async with asyncio.timeout(30):
                while await desk.run(SHOWN) != [told]:
                    for data in (message, message):
                        await desk.send("ServiceWorker.deliverPushMessage", **delivery, data=data)
                    await asyncio.sleep(0.5)
            assert await desk.run(SHOWN) == [told], "the same news replaces itself"
            assert (desk.errors, phone.errors) == ([], [])
