"""The player's page in a real browser: the bell, what it leads to, and a push from the house to what is shown."""

from __future__ import annotations

import asyncio
import json

import pytest

from services.notifications import kinds
from tests.push.test_push import Browser, push_service, pushing
from tests.realtime.small_house import until
from tests.web.chromium import chromium
from tests.web.hand import click, place_of
from tests.web.player_house import open_player

pytestmark = pytest.mark.services
BELL = "document.querySelector('.bell b')?.textContent"
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
SHOWN = """navigator.serviceWorker.getRegistration('/').then((each) => each.getNotifications())
  .then((all) => all.map(({ title, body, data }) => ({ title, body, url: data.url })))"""


async def invited(there, *names):
    bob = await there.rig.store.users.first({"username_key": "bob"})
    for name in names:
        news = kinds.playlist_invited(bob, kinds.PlaylistTitle(name, name))
        await there.house.notifications.tell(news, [there.ann_id])


async def test_news_is_counted_listed_read_everywhere_and_pushed(tmp_path):
    async with open_player(tmp_path / "house") as there, chromium(tmp_path / "browser") as browser:
        await there.rig.sign_in("bob")
        keys = Browser()
        async with push_service() as service, pushing(there.rig) as pusher:
            # The house's own doors subscribe at the pusher that may push to this machine.
            there.house.push_subscriptions = pusher.subscriptions
            names = f"const ENDPOINT = {json.dumps(service.url + 'ann')}, KEYS = {json.dumps(keys.keys)};"
            settings = f"{there.address}/settings/notifications"
            desk = await browser.page(settings, there.signed_in + names + SUBSCRIBED)
            phone = await browser.page(there.address, there.signed_in)
            for page in (desk, phone):
                await page.until("(await import('/web/bundle/player/session/live.js')).isLive.value")

            await click(desk, "main button", "Notify me on this device")
            await place_of(desk, "main button", "Stop on this device")
            await invited(there, "one", "two")
            for page in (desk, phone):
                await page.until(f"{BELL} === '2'")
            await click(desk, ".bell")
            await desk.until("document.querySelectorAll('#news .is-unread').length === 2")
            await click(desk, "#news .is-unread .round-button")
            await phone.until(f"{BELL} === '1'")
            await phone.run("history.pushState({}, '', '/notifications'); dispatchEvent(new PopStateEvent('popstate'))")
            await phone.until("document.querySelectorAll('main .is-unread').length === 1")
            await click(phone, "main button", "Mark all as read")
            for page in (desk, phone):
                await page.until("!document.querySelector('.bell b') && !document.querySelector('.is-unread')")
            await click(desk, "#news .note-open")
            await desk.until("location.pathname === '/playlist/two'")
            await click(phone, "main [aria-label^=Delete]")
            await phone.until("document.querySelectorAll('main .note').length === 1")

            await pusher.settled()
            sealed = {json.loads(told)["body"]: told for told in (keys.open(body).decode() for *_, body in service.got)}
            message = sealed["bob let you into the playlist one."]
            await desk.send("ServiceWorker.enable")
            await until(lambda: desk.registrations)
            delivery = {"origin": there.address, "registrationId": desk.registrations[0]["registrationId"]}
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
