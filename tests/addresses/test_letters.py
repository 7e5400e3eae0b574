"""Mailed links: each does its one thing, once, for its account, for a while; and nothing tells whether there is one."""

from __future__ import annotations

import re

import pytest

from services.addresses.links import CODE_TRIES, Purpose
from services.errors import Denied, Invalid, TooMany, Unauthenticated
from services.viewer import NOBODY
from tests.catalogue_rig import PASSWORD
from tests.mail.test_mail import post_office, smtp_outbox

REGISTER = """mutation { register(email: "nora@example.com", username: "nora", password: "SecurePass123!") {
  token user { id isVerified } } }"""
NEW = "seven quiet herons"


@pytest.fixture
async def nora(music):
    """A newcomer whose address is not proven, as a viewer."""
    made = (await music.data(REGISTER))["register"]
    return await music.house.accounts.viewer_for(made["token"])


async def mails(music, receiver=None):
    """The mails in the outbox, the oldest first."""
    await music.house.password_change.settled()
    found = await music.store.outbox.find({}, sort=[("created_at", 1), ("_id", 1)], limit=50)
    return [mail for mail in found if receiver in (None, mail.receiver)]


def link(mail):
    return re.search(r"#(\S+)", mail.text).group(1)


def code(mail):
    return re.search(r"code: (\d+)", mail.text).group(1)


async def logs_in(music, password, login="nora"):
    try:
        await music.house.accounts.signing_in.log_in(NOBODY, email=login, password=password)
    except Unauthenticated:
        return False
    return True


async def test_a_newcomer_proves_their_address_by_the_link_once(music, nora):
    [mail] = await mails(music)
    assert (mail.receiver, mail.subject) == ("nora@example.com", "Confirm your address")
    assert f"/verify#{link(mail)}" in mail.text
    assert link(mail) in mail.html
    assert not (await music.store.users.get(nora.user_id)).is_verified
    asked = "mutation($t: String!) { verifyEmail(token: $t) { success email } }"
    assert (await music.data(asked, t=link(mail)))["verifyEmail"] == {"success": True, "email": "nora@example.com"}
    assert (await music.store.users.get(nora.user_id)).is_verified
    assert (await music.errors(asked, t=link(mail)))[0]["code"] == "LINK_NOT_GOOD"
    await music.house.verification.resend(nora)
    assert len(await mails(music)) == 1


async def test_the_code_does_it_too_and_is_guessed_five_times_at_most(music, nora):
    [mail] = await mails(music)
    verification = music.house.verification
    for _ in range(CODE_TRIES):
        with pytest.raises(Invalid):
            await verification.verify_code(nora, "0" * 8 if code(mail) != "0" * 8 else "1" * 8)
    with pytest.raises(Invalid):
        await verification.verify_code(nora, code(mail))
    await verification.resend(nora)
    other = await music.sign_up("other")
    newest = (await mails(music))[-1]
    with pytest.raises(Invalid):
        await verification.verify_code(other, code(newest))
    half = code(newest)
    assert (await verification.verify_code(nora, f" {half[:4]} {half[4:]}")).is_verified


@pytest.mark.parametrize("purpose", [each for each in Purpose if each is not Purpose.VERIFY])
async def test_no_link_stands_in_for_another(music, nora, purpose):
    sent = await music.house.mailed_links.make(nora.user_id, purpose, "nora@example.com")
    with pytest.raises(Invalid):
        await music.house.verification.verify(sent.token)
    assert not (await music.store.users.get(nora.user_id)).is_verified


@pytest.mark.parametrize("bad", ["", "x", "é" * 10, "a\0b", "x" * 5000])
async def test_a_token_that_never_was_is_refused_like_a_spent_one(music, bad):
    for work in (music.house.verification.verify, music.house.email_changes.follow):
        with pytest.raises(Invalid) as refused:
            await work(bad)
        assert refused.value.reason == "LINK_NOT_GOOD"
    with pytest.raises(Invalid):
        await music.house.password_change.reset(bad, NEW)


async def test_a_link_runs_out_and_is_swept(music, nora):
    [mail] = await mails(music)
    music.clock.turn(3 * 86_400 + 1)
    with pytest.raises(Invalid):
        await music.house.verification.verify(link(mail))
    assert await music.house.mailed_links.sweep() == 1
    assert await music.store.mailed_links.count({}) == 0


async def test_where_the_house_asks_for_it_an_unproven_account_says_nothing_to_others(music, nora):
    music.house.accounts.sessions._proof_wanted = True
    music.house.accounts.forget(nora.user_id)
    unproven = await music.house.accounts.renewed(nora)
    review = 'mutation { addReview(songId: "s1", rating: 5) { review { id } } }'
    assert (await music.errors(review, unproven))[0]["code"] == "VERIFY_EMAIL"
    public = 'mutation { createPlaylist(name: "Road", isPublic: true) { playlist { id } } }'
    assert (await music.errors(public, unproven))[0]["code"] == "VERIFY_EMAIL"
    private = 'mutation { createPlaylist(name: "Road", isPublic: false) { playlist { id } } }'
    made = (await music.data(private, unproven))["createPlaylist"]["playlist"]["id"]
    opened = "mutation($id: ID!) { updatePlaylist(playlistId: $id, isPublic: true) { playlist { id } } }"
    assert (await music.errors(opened, unproven, id=made))[0]["code"] == "VERIFY_EMAIL"
    await music.house.verification.verify(link((await mails(music))[0]))
    proven = await music.house.accounts.renewed(nora)
    await music.data(review, proven)


async def test_a_lost_password_is_replaced_and_every_session_ends(music, nora):
    asked = "mutation($l: String!) { requestPasswordReset(login: $l) { success } }"
    for login in ("nora", "NORA@example.com", "nobody", "nobody@example.com"):
        assert (await music.data(asked, l=login)) == {"requestPasswordReset": {"success": True}}
    sent = [mail for mail in await mails(music) if mail.subject == "A new password"]
    assert [mail.receiver for mail in sent] == ["nora@example.com"] * 2
    reset = music.house.password_change.reset
    with pytest.raises(Invalid):
        await reset(link(sent[0]), NEW)  # the later one ended it
    with pytest.raises(Invalid) as weak:
        await reset(link(sent[1]), "nora")
    assert weak.value.field == "newPassword"
    await reset(link(sent[1]), NEW)
    assert (await logs_in(music, PASSWORD), await logs_in(music, NEW)) == (False, True)
    with pytest.raises(Unauthenticated):
        await music.house.accounts.renewed(nora)
    with pytest.raises(Invalid):
        await reset(link(sent[1]), "eight loud pelicans")
    assert (await mails(music))[-1].subject == "Your password was changed"
    assert (await music.store.users.get(nora.user_id)).is_verified


async def test_asking_for_a_password_is_bounded_whether_or_not_there_is_an_account(music, nora):
    request = music.house.password_change.request
    for login in ("nora", "nobody"):
        for _ in range(3):
            request(login, address="192.0.2.7")
        with pytest.raises(TooMany):
            request(login, address="192.0.2.7")


async def test_a_changed_password_ends_the_other_sessions_alone(music, nora):
    other = await music.house.accounts.signing_in.log_in(NOBODY, email="nora", password=PASSWORD)
    change = "mutation($p: String, $n: String!) { changePassword(password: $p, newPassword: $n) { endedSessions } }"
    assert (await music.errors(change, nora, n=NEW))[0]["code"] == "REPROOF_NEEDED"
    assert (await music.errors(change, nora, p="wrong", n=NEW))[0]["code"] == "WRONG_CREDENTIALS"
    assert (await music.data(change, nora, p=PASSWORD, n=NEW))["changePassword"] == {"endedSessions": 1}
    assert (await music.house.accounts.renewed(nora)).user_id == nora.user_id
    with pytest.raises(Unauthenticated):
        await music.house.accounts.viewer_for(other.token)
    assert (await logs_in(music, PASSWORD), await logs_in(music, NEW)) == (False, True)


async def test_an_address_changes_once_both_sides_agree_and_may_be_taken_back(music, nora, log_watch):
    log_watch.expect("a change of address was taken back")
    changes = music.house.email_changes
    await changes.request(nora, "new@example.com", password=PASSWORD)
    [old] = [mail for mail in await mails(music, "nora@example.com") if "A change" in mail.subject]
    [new] = await mails(music, "new@example.com")
    state = await changes.follow(link(old))
    assert (state.is_old_confirmed, state.is_new_confirmed, state.is_done) == (True, False, False)
    with pytest.raises(Invalid):
        await changes.follow(link(old))
    assert (await music.store.users.get(nora.user_id)).email == "nora@example.com"
    assert (await changes.under_way(nora)).is_old_confirmed
    assert (await changes.follow(link(new))).is_done
    user = await music.store.users.get(nora.user_id)
    assert (user.email, user.email_key, user.is_verified) == ("new@example.com", "new@example.com", True)
    assert await changes.under_way(nora) is None
    assert await logs_in(music, PASSWORD, "new@example.com")
    undo = (await mails(music, "nora@example.com"))[-1]
    assert undo.subject == "Your address was changed"
    assert (await changes.follow(link(undo))).is_done
    assert (await music.store.users.get(nora.user_id)).email == "nora@example.com"
    with pytest.raises(Unauthenticated):
        await music.house.accounts.renewed(nora)
    with pytest.raises(Invalid):
        await changes.follow(link(undo))


async def test_whose_an_address_is_its_owner_alone_learns(music, nora):
    await music.sign_up("otto")
    changes = music.house.email_changes
    state = await changes.request(nora, "Otto@Example.com", password=PASSWORD)
    assert (state.is_old_confirmed, state.is_new_confirmed, state.is_done) == (False, False, False)
    [told] = await mails(music, "otto@example.com")
    assert "#" not in told.text
    await changes.cancel(nora)
    [old] = [mail for mail in await mails(music, "nora@example.com") if "A change" in mail.subject]
    with pytest.raises(Invalid):
        await changes.follow(link(old))


async def test_a_change_of_address_needs_the_password(music, nora):
    with pytest.raises(Denied):
        await music.house.email_changes.request(nora, "new@example.com")
    with pytest.raises(Unauthenticated):
        await music.house.email_changes.request(nora, "new@example.com", password="wrong")
    with pytest.raises(Invalid):
        await music.house.email_changes.request(nora, "NORA@example.com", password=PASSWORD)
    assert await music.store.email_changes.count({}) == 0


async def test_a_weak_password_is_refused_with_advice(music):
    music.house.accounts.passwords._least_score = 3
    words = 'mutation { register(email: "n@example.com", username: "newt", password: "Password123!") { token } }'
    [error] = await music.errors(words)
    assert (error["code"], error["field"]) == ("PASSWORD_TOO_WEAK", "password")
    weigh = (
        "query($p: String!, $o: [String!]) { passwordStrength(password: $p, own: $o) { score warning suggestions } }"
    )
    found = await music.data(weigh, p="Password123!")
    assert found["passwordStrength"]["score"] == 1
    assert found["passwordStrength"]["warning"]
    assert (await music.data(weigh, p="zanzibarfleet", o=["zanzibarfleet"]))["passwordStrength"]["score"] == 0
    assert (await music.data(weigh, p="seven quiet herons" * 100))["passwordStrength"]["score"] == 4
    assert await music.store.users.count({}) == 0


async def test_the_mail_arrives_at_a_real_server_without_its_token_in_a_log(music, nora, caplog):
    [mail] = await mails(music)
    async with post_office() as office:
        assert await smtp_outbox(music, office.port).deliver_due() == 1
    [(receivers, arrived)] = office.mails
    assert receivers == ["nora@example.com"]
    assert arrived["Subject"] == "Confirm your address"
    assert link(mail) in arrived.get_body(("plain",)).get_content()
    assert link(mail) not in caplog.text
    assert "nora@example.com" not in caplog.text
