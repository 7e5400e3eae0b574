"""The back office and the studio in a real browser: what admins do there, and axe-core on every page, both shades."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import orjson
import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from graph.build import build_executor, build_schema
from handlers.admin import OfficePageHandler
from handlers.base import Manners
from handlers.graphql import GraphqlHandler
from handlers.pages import WebFileHandler
from handlers.squeezed import Squeezed
from server.doors import WEB
from services.viewer import Role
from tests.realtime.player.street import open_street
from tests.services.exercised import exercised, missing
from tests.services.npm_clients import installed
from tests.web.chromium import chromium

pytestmark = pytest.mark.services
ADMIN = (
    "#/", "#/users", "#/users/{ann}", "#/catalogue", "#/jobs", "#/moderation", "#/moderation/{case}", "#/billing",
    "#/analytics", "#/analytics/top", "#/analytics/people", "#/analytics/revenue", "#/storage", "#/slow", "#/errors",
    "#/audit", "#/claims", "#/claims/{claim}",
)  # fmt: skip
STUDIO = ("#/", "#/uploads", "#/figures", "#/claims")
READY = "document.querySelector('main h1') && !document.querySelector('[aria-busy]')"
REPORT = 'mutation($id: ID!) { reportContent(kind: USER, id: $id, reason: SPAM, note: "again") { success } }'


def axe() -> str:
    """The checker's script."""
    script = installed({"axe-core": "4.14.1"}) / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file():
        missing("axe-core", "install npm")
    exercised("axe-core")
    return script.read_text(encoding="utf-8")


@contextlib.asynccontextmanager
async def open_office(path: Path):
    """A house with the pages' doors, an admin who is an artist too, a song, a case, an error and a slow thing."""
    async with open_street(path) as street:
        rig, house = street.rig, street.house
        boss, ann = await rig.sign_in("boss", Role.ADMIN, Role.ARTIST), await rig.sign_in("ann")
        viewer = await house.accounts.viewer_for(ann.token)
        await rig.artist("band", owner_id=boss.user.id)
        await rig.album("record", "band")
        await rig.song("tune", "band", album_id="record")
        await rig.data(REPORT, viewer, id=boss.user.id)
        bob = await rig.sign_in("bob")
        await rig.data(REPORT, viewer, id=bob.user.id)
        house.error_log.note("error", "tutti.mail", "a mail was not sent", detail="outbox.py:10")
        house.slow_log.note("graphql", "query { albums }", 400)
        house.job_board.know([("fold plays", 60.0)])
        shared = {"house": house, "manners": Manners()}
        executor = build_executor(house, street.newsroom.feeds)
        doors = [
            (r"/graphql", GraphqlHandler, {**shared, "executor": executor, "sockets": street.sockets}),
            (r"/web/(.+)", WebFileHandler, {"path": str(WEB), "squeezed": Squeezed()}),
            (r"/(admin|studio)", OfficePageHandler, shared),
        ]
        server = HTTPServer(Application(doors, log_function=lambda _: None))
        [listening] = bind_sockets(0, "127.0.0.1")
        server.add_sockets([listening])
        street.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        user = {"id": boss.user.id, "username": "boss"}
        kept = orjson.dumps({"user": user, "token": boss.token, "refreshToken": boss.refresh_token}).decode()
        street.signed_in = f"localStorage.setItem('tutti.sign-in', {json.dumps(kept)});"
        street.ann_id = ann.user.id
        [case] = [each for each in await rig.store.moderation_cases.find({}) if each.target_id == bob.user.id]
        street.case_id = case.id
        claim = await house.claims.make(
            viewer, "band", relation="self", evidence="I sing.", links=["https://a.example/"]
        )
        street.claim_id = claim.id
        try:
            yield street
        finally:
            server.stop()
            await street.sockets.drain(0)
            await server.close_all_connections()


def _is_there(place):
    """Whether the API has what the page shows."""
    query = build_schema().query_type
    assert query is not None
    return ("analytics" in query.fields) or not place.startswith(("#/analytics", "#/figures"))


async def violations(page, script):
    """What axe-core finds on the page as it is."""
    await page.run(script + "; true")
    found = "v.id + ': ' + v.nodes.map((n) => n.target + ' ' + n.failureSummary).join(' | ')"
    return await page.run(f"axe.run().then((told) => told.violations.map((v) => {found}))")


async def test_every_page_passes_axe_light_and_dark(tmp_path):
    script = axe()
    async with open_office(tmp_path / "house") as street, chromium(tmp_path / "browser") as browser:
        wrong = []
        door = await browser.page(f"{street.address}/admin")
        await door.until("document.querySelector('input[type=password]')")
        wrong += await violations(door, script)
        for path, hashes in (("admin", ADMIN), ("studio", STUDIO)):
            page = await browser.page(f"{street.address}/{path}", street.signed_in)
            await page.until(READY)
            for scheme in ("dark", "light"):
                shade = [{"name": "prefers-color-scheme", "value": scheme}]
                await page.send("Emulation.setEmulatedMedia", features=shade)
                for place in filter(_is_there, hashes):
                    where = place.format(ann=street.ann_id, case=street.case_id, claim=street.claim_id)
                    await page.run("document.querySelector('main').replaceChildren()")
                    await page.run(f"location.hash = '#/nowhere'; location.hash = '{where}'")
                    await page.until(READY)
                    failed = await page.run("document.querySelector('.failed-box')?.innerText")
                    assert failed is None, (place, failed)
                    wrong += [f"{path}{place} {scheme}: {each}" for each in await violations(page, script)]
            assert page.errors == []
        assert wrong == [], "\n".join(wrong)


async def test_an_admin_gives_a_role_and_asks_for_a_job_by_keyboard_and_dialog(tmp_path):
    async with open_office(tmp_path / "house") as street, chromium(tmp_path / "browser") as browser:
        page = await browser.page(f"{street.address}/admin#/users/{street.ann_id}", street.signed_in)
        button = "[...document.querySelectorAll('main button')].find((b) => b.textContent === 'Set roles')"
        await page.until(button)
        await page.run(f"{button}.focus()")
        for kind in ("keyDown", "keyUp"):
            await page.send("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13,
                            text="\r")  # fmt: skip
        await page.until("document.querySelector('dialog[open] input[value=MODERATOR]')")
        await page.run("document.querySelector('dialog input[value=MODERATOR]').click()")
        await page.run("document.querySelector('dialog button[type=submit]').click()")
        await page.until("!document.querySelector('dialog') && document.body.innerText.includes('The roles are set.')")
        assert (await street.rig.store.users.get(street.ann_id)).roles == ["moderator"]
        await page.run("location.hash = '#/jobs'")
        run = "document.querySelector('[aria-label=\"Run now: fold plays\"]')"
        await page.until(run)
        await page.run(f"{run}.click()")
        await page.until("document.querySelector('dialog[open]')")
        await page.run("document.querySelector('dialog button[type=submit]').click()")
        await page.until("!document.querySelector('dialog')")
        assert await street.house.job_board.take_wanted() == ["fold plays"]
        assert page.errors == []


async def test_an_artist_is_claimed_in_the_studio_and_approved_in_the_office(tmp_path):
    async with open_office(tmp_path / "house") as street, chromium(tmp_path / "browser") as browser:
        rig, press = street.rig, "document.querySelector('dialog button[type=submit]').click()"
        await rig.artist("duo", name="Duo")
        await rig.house.indexing.catch_up()
        cy = await rig.sign_in("cyd")
        kept = {"user": {"id": cy.user.id, "username": "cyd"}, "token": cy.token, "refreshToken": cy.refresh_token}
        signed_in = f"localStorage.setItem('tutti.sign-in', {json.dumps(json.dumps(kept))});"
        studio = await browser.page(f"{street.address}/studio#/", signed_in)
        await studio.until("document.querySelector('main a[href=\"#/claims\"]')")
        await studio.run("document.querySelector('main a[href=\"#/claims\"]').click()")
        await studio.until("document.querySelector('input[type=search]')")
        await studio.run("document.querySelector('input[type=search]').value = 'duo'; "
                         "document.querySelector('form[role=search]').requestSubmit()")  # fmt: skip
        await studio.until("document.querySelector('[aria-label=\"Claim Duo\"]')")
        await studio.run("document.querySelector('[aria-label=\"Claim Duo\"]').click()")
        await studio.until("document.querySelector('dialog[open]')")
        await studio.run("document.querySelector('[name=evidence]').value = 'One of two.'; "
                         "document.querySelector('[name=links]').value = 'https://duo.example/\\n'")  # fmt: skip
        await studio.run(press)
        await studio.until("document.body.innerText.includes('Your claim waits for a decision.')")
        [claim] = await rig.store.artist_claims.find({"user_id": cy.user.id})
        assert (claim.evidence, claim.links, claim.relation) == ("One of two.", ["https://duo.example/"], "self")
        office = await browser.page(f"{street.address}/admin#/claims/{claim.id}", street.signed_in)
        approve = "[...document.querySelectorAll('main button')].find((b) => b.textContent === 'Approve')"
        await office.until(approve)
        await office.run(f"{approve}.click()")
        await office.until("document.querySelector('dialog[open]')")
        await office.run(press)
        await office.until("document.body.innerText.includes('The artist is theirs.')")
        assert (await rig.store.artists.get("duo")).owner_id == cy.user.id
        assert studio.errors == office.errors == []


async def test_whoever_keeps_nothing_sees_nothing(tmp_path):
    async with open_office(tmp_path / "house") as street, chromium(tmp_path / "browser") as browser:
        cy = await street.rig.sign_in("cyd")
        kept = {"user": {"id": cy.user.id, "username": "cyd"}, "token": cy.token, "refreshToken": cy.refresh_token}
        before = f"localStorage.setItem('tutti.sign-in', {json.dumps(json.dumps(kept))});"
        page = await browser.page(f"{street.address}/admin#/users", before)
        await page.until("document.querySelector('main .nothing')")
        assert await page.run("document.querySelectorAll('main table').length") == 0
        assert await page.run("document.querySelector('#sections').hidden") is True
