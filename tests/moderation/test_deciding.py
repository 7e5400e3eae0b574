"""From a report to a decision, its effect, and its end: through the services, over the real store."""

import asyncio
from datetime import timedelta

import pytest

from services.errors import Conflict, Denied, Invalid, NotFound, TooMany, Unauthenticated
from services.events import SessionEnded
from services.moderation.deciding import Verdict
from services.moderation.policy import Action, CaseState, Outcome, ReasonCode, ReportedKind
from services.moderation.queue import Wanted
from services.paging import Slice
from services.playlists.making import PlaylistDraft
from services.viewer import NOBODY, Role
from tests.catalogue_rig import PASSWORD

K, R, A = ReportedKind, ReasonCode, Action


async def people(rig):
    """A writer, two who report, two moderators and an admin."""
    names = {"ann": (), "bob": (), "cat": (), "moe": (Role.MODERATOR,), "max": (Role.MODERATOR,), "ada": (Role.ADMIN,)}
    return {name: await rig.sign_up(name, *roles) for name, roles in names.items()}


async def told(rig, viewer):
    found = await rig.store.notifications.find({"user_id": viewer.user_id}, sort=[("turn", 1)])
    return [(one.kind, one.message) for one in found]


async def mails(rig):
    return await rig.store.outbox.find({}, sort=[("created_at", 1)])


async def queue(rig, viewer, **wanted):
    page = await rig.house.moderation_queue.listing(viewer, Slice(), Wanted(**wanted))
    return [case.id for case in page.items]


async def test_reports_of_one_thing_are_one_case_and_each_reporter_counts_once(music):
    who = await people(music)
    report = music.house.reports.report
    first, second = await asyncio.gather(
        report(who["bob"], K.SONG, "s1", R.SPAM), report(who["cat"], K.SONG, "s1", R.HATE, note="Listen at 0:40.")
    )
    again = await report(who["bob"], K.SONG, "s1", R.VIOLENCE)
    assert first.case.id == second.case.id == again.case.id
    assert again.report.reason == R.SPAM
    case = await music.house.moderation_queue.get(who["moe"], first.case.id)
    assert (case.report_count, case.severity, sorted(case.reasons)) == (2, 3, ["hate", "spam"])
    assert case.evidence[0].facts["title"] == (await music.store.songs.get("s1")).title
    assert await queue(music, who["moe"]) == [case.id]
    for refused, error in (
        ((who["bob"], K.SONG, "never", R.SPAM), NotFound),
        ((who["bob"], K.LYRICS, "s1", R.SPAM), Invalid),
        ((who["bob"], K.SONG, "s1", R.OTHER), Invalid),
        ((who["bob"], K.USER, who["bob"].user_id, R.SPAM), Invalid),
        ((NOBODY, K.SONG, "s1", R.SPAM), Unauthenticated),
    ):
        with pytest.raises(error):
            await report(*refused)
    assert await music.store.moderation_cases.count({}) == 1
    with pytest.raises(TooMany):
        for number in range(30):
            await report(who["cat"], K.SONG, "s2", R.SPAM, note=str(number))


async def test_who_blocks_somebody_can_still_report_them(music):
    ann, bob = await music.sign_up("ann"), await music.sign_up("bob")
    await music.data("mutation ($id: ID!) { blockUser(userId: $id) { success } }", bob, id=ann.user_id)
    bob = await music.house.accounts.renewed(bob, fresh=True)
    assert ann.user_id in bob.unseen
    made = await music.house.reports.report(bob, K.USER, ann.user_id, R.HARASSMENT)
    assert made.case.owner_id == ann.user_id


async def test_a_hidden_song_is_gone_at_once_and_comes_back(music):
    who = await people(music)
    case = (await music.house.reports.report(who["bob"], K.SONG, "s1", R.COPYRIGHT)).case
    await music.house.moderation_queue.claim(who["max"], case.id)
    with pytest.raises(Conflict) as held:
        await music.house.deciding.decide(who["moe"], case.id, Verdict([A.HIDE], R.COPYRIGHT))
    assert held.value.reason == "CASE_CLAIMED"
    assert await music.store.moderation_decisions.count({}) == 0
    with pytest.raises(Conflict):
        await music.house.deciding.decide(who["max"], case.id, Verdict([A.REMOVE], R.COPYRIGHT))
    done = await music.house.deciding.decide(who["max"], case.id, Verdict([A.HIDE], R.COPYRIGHT))
    assert (done.state, done.outcome, done.claimed_by) == ("resolved", Outcome.ACTION_TAKEN, None)
    with pytest.raises(NotFound):
        await music.house.songs.get(who["bob"], "s1")
    assert (await told(music, who["bob"]))[0][0] == "report_resolved"
    own = await music.house.reports.own(who["bob"], Slice())
    assert [(one.case.state, one.case.outcome) for one in own.items] == [("resolved", "action_taken")]
    await music.house.deciding.decide(who["moe"], case.id, Verdict([A.RESTORE]))
    assert (await music.house.songs.get(who["bob"], "s1")).id == "s1"
    with pytest.raises(Conflict):
        await music.house.deciding.decide(who["moe"], case.id, Verdict([A.RESTORE]))
    actions = [line.action for line in await music.store.audit_entries.find({}, sort=[("number", 1)])]
    assert actions == ["song.hide", "song.hide", "song.restore", "song.hide.undo"]


async def test_a_suspension_ends_sessions_and_ends_by_itself(music):
    who = await people(music)
    ended = []
    music.house.bus.hear(SessionEnded, lambda event: ended.append(event.user_id))
    review = await music.house.reviews.add(who["ann"], song_id="s1", rating=1, comment="Buy lamps!")
    case = (await music.house.reports.report(who["bob"], K.REVIEW, review.id, R.SPAM)).case
    until = music.clock.now() + timedelta(days=3)
    verdict = Verdict([A.HIDE, A.SUSPEND], R.SPAM, "No lamps here.", until)
    await music.house.deciding.decide(who["moe"], case.id, verdict)
    assert ended == [who["ann"].user_id]
    assert (await music.store.reviews.get(review.id)).is_hidden
    log_in = {"email": "ann@example.com", "password": PASSWORD}
    with pytest.raises(Unauthenticated) as refused:
        await music.house.accounts.signing_in.log_in(NOBODY, **log_in)
    assert refused.value.reason == "WRONG_CREDENTIALS"
    sent = await mails(music)
    assert [mail.receiver for mail in sent] == ["ann@example.com"] * 2
    assert "No lamps here." in sent[0].text
    assert "/appeal/" in sent[0].text
    assert "until 4 June 2026" in sent[1].text
    assert "bob" not in "".join(mail.text + mail.html for mail in sent)
    assert [kind for kind, _ in await told(music, who["ann"])] == ["moderation_decided"] * 2
    assert await music.house.suspensions.return_due() == 0
    music.clock.turn(3 * 86_400)
    assert await music.house.suspensions.return_due() == 1
    back = await music.house.accounts.signing_in.log_in(NOBODY, **log_in)
    assert (back.user.suspended_until, back.user.is_suspended) == (None, False)
    assert (await music.store.audit_entries.last()).action == "user.return"


async def test_an_appeal_is_answered_by_somebody_else_and_undoes_the_decision(music):
    who = await people(music)
    ann = who["ann"]
    mix = await music.house.playlist_making.create(ann, PlaylistDraft(name="Lamps"))
    case = (await music.house.reports.report(who["bob"], K.PLAYLIST, mix.id, R.SPAM)).case
    await music.house.deciding.decide(who["moe"], case.id, Verdict([A.HIDE, A.WARN], R.SPAM))
    with pytest.raises(NotFound):
        await music.house.playlists.get(who["bob"], mix.id)
    mine = (await music.house.appeals.own(ann, Slice())).items
    hide = next(one for one in mine if one.action == "hide")
    warn = next(one for one in mine if one.action == "warn")
    with pytest.raises(NotFound):
        await music.house.appeals.appeal(who["bob"], hide.id, "Let it be.")
    await music.house.appeals.appeal(ann, hide.id, "They are songs about lamps.")
    for decision in (hide, warn):
        with pytest.raises(Conflict):
            await music.house.appeals.appeal(ann, decision.id, "Again.")
    assert await queue(music, who["moe"], state=CaseState.APPEALED) == [case.id]
    with pytest.raises(Denied) as refused:
        await music.house.appeals.answer(who["moe"], hide.id, True)
    assert refused.value.reason == "OTHER_MODERATOR"
    await music.house.appeals.answer(who["max"], hide.id, True, "Lamps are fine.")
    assert (await music.house.playlists.get(who["bob"], mix.id)).id == mix.id
    assert (await told(music, ann))[-1] == ("appeal_answered", "Your appeal is granted: it is shown again.")
    # The other decision of the case has an appeal of its own, by the link in the mail.
    token = next(mail.text for mail in await mails(music) if "warning" in mail.text).split("/appeal/")[1].split()[0]
    await music.house.appeals.appeal_by_link(token, "I did not know.")
    await music.house.appeals.answer(who["max"], warn.id, False)
    assert (await told(music, ann))[-1][1].startswith("Your appeal is refused")
    for bad in ("", "x.y", token[:-1], token.replace(warn.id, hide.id)):
        with pytest.raises(NotFound):
            await music.house.appeals.by_link(bad)


async def test_who_decided_may_answer_where_nobody_else_is(music):
    ann, bob, mo = [await music.sign_up(name, *roles) for name, roles in
                    (("ann", ()), ("bob", ()), ("moe", (Role.MODERATOR,)))]  # fmt: skip
    case = (await music.house.reports.report(bob, K.USER, ann.user_id, R.SPAM)).case
    await music.house.deciding.decide(mo, case.id, Verdict([A.BAN], R.SPAM))
    assert (await music.store.users.get(ann.user_id)).banned_at is not None
    decision = (await music.store.moderation_decisions.find({}))[0]
    await music.house.appeals.appeal_by_link(music.house.appeals._links.url(decision.id).split("/")[-1], "Sorry.")
    await music.house.appeals.answer(mo, decision.id, True)
    user = await music.store.users.get(ann.user_id)
    assert (user.is_suspended, user.banned_at, user.suspension_reason) == (False, None, None)


async def test_nobody_decides_about_themselves_and_moderators_not_about_admins(music):
    who = await people(music)
    own = (await music.house.reports.report(who["bob"], K.USER, who["moe"].user_id, R.SPAM)).case
    assert await queue(music, who["moe"]) == []
    for act in (
        music.house.moderation_queue.get(who["moe"], own.id),
        music.house.moderation_queue.claim(who["moe"], own.id),
        music.house.deciding.decide(who["moe"], own.id, Verdict([A.DISMISS])),
    ):
        with pytest.raises(NotFound):
            await act
    above = (await music.house.reports.report(who["bob"], K.USER, who["ada"].user_id, R.SPAM)).case
    with pytest.raises(Denied):
        await music.house.deciding.decide(who["moe"], above.id, Verdict([A.BAN], R.SPAM))
    with pytest.raises(Denied):
        await music.house.deciding.decide(who["bob"], above.id, Verdict([A.BAN], R.SPAM))
    assert not (await music.store.users.get(who["ada"].user_id)).is_suspended


async def test_nothing_found_tells_the_reporter_and_not_the_reported(music):
    who = await people(music)
    case = (await music.house.reports.report(who["bob"], K.USER, who["ann"].user_id, R.SPAM)).case
    await music.house.deciding.decide(who["moe"], case.id, Verdict([A.DISMISS]))
    assert "found nothing" in (await told(music, who["bob"]))[0][1]
    assert await told(music, who["ann"]) == []
    assert (await music.house.appeals.own(who["ann"], Slice())).items == []
    assert await mails(music) == []
    later = (await music.house.reports.report(who["bob"], K.USER, who["ann"].user_id, R.SPAM)).case
    assert later.id != case.id


async def test_what_a_crash_left_behind_is_carried_out_and_what_was_never_made_is_forgotten(music):
    who = await people(music)
    case = (await music.house.reports.report(who["bob"], K.SONG, "s1", R.SPAM)).case
    house, decisions = music.house, music.store.moderation_decisions
    do, house.carrying_out.do = house.carrying_out.do, lambda decision: asyncio.sleep(0)
    await house.deciding.decide(who["moe"], case.id, Verdict([A.HIDE], R.SPAM))
    house.carrying_out.do = do
    made = (await decisions.find({}))[0]
    assert made.pending_at is not None
    await decisions.engine.insert("moderation_decisions", {**decisions.codec.encode(made), "_id": "never"})
    assert await house.carrying_out.do_left_behind() == 0
    music.clock.turn(61)
    assert await house.carrying_out.do_left_behind() == 2
    assert [(one.id, one.pending_at) for one in await decisions.find({})] == [(made.id, None)]
    with pytest.raises(NotFound):
        await house.songs.get(who["bob"], "s1")


async def test_a_claim_goes_back_to_the_queue(music):
    who = await people(music)
    case = (await music.house.reports.report(who["bob"], K.SONG, "s1", R.SPAM)).case
    await music.house.moderation_queue.claim(who["moe"], case.id)
    await music.house.moderation_queue.note(who["moe"], case.id, "Looks like an advertisement.")
    assert await queue(music, who["max"]) == []
    assert await queue(music, who["moe"], state=None, mine=True) == [case.id]
    assert await music.house.moderation_queue.lapse() == 0
    music.clock.turn(1801)
    assert await music.house.moderation_queue.lapse() == 1
    assert await queue(music, who["max"]) == [case.id]
    assert [note.text for note in (await music.house.moderation_queue.get(who["max"], case.id)).notes] == [
        "Looks like an advertisement."
    ]
