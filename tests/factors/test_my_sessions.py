"""Where somebody is signed in, what counts as new, and what they are told."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest

from services.addresses.links import Purpose
from services.errors import NotFound, Unauthenticated
from services.keys.key_ring import KeyKind
from services.sign_ins.device_names import device_name
from tests.accounts.test_log_in_tells_nothing import share_longer
from tests.catalogue_rig import PASSWORD

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile Safari/604.1"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        (IPHONE, "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("mpv 0.39", "mpv"),
        ("Symphony/2.1 something", "Symphony"),
        ("", "An unknown device"),
    ],
)
def test_a_device_is_called_by_what_it_says_of_itself(user_agent, name):
    assert device_name(user_agent) == name


async def test_sessions_are_listed_with_their_devices_and_end_one_by_one(ann):
    signed_in = await ann.log_in(user_agent=FIREFOX, address="192.0.2.7")
    ann.rig.clock.turn(60)
    await ann.log_in(user_agent=IPHONE, address="2001:db8::17")
    listing = ann.rig.house.my_sessions.listing
    found = await listing(ann.viewer)
    assert [(each.device_name, each.network, each.is_current) for each in found] == [
        ("Safari on iPhone", "2001:db8::/64", False),
        ("Firefox on Linux", "192.0.2.7", False),
        ("An unknown device", "unknown", True),
    ]
    await ann.rig.house.my_sessions.revoke(ann.viewer, found[1].id)
    with pytest.raises(Unauthenticated):
        await ann.rig.house.accounts.viewer_for(signed_in.token)
    assert len(await listing(ann.viewer)) == 2
    with pytest.raises(NotFound):
        await ann.rig.house.my_sessions.revoke(ann.viewer, found[1].id)


async def test_somebody_elses_session_is_not_there(ann):
    bob = await ann.rig.sign_up("bob")
    with pytest.raises(NotFound):
        await ann.rig.house.my_sessions.revoke(bob, ann.viewer.session_id)
    assert [each.is_current for each in await ann.rig.house.my_sessions.listing(ann.viewer)] == [True]


async def test_logging_out_everywhere_keeps_this_one_if_asked(ann):
    for _ in range(3):
        await ann.log_in()
    log_out = ann.rig.house.my_sessions.log_out_everywhere
    assert await log_out(ann.viewer) == 3
    assert [each.is_current for each in await ann.rig.house.my_sessions.listing(ann.viewer)] == [True]
    assert await log_out(ann.viewer, except_this=False) == 1


async def test_a_new_place_is_told_by_mail_and_a_known_one_is_not(ann):
    home = await ann.log_in(user_agent=FIREFOX, address="192.0.2.7")
    await ann.log_in(user_agent=FIREFOX, address="192.0.2.7")
    # The same device from elsewhere shows that it is known.
    travelling = {"user_agent": FIREFOX, "address": "198.51.100.9", "device_token": home.device_token}
    moved = await ann.log_in(**travelling)
    assert moved.device_token == home.device_token
    # The first of all was the fixture's; the next came from a new kind of device and a new network.
    assert await ann.mails() == ["A new sign-in to your account"]
    await ann.log_in(user_agent=IPHONE, address="203.0.113.5")
    assert await ann.mails() == ["A new sign-in to your account"] * 2
    [news, *_] = await ann.rig.store.notifications.find({"user_id": ann.id}, sort=[("turn", -1)])
    assert "Safari on iPhone, 203.0.113.5" in news.message


async def test_another_accounts_device_token_makes_nothing_known(ann):
    await ann.rig.sign_up("bob")
    bobs = await ann.log_in(email="bob@example.com")
    await ann.log_in(user_agent=IPHONE, address="203.0.113.5", device_token=bobs.device_token)
    assert await ann.mails() == ["A new sign-in to your account"]


async def test_a_refresh_token_shown_twice_is_told_to_its_owner(ann, log_watch):
    log_watch.expect("a spent refresh token was shown again; its session is ended")
    signed_in = await ann.log_in()
    refresh = ann.rig.house.accounts.signing_in.refresh
    await refresh(signed_in.refresh_token)
    with pytest.raises(Unauthenticated):
        await refresh(signed_in.refresh_token)
    assert await ann.mails() == ["One of your sessions was ended"]


async def test_whoever_got_in_is_put_out_of_an_account_that_was_recovered(ann):
    await ann.protect()
    keys = ann.rig.house.access_keys
    key = await keys.create(ann.viewer, KeyKind.API, name="n", scopes=["read"], password=PASSWORD)
    app = await keys.create(ann.viewer, KeyKind.APP, name="n", scopes=["read"], password=PASSWORD)
    radio, challenge = await ann.log_in(password=app.secret), await ann.challenge()
    assert await ann.rig.house.my_sessions.end_everything(ann.id, reason="recovered") == 2
    for token in (key.secret, radio.token):
        with pytest.raises(Unauthenticated):
            await ann.rig.house.accounts.viewer_for(token)
    for attempt in (
        ann.log_in(password=app.secret),
        ann.rig.house.accounts.signing_in.complete(challenge, ann.code()),
        ann.rig.house.accounts.signing_in.refresh(radio.refresh_token),
    ):
        with pytest.raises(Unauthenticated):
            await attempt
    # The second step is the owner's, and stays.
    assert (await ann.rig.house.accounts.signing_in.complete(await ann.challenge(), ann.code())).token


async def test_nothing_of_the_ways_in_outlives_an_account(ann):
    await ann.protect()
    await ann.challenge()
    await ann.rig.house.leaving.leave(ann.viewer, password=PASSWORD)
    ann.rig.clock.turn(14 * 86_400 + 1)
    assert await ann.rig.house.leaving.erase_due() == 1
    for name in ("sessions", "second_factors", "sign_in_challenges", "access_keys", "known_places"):
        assert await ann.rig.store.engine.count(name, {}) == 0, name


async def test_a_known_place_costs_one_command_and_no_write(ann):
    signed_in = await ann.log_in(address="192.0.2.7")
    known = {"device_token": signed_in.device_token, "user_agent": "", "address": "192.0.2.7"}
    before = ann.rig.engine.asked.total()
    arrival = await ann.rig.house.accounts.places.arrive(ann.id, **known)
    assert (arrival.is_new, ann.rig.engine.asked.total() - before) == (False, 1)


async def test_a_password_reset_by_mail_puts_out_keys_as_well(ann):
    key = await ann.rig.house.access_keys.create(ann.viewer, KeyKind.API, name="n", scopes=["read"], password=PASSWORD)
    house = ann.rig.house
    link = await house.mailed_links.make(ann.id, Purpose.RESET, "ann@example.com")
    await house.password_change.reset(link.token, "another SecurePass 456!")
    for token in (key.secret,):
        with pytest.raises(Unauthenticated):
            await house.accounts.viewer_for(token)
    assert await ann.rig.store.access_keys.count({}) == 0


async def test_asking_for_a_new_password_takes_as_long_for_nobody(ann):
    insert, real = ann.rig.store.users.insert, await ann.rig.store.users.get(ann.id)
    for number in range(20):
        name = f"known{number}"
        known = replace(real, id=name, email=f"{name}@example.com", email_key=f"{name}@example.com")
        await insert(replace(known, username=name, username_key=name))
    taken = {"known": [], "absent": []}
    for number in range(20):
        for kind in random.Random(number).sample(["known", "absent"], 2):
            begun = time.perf_counter()
            ann.rig.house.password_change.request(f"{kind}{number}@example.com", address=f"192.0.2.{number}")
            taken[kind].append(time.perf_counter() - begun)
    await ann.rig.house.password_change.settled()
    assert abs(share_longer(taken["known"], taken["absent"]) - 0.5) < 0.4
    assert await ann.rig.store.outbox.count({}) == 20
