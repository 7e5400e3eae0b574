"""What people chose is honoured when they are told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.catalogue.withdrawals import CatalogueKind
from services.errors import Unauthenticated
from services.events import ContentModerated, PlaylistChanged, PushDue, SubscriptionChanged, SubscriptionStep
from services.notifications import kinds
from services.notifications.channels import DEFAULTS, DigestPeriod, next_digest
from services.viewer import NOBODY, SYSTEM, Role
from storage.records import Playlist

UPDATE = """mutation ($d: DigestPeriod, $k: [NotificationKindChoice!]) {
  updateNotificationPreferences(digest: $d, kinds: $k) { preferences { digest kinds { type inApp push email } } } }"""


def row(shown, kind):
    return next(each for each in shown["kinds"] if each["type"] == kind)


async def test_choices_are_kept_beside_what_everybody_starts_with(rig):
    ann = await rig.sign_up("ann")
    query = "{ notificationPreferences { digest kinds { type inApp push email } } }"
    before = (await rig.data(query, ann))["notificationPreferences"]
    assert before["digest"] == "OFF"
    assert (
        {each["type"] for each in before["kinds"]} == {kind.name for kind in kinds.Kind} == {k.name for k in DEFAULTS}
    )
    assert row(before, "FOLLOWED") == {"type": "FOLLOWED", "inApp": True, "push": True, "email": False}
    for push in (False, True, False):
        edit = [{"type": "FOLLOWED", "push": push, "email": True}]
        changed = (await rig.data(UPDATE, ann, d="DAILY", k=edit))["updateNotificationPreferences"]["preferences"]
        assert row(changed, "FOLLOWED") == {"type": "FOLLOWED", "inApp": True, "push": push, "email": True}
    after = (await rig.data(query, ann))["notificationPreferences"]
    assert after == changed
    assert [each for each in after["kinds"] if each["type"] != "FOLLOWED"] == [
        each for each in before["kinds"] if each["type"] != "FOLLOWED"
    ]
    kept = await rig.store.notification_choices.get(ann.user_id)
    assert kept.digest_at == datetime(2026, 6, 2, 8, tzinfo=UTC)
    await rig.data(UPDATE, ann, d="OFF")
    assert (await rig.store.notification_choices.get(ann.user_id)).digest_at is None
    with pytest.raises(Unauthenticated):
        await rig.house.notification_preferences.of(NOBODY)


async def test_each_way_stands_for_itself(rig):
    ann, bob = await rig.sign_up("ann"), await rig.sign_up("bob")
    due = []
    rig.house.bus.hear(PushDue, due.append)
    edit = [{"type": "REVIEW_HIDDEN", "inApp": False, "push": True}]
    await rig.data(UPDATE, ann, k=edit)
    for _ in range(2):
        await rig.house.notifications.tell(kinds.review_hidden("r"), [ann.user_id, bob.user_id])
    assert [one.user_id for one in await rig.store.notifications.find({})] == [bob.user_id]
    [unlisted] = await rig.store.unlisted_notifications.find({})
    assert unlisted.user_id == ann.user_id
    assert due == [PushDue(((ann.user_id, unlisted.id),), unlisted=True)], "once, and nothing for bob"
    assert await rig.house.notifications.unread(ann) == 0
    off = [{"type": "REVIEW_HIDDEN", "inApp": False, "push": False, "email": False}]
    await rig.data(UPDATE, ann, k=off)
    assert await rig.house.notifications.tell(kinds.review_hidden("r2"), [ann.user_id]) == 0


async def messages(rig, user_id):
    await rig.house.announcer.settled()
    rows = await rig.store.notifications.find({"user_id": user_id}, sort=[("_id", 1)])
    return [(row.kind, row.message, row.target_kind, row.target_id) for row in rows]


async def test_steps_of_a_subscription_are_told_once_each(rig):
    ann = (await rig.sign_up("ann")).user_id
    await rig.house.accounts.set_tier(SYSTEM, "ann", "premium", days=30)
    at, until = rig.clock.now(), datetime(2026, 7, 1, tzinfo=UTC)
    for _ in range(2):
        for step in (SubscriptionStep.RENEWAL_FAILED, SubscriptionStep.ENDS_SOON):
            rig.house.bus.publish(SubscriptionChanged(ann, step, "premium", at, until))
    await rig.house.accounts.set_tier(SYSTEM, "ann", "free")
    await rig.house.accounts.set_tier(SYSTEM, "ann", "free")
    assert await messages(rig, ann) == [
        ("subscription_began", "You have Tutti premium now. It lasts until 1 July 2026.", "user", ann),
        (
            "subscription_renewal_failed",
            "Your premium subscription could not be renewed: please look after your payment. "
            "Without it your subscription ends on 1 July 2026.",
            "user",
            ann,
        ),
        ("subscription_ends_soon", "Your premium subscription ends on 1 July 2026.", "user", ann),
        (
            "subscription_ended",
            "Your premium subscription is over. Your library and playlists stay as they are.",
            "user",
            ann,
        ),
    ]


async def test_a_subscription_that_ends_by_the_calendar_is_told_before_and_after(rig):
    ann = (await rig.sign_up("ann")).user_id
    await rig.house.accounts.set_tier(SYSTEM, "ann", "premium", days=5)
    assert await rig.house.subscription_watch.look() == 0
    for hours in (49, 1, 69, 1, 1):
        rig.clock.turn(hours * 3600)
        await rig.house.subscription_watch.look()
    assert [kind for kind, *_ in await messages(rig, ann)] == [
        "subscription_began",
        "subscription_ends_soon",
        "subscription_ended",
    ]


async def test_who_owns_what_a_moderator_hides_is_told_and_who_hides_their_own_is_not(rig):
    ann, staff = await rig.sign_up("ann", Role.ARTIST), await rig.sign_up("staff", Role.MODERATOR)
    await rig.artist("star", name="Star", owner_id=ann.user_id)
    await rig.album("lp", "star", title="Dawn")
    heard = []
    rig.house.bus.hear(ContentModerated, heard.append)
    await rig.house.withdrawals.set_hidden(ann, CatalogueKind.ALBUM, "lp", True)
    await rig.house.withdrawals.set_hidden(ann, CatalogueKind.ALBUM, "lp", False)
    assert heard == []
    await rig.house.withdrawals.set_hidden(staff, CatalogueKind.ALBUM, "lp", True)
    await rig.house.withdrawals.set_hidden(staff, CatalogueKind.ALBUM, "lp", False)
    assert await messages(rig, ann.user_id) == [
        ("content_hidden", "A moderator took the album Dawn out of sight.", "album", "lp"),
        ("content_restored", "A moderator brought the album Dawn back.", "album", "lp"),
    ]


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ([(2, "songs"), (1, "songs")], "added 3 songs to"),
        ([(-1, "songs")], "removed a song from"),
        ([(0, "order")], "reordered"),
        ([(0, "details")], "changed the details of"),
        ([(0, "order"), (0, "details")], "changed"),
    ],
)
async def test_an_edit_says_what_was_changed(rig, edits, said):
    ann, bob = (await rig.sign_up("ann")).user_id, (await rig.sign_up("bob")).user_id
    now = rig.clock.now()
    await rig.store.playlists.insert(Playlist("mix", "Road", "mix", ann, now, now, collaborator_ids=[bob]))
    for rev, (songs, edit) in enumerate(edits):
        rig.house.bus.publish(PlaylistChanged("mix", bob, rev, songs=songs, edit=edit))
    [(_, message, *_)] = await messages(rig, ann)
    assert message == f"bob {said} the playlist Road."


@pytest.mark.parametrize(
    ("now", "country", "period", "due"),
    [
        ("2026-06-01T12:00", None, "daily", "2026-06-02T08:00"),
        ("2026-06-01T07:59", None, "daily", "2026-06-01T08:00"),
        ("2026-06-01T08:00", None, "daily", "2026-06-02T08:00"),
        ("2026-06-01T12:00", "JP", "daily", "2026-06-01T23:00"),
        ("2026-06-01T12:00", "IN", "daily", "2026-06-02T02:30"),
        ("2026-06-01T12:00", "US", "daily", "2026-06-01T13:00"),
        ("2026-06-01T07:00", None, "weekly", "2026-06-01T08:00"),
        ("2026-06-01T09:00", None, "weekly", "2026-06-08T08:00"),
        ("2026-06-05T09:00", "JP", "weekly", "2026-06-07T23:00"),
    ],
)
def test_a_digest_comes_in_the_morning_where_one_lives(now, country, period, due):
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert next_digest(at, country, DigestPeriod(period)) == datetime.fromisoformat(due).replace(tzinfo=UTC)
    assert next_digest(at, country, DigestPeriod.OFF) is None
