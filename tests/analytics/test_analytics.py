"""The figures of a house, exact, through the API and as files."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest

from services.accounts.time_zones import zone_named
from services.analytics.csv_text import line
from services.analytics.exports import COLUMNS
from services.analytics.spans import Span, read_span
from services.errors import Denied, Invalid
from services.viewer import NOBODY, Role, Viewer
from storage.records import Edge, Play
from storage.records.billing import BillingSubscription
from storage.records.grant import Grant
from storage.records.payment import Payment
from tests.catalogue_rig import furnish, serving

ADMIN = Viewer(user_id="admin", roles=frozenset({Role.ADMIN}))
BOSS = Viewer(user_id="boss", roles=frozenset({Role.ARTIST}))
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


async def listened(rig, *plays):
    """Plays as (user, song, hours before noon, more), counted."""
    for number, (user, song, hours, more) in enumerate(plays):
        at = NOON - timedelta(hours=hours)
        artist = "anna" if song.startswith("s") else "bert"
        album = "dawn" if artist == "anna" else "noon"
        await rig.store.plays.insert(Play(f"{user}:{number}:{hours}", user, song, at, at, album, [artist], **more))
    await rig.house.figure_making.make()


@pytest.fixture
async def furnished(rig):
    await furnish(rig)
    await listened(
        rig,
        ("u", "s1", 1, {"ms_played": 3_600_000, "source": "album"}),
        ("u", "s1", 2, {"ms_played": 5_000, "source": "radio"}),
        ("v", "s2", 1, {"completed": True, "source": "radio"}),
        ("v", "b1", 13, {}),
        ("w", "b1", 24 * 7, {"ms_played": 100_000}),
    )
    return rig


def utc(first, last):
    return Span(date.fromisoformat(first), date.fromisoformat(last), "UTC")


async def test_the_figures_of_a_range_and_of_the_one_before(furnished):
    data = await furnished.data(
        """{ analytics(from: "2026-05-31", to: "2026-06-01", timeZone: "UTC") {
            from to timeZone newAccounts
            listening { plays hours listeners averageDailyListeners skipRate completionRate }
            listeningBefore { plays listeners skipRate }
            days { day plays listeners weeklyListeners monthlyListeners stickiness }
            hours { hour plays } weekdays { weekday plays }
            sources { source plays share skipRate } leftAt { tenth plays }
            top(kind: SONG, limit: 2) { id name plays listenerDays skipRate playsBefore growth }
            genres: top(kind: GENRE) { id plays }
            rising(kind: ARTIST) { id plays growth } } }""",
        ADMIN,
    )
    said = data["analytics"]
    assert (said["from"], said["to"], said["timeZone"]) == ("2026-05-31", "2026-06-01", "UTC")
    assert said["listening"] == {
        "plays": 4,
        "hours": pytest.approx((3_600_000 + 5_000 + 200_000) / 3_600_000),
        "listeners": 2,
        "averageDailyListeners": 1.5,
        "skipRate": pytest.approx(1 / 3),
        "completionRate": pytest.approx(1 / 3),
    }
    assert said["listeningBefore"] == {"plays": 0, "listeners": 0, "skipRate": None}
    assert [(each["day"], each["plays"], each["listeners"], each["weeklyListeners"]) for each in said["days"]] == [
        ("2026-05-31", 1, 1, 2),
        ("2026-06-01", 3, 2, 2),
    ]
    assert [(each["monthlyListeners"], each["stickiness"]) for each in said["days"]] == [
        (2, 0.5),
        (3, pytest.approx(2 / 3)),
    ]
    assert {each["hour"]: each["plays"] for each in said["hours"] if each["plays"]} == {10: 1, 11: 2, 23: 1}
    assert {each["weekday"]: each["plays"] for each in said["weekdays"] if each["plays"]} == {1: 3, 7: 1}
    assert [(each["source"], each["plays"], each["share"], each["skipRate"]) for each in said["sources"]] == [
        ("radio", 2, 0.5, 0.5),
        ("album", 1, 0.25, 0.0),
        ("other", 1, 0.25, None),
    ]
    assert [each["plays"] for each in said["leftAt"]] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert said["top"] == [
        {"id": "s1", "name": "First", "plays": 2, "listenerDays": 1, "skipRate": 0.5, "playsBefore": 0,
         "growth": pytest.approx(0.2)},
        {"id": "b1", "name": "Bees", "plays": 1, "listenerDays": 1, "skipRate": None, "playsBefore": 0,
         "growth": pytest.approx(0.1)},
    ]  # fmt: skip
    assert said["genres"] == [{"id": "indie", "plays": 2}]
    assert [each["id"] for each in said["rising"]] == ["anna", "bert"]


@pytest.mark.parametrize("times", [1, 10])
async def test_what_a_dashboard_costs_does_not_grow_with_plays(furnished, times):
    await listened(furnished, *(("u", "s1", number % 40, {"source": "album"}) for number in range(30 * times)))
    furnished.engine.asked.clear()
    await furnished.data(
        """{ analytics { listening { plays } days { plays newAccounts } hours { plays } sources { plays }
            top(kind: SONG) { name plays } cohorts { accounts } engagement { likes }
            subscriptions { tier } revenue { currency } } }""",
        ADMIN,
    )
    asked = dict(furnished.engine.asked)
    assert asked.pop("plays", 0) == 0
    assert asked == {
        "figure_days": 1, "users": 2, "figures_by_day": 2, "songs": 1, "liked_songs": 1, "saved_albums": 1,
        "followed_artists": 1, "followed_users": 1, "playlist_followers": 1, "playlists": 1, "reviews": 1,
        "search_queries": 1, "grants": 1, "payments": 1,
    }  # fmt: skip


async def test_a_day_is_as_long_as_in_its_zone(furnished):
    analytics = furnished.house.analytics
    for zone, expected in (("UTC", [1, 3]), ("Asia/Kolkata", [0, 4]), ("America/New_York", [1, 3])):
        span = analytics.span(ADMIN, date(2026, 5, 31), date(2026, 6, 1), zone)
        days = (await analytics.days(ADMIN, [span]))[span]
        assert [day.sum.plays for day in days] == expected, zone
    span = analytics.span(ADMIN, date(2026, 5, 31), date(2026, 6, 1), "Asia/Kolkata")
    days = (await analytics.days(ADMIN, [span]))[span]
    assert [(day.listeners, day.monthly) for day in days] == [(0, 1), (2, 3)]


async def test_days_of_a_long_range_are_read_a_page_at_a_time(furnished, monkeypatch):
    monkeypatch.setattr("services.analytics.reading._PAGE", 10)
    old = [("x", "s1", 24 * number, {}) for number in range(300, 740, 20)]
    await listened(furnished, *old)
    span = utc("2024-01-01", "2026-06-01")
    days = (await furnished.house.analytics.days(ADMIN, [span]))[span]
    assert sum(day.sum.plays for day in days) == 27
    assert furnished.house.analytics.listening(days).listeners == 4
    assert len(days) == span.length


def test_ranges_have_edges():
    def read(first, last, zone=None):
        return read_span(first, last, zone, now=NOON, house_zone="UTC")

    assert (read(None, None).first, read(None, None).last) == (date(2026, 5, 5), date(2026, 6, 1))
    assert read(date(2023, 6, 2), date(2026, 6, 1)).length == 1096
    assert read(None, date(2026, 6, 1)).before().last == date(2026, 5, 4)
    for first, last, zone, field in (
        (date(2023, 6, 1), date(2026, 6, 1), None, "from"),
        (date(2026, 6, 1), date(2026, 5, 31), None, "from"),
        (None, date(2026, 6, 2), None, "to"),
        (date(1999, 1, 1), date(2000, 1, 2), None, "from"),
        (None, None, "Asia/Kathmandu", "timeZone"),
        (None, None, "Nowhere", "timeZone"),
    ):
        with pytest.raises(Invalid) as refused:
            read(first, last, zone)
        assert refused.value.extensions["field"] == field
    changed = Span(date(2026, 3, 29), date(2026, 3, 29), "Europe/Berlin")
    assert len(list(changed.slots(changed.first))) == 46
    assert zone_named("Europe/Berlin").key == "Europe/Berlin"


async def test_cohorts_tell_who_came_back(rig):
    await furnish(rig)
    for name in ("one", "two", "three"):
        viewer = await rig.sign_up(name)
        if name != "three":
            await listened(rig, (viewer.user_id, "s1", 1, {}))
        if name == "two":
            await listened(rig, (viewer.user_id, "s1", -24 * 8, {}))
    rig.clock.turn(9 * 86_400)
    found = await rig.house.analytics.cohorts(ADMIN, utc("2026-05-20", "2026-06-09"), "week")
    assert [(each.begins, each.accounts, each.listeners) for each in found] == [(date(2026, 6, 1), 3, [2, 1])]
    assert found[0].retention == [pytest.approx(2 / 3), pytest.approx(1 / 3)]


async def test_money_is_told_by_currency_and_tiers_by_who_came_and_went(rig):
    store = rig.store

    def paid(id, amount, currency, hours, kind="payment", status="paid", subscription=None):
        at = NOON - timedelta(hours=hours)
        return Payment(id, "u", kind, amount, currency, "premium", at, status, "", subscription_id=subscription)

    for each in (
        paid("a", 999, "eur", 1, subscription="m"),
        paid("b", 12_000, "usd", 24 * 100, subscription="y"),
        paid("c", 300, "eur", 2, "refund"),
        paid("d", 100, "eur", 2, "dispute", "won"),
        paid("e", 50, "eur", 2, "dispute", "open"),
        paid("f", 777, "eur", 3, status="failed"),
    ):
        await store.payments.insert(each)
    for id, interval in (("m", "month"), ("y", "year")):
        await store.billing_subscriptions.insert(
            BillingSubscription(id, "u", "c", "active", "premium", interval, "p", "i", 1, NOON, NOON)
        )
    euros, dollars = await rig.house.analytics.revenue(ADMIN, utc("2026-06-01", "2026-06-01"))
    assert (euros.paid_minor, euros.refunded_minor, euros.disputed_minor, euros.net_minor) == (999, 300, 50, 649)
    assert (euros.mrr_minor, dollars.mrr_minor, dollars.paid_minor) == (999, 1000, 0)
    for id, user, begins, ends in (("g1", "u", 60, 12), ("g2", "v", 1, None), ("g3", "w", 60, None)):
        until = None if ends is None else NOON - timedelta(hours=ends - 11.5)
        grant = Grant(id, user, "house", "premium", NOON - timedelta(hours=begins), NOON, NOON, until)
        await store.grants.insert(grant)
    tiers = {
        each.tier: each for each in await rig.house.analytics.subscriptions(ADMIN, utc("2026-06-01", "2026-06-01"))
    }
    premium = tiers["premium"]
    assert (premium.at_start, premium.at_end, premium.began, premium.churned) == (2, 2, 1, 1)
    assert premium.churn_rate == 0.5


async def test_an_owner_sees_their_artist_and_nothing_about_fewer_than_five_people(rig):
    await furnish(rig)
    await rig.store.artists.update({"_id": "anna"}, {"$set": {"owner_id": "boss"}})
    query = """{ artistAnalytics(artistId: "anna", from: "2026-05-30", to: "2026-06-01") {
        isWithheld listening { plays listeners } days { day plays listeners } sources { source }
        newLikes topSongs { id plays } playlists { plays } } }"""
    await listened(rig, *((f"p{number}", "s1", 1, {}) for number in range(4)))
    said = (await rig.data(query, BOSS))["artistAnalytics"]
    assert said == {"isWithheld": True, "listening": None, "days": [], "sources": [], "newLikes": 0,
                    "topSongs": [], "playlists": []}  # fmt: skip
    one_persons = (("p1", "s3", hours, {}) for hours in (2, 26, 27))
    await listened(rig, *((f"p{number}", "s1", 30, {}) for number in range(6)), *one_persons)
    for number in range(4):
        await rig.store.liked_songs.insert(Edge(f"p1:s{number}", "p1", f"s{number}", NOON))
    await rig.store.liked_songs.insert(Edge("p2:s1", "p2", "s1", NOON))
    said = (await rig.data(query, BOSS))["artistAnalytics"]
    assert (said["isWithheld"], said["listening"]) == (False, {"plays": 13, "listeners": 6})
    # One day had four listeners. The other day is withheld with it, for the total less the one would tell the other.
    assert [each["plays"] for each in said["days"]] == [0, None, None]
    assert (said["newLikes"], said["topSongs"]) == (None, [{"id": "s1", "plays": 10}])
    assert (await rig.data(query, ADMIN))["artistAnalytics"]["isWithheld"] is False
    stranger = Viewer(user_id="other", roles=frozenset({Role.ARTIST}))
    assert [each["code"] for each in await rig.errors(query, stranger)] == ["DENIED"]


async def test_live_listeners_are_counts_without_names(furnished):
    house = furnished.house
    for name in ("ann", "ben"):
        viewer = await furnished.sign_up(name)
        await house.now_playing.report(viewer, "s1")
    quiet = await furnished.sign_up("quiet")
    await furnished.store.users.update({"_id": quiet.user_id}, {"$set": {"preferences.private_session": True}})
    await house.now_playing.report(quiet, "s1")
    query = (
        "{ liveListeners { count qualities { name listeners } sources { name listeners } visible { song { id } } } }"
    )
    said = (await furnished.data(query, ADMIN))["liveListeners"]
    assert said == {"count": 2, "qualities": [{"name": "high", "listeners": 2}],
                    "sources": [{"name": "other", "listeners": 2}], "visible": []}  # fmt: skip
    changes = await house.live_listening.changes(ADMIN)
    assert (await anext(changes)).count == 2
    await changes.aclose()


def test_cells_are_quoted_and_run_nowhere():
    row = line(['a "b", c', "=1+1", "-2", -2, 1.5, None, True, date(2026, 6, 1), "\t=x", "x\r\ny", "@SUM(A1)"])
    assert row == ('"a ""b"", c",\'=1+1,\'-2,-2,1.5,,true,2026-06-01,\'\t=x,"x\r\ny",\'@SUM(A1)\r\n')
    assert next(csv.reader(io.StringIO(row, newline="")))[0] == 'a "b", c'


async def test_every_table_comes_as_a_file_to_admins_alone(furnished):
    admin = await furnished.sign_in("chief", Role.ADMIN)
    listener = await furnished.sign_in("ann")
    async with serving(furnished) as client:

        async def fetch(path, token=None):
            return await client.fetch(path, headers={} if token is None else {"Authorization": f"Bearer {token}"})

        for table, columns in COLUMNS.items():
            answer = await fetch(f"/export/{table}.csv?from=2026-05-01&to=2026-06-01", admin.token)
            assert answer.code == 200, table
            assert answer.body.decode().split("\r\n")[0] == ",".join(columns)
        users = await fetch("/export/users.csv?bom=1", admin.token)
        assert users.body.startswith(b"\xef\xbb\xbfid,") and users.body.count(b"\r\n") == 3
        assert users.headers["Content-Disposition"] == ('attachment; filename="tutti-users-2026-05-05-2026-06-01.csv"')
        days = await fetch("/export/days.csv?from=2026-05-31&to=2026-06-01", admin.token)
        assert days.body.decode().split("\r\n")[2].startswith("2026-06-01,3,1.056944,2,2,3,0.666667,")
        refused = [await fetch("/export/users.csv", token) for token in (None, listener.token)]
        assert [each.code for each in refused] == [401, 403]
        for query, code in (("?from=yesterday", 400), ("?bom=2", 400), ("?to=2030-01-01", 400)):
            assert (await fetch(f"/export/users.csv{query}", admin.token)).code == code
        assert (await fetch("/export/secrets.csv", admin.token)).code == 404
        viewer = await furnished.house.accounts.viewer_for(admin.token)
        made = await furnished.data('mutation { createExportTicket(table: "days") { url expiresIn } }', viewer)
        address = made["createExportTicket"]["url"]
        assert (await fetch(address)).code == 200
        assert (await fetch(address.replace("days", "users"))).code == 401
        furnished.clock.turn(121)
        assert (await fetch(address)).code == 401


async def test_nobody_but_an_admin_reads_figures(rig):
    moderator = Viewer(user_id="m", roles=frozenset({Role.MODERATOR}))
    for viewer in (NOBODY, moderator):
        errors = await rig.errors("{ analytics { newAccounts } liveListeners { count } }", viewer)
        assert len(errors) == 2
    with pytest.raises(Denied):
        await rig.house.analytics.days(moderator, [utc("2026-06-01", "2026-06-01")])
