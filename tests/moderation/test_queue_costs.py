"""What a page of the queue costs does not grow with its rows, with all that lies in them."""

from services.moderation.deciding import Verdict
from services.moderation.policy import Action, ReasonCode, ReportedKind
from services.viewer import Role

QUEUE = """{ moderationQueue(state: null, first: 3) { totalCount edges { node {
  id owner { username } claimedBy { username } reports { note reporter { username } }
  notes { text by { username } } evidence { facts { name value } }
  decisions { decision { action } decidedBy { username } } } } } }"""
PLAIN = {"moderation_cases": 2, "reports": 1, "moderation_decisions": 1, "users": 2}


async def test_a_page_of_the_queue_costs_the_same_for_any_number_of_cases(music):
    ann, bob = await music.sign_up("ann"), await music.sign_up("bob")
    moe = await music.sign_up("moe", Role.MODERATOR)
    costs = []
    for song, title in (("s1", "One"), ("s2", "Two"), ("s3", "Three")):
        for who in (ann, bob):
            made = await music.house.reports.report(who, ReportedKind.SONG, song, ReasonCode.SPAM, note=title)
        await music.house.moderation_queue.note(moe, made.case.id, "Hm.")
        await music.house.deciding.decide(moe, made.case.id, Verdict([Action.HIDE], ReasonCode.SPAM))
        music.engine.asked.clear()
        answer = (await music.data(QUEUE, moe))["moderationQueue"]
        costs.append((answer["totalCount"], dict(music.engine.asked)))
    assert costs == [(1, PLAIN), (2, PLAIN), (3, PLAIN)]
    first = answer["edges"][0]["node"]
    assert sorted(report["reporter"]["username"] for report in first["reports"]) == ["ann", "bob"]
    assert first["decisions"] == [{"decision": {"action": "HIDE"}, "decidedBy": {"username": "moe"}}]
