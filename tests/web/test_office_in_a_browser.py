"""The back office and the studio in a real browser: what admins do there, and axe-core on every page, both shades."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from graph.build import build_schema
from services.viewer import Role
from tests.web.axe import axe, violations
from tests.web.chromium import chromium
from tests.web.hand import click, press, write
from tests.web.player_house import open_player, signed_in

pytestmark = pytest.mark.services
ADMIN = (
    "#/", "#/users", "#/users/{ann}", "#/catalogue", "#/jobs", "#/moderation", "#/moderation/{case}", "#/billing",
    "#/analytics", "#/analytics/top", "#/analytics/people", "#/analytics/revenue", "#/storage", "#/slow", "#/errors",
    "#/audit", "#/claims", "#/claims/{claim}",
)  # fmt: skip
STUDIO = ("#/", "#/uploads", "#/figures", "#/claims")
READY = "document.querySelector('main h1') && !document.querySelector('[aria-busy]')"
REPORT = 'mutation($id: ID!) { reportContent(kind: USER, id: $id, reason: SPAM, note: "again") { success } }'


@contextlib.asynccontextmanager
async def open_office(path: Path):
    """A house and an admin who is an artist too, a song, a case, an error and a slow thing."""
    async with open_player(path) as there:
        rig, house = there.rig, there.house
        boss = await rig.sign_in("boss", Role.ADMIN, Role.ARTIST)
        await rig.artist("band", owner_id=boss.user.id)
        await rig.album("record", "band")
        await rig.song("tune", "band", album_id="record")
        await rig.data(REPORT, there.ann, id=boss.user.id)
        bob = await rig.sign_in("bob")
        await rig.data(REPORT, there.ann, id=bob.user.id)
        house.error_log.note("error", "tutti.mail", "a mail was not sent", detail="outbox.py:10")
        house.slow_log.note("graphql", "query { albums }", 400)
        house.job_board.know([("fold plays", 60.0)])
        there.boss = signed_in(boss)
        [case] = [each for each in await rig.store.moderation_cases.find({}) if each.target_id == bob.user.id]
        there.case_id = case.id
        claim = await house.claims.make(
            there.ann, "band", relation="self", evidence="I sing.", links=["https://a.example/"]
        )
        there.claim_id = claim.id
        yield there


def _is_there(place):
    """Whether the API has what the page shows."""
    query = build_schema().query_type
    assert query is not None
    return ("analytics" in query.fields) or not place.startswith(("#/analytics", "#/figures"))


async def test_every_page_passes_axe_light_and_dark(tmp_path):
    script = axe()
    async with open_office(tmp_path / "house") as there, chromium(tmp_path / "browser") as browser:
        wrong = []
        door = await browser.page(f"{there.address}/admin")
        await door.until("document.querySelector('input[type=password]')")
        wrong += await violations(door, script)
        for path, hashes in (("admin", ADMIN), ("studio", STUDIO)):
            page = await browser.page(f"{there.address}/{path}", there.boss)
            await page.until(READY)
            for scheme in ("dark", "light"):
                shade = [{"name": "prefers-color-scheme", "value": scheme}]
                await page.send("Emulation.setEmulatedMedia", features=shade)
                for place in filter(_is_there, hashes):
                    where = place.format(ann=there.ann_id, case=there.case_id, claim=there.claim_id)
                    await page.run("document.querySelector('main').replaceChildren()")
                    await page.run(f"location.hash = '#/nowhere'; location.hash = '{where}'")
                    await page.until(READY)
                    failed = await page.run("document.querySelector('.failed-box')?.innerText")
                    assert failed is None, (place, failed)
                    wrong += [f"{path}{place} {scheme}: {each}" for each in await violations(page, script)]
            assert page.errors == []
        assert wrong == [], "\n".join(wrong)


async def test_an_admin_gives_a_role_and_asks_for_a_job_by_keyboard_and_dialog(tmp_path):
    async with open_office(tmp_path / "house") as there, chromium(tmp_path / "browser") as browser:
        page = await browser.page(f"{there.address}/admin#/users/{there.ann_id}", there.boss)
        button = "[...document.querySelectorAll('main button')].find((b) => b.textContent === 'Set roles')"
        await page.until(button)
        await page.run(f"{button}.focus()")
        await press(page, "Enter")
        await click(page, "dialog input[value=MODERATOR]")
        await click(page, "dialog button[type=submit]")
        await page.until("!document.querySelector('dialog') && document.body.innerText.includes('The roles are set.')")
        assert (await there.rig.store.users.get(there.ann_id)).roles == ["moderator"]
        await page.run("location.hash = '#/jobs'")
        await click(page, '[aria-label="Run now: fold plays"]')
        await click(page, "dialog button[type=submit]")
        await page.until("!document.querySelector('dialog')")
        assert await there.house.job_board.take_wanted() == ["fold plays"]
        assert page.errors == []


async def test_an_artist_is_claimed_in_the_studio_and_approved_in_the_office(tmp_path):
    async with open_office(tmp_path / "house") as there, chromium(tmp_path / "browser") as browser:
        rig = there.rig
        await rig.artist("duo", name="Duo")
        await rig.house.indexing.catch_up()
        cy = await rig.sign_in("cyd")
        studio = await browser.page(f"{there.address}/studio#/", signed_in(cy))
        await click(studio, 'main a[href="#/claims"]')
        await write(studio, "input[type=search]", "duo")
        await press(studio, "Enter")
        await click(studio, '[aria-label="Claim Duo"]')
        await write(studio, "dialog [name=evidence]", "One of two.")
        await write(studio, "dialog [name=links]", "https://duo.example/")
        await press(studio, "Enter")
        await click(studio, "dialog button[type=submit]")
        await studio.until("document.body.innerText.includes('Your claim waits for a decision.')")
        [claim] = await rig.store.artist_claims.find({"user_id": cy.user.id})
        assert (claim.evidence, claim.links, claim.relation) == ("One of two.", ["https://duo.example/"], "self")
        office = await browser.page(f"{there.address}/admin#/claims/{claim.id}", there.boss)
        await click(office, "main button", "Approve")
        await click(office, "dialog button[type=submit]")
        await office.until("document.body.innerText.includes('The artist is theirs.')")
        assert (await rig.store.artists.get("duo")).owner_id == cy.user.id
        assert studio.errors == office.errors == []


async def test_whoever_keeps_nothing_sees_nothing(tmp_path):
    async with open_office(tmp_path / "house") as there, chromium(tmp_path / "browser") as browser:
        cy = await there.rig.sign_in("cyd")
        page = await browser.page(f"{there.address}/admin#/users", signed_in(cy))
        await page.until("document.querySelector('main .nothing')")
        assert await page.run("document.querySelectorAll('main table').length") == 0
        assert await page.run("document.querySelector('#sections').hidden") is True
