"""The steps of a case: whatever comes in whatever order, the case stays sound and nothing is decided twice."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.errors import Conflict
from services.moderation import case as cases
from services.moderation.policy import CLAIM, CaseState, Outcome
from storage.records.moderation import ModerationCase

START = datetime(2026, 6, 1, tzinfo=UTC)


def fresh():
    return ModerationCase(
        "c", "song", "s1", "song:s1", START, START, cases.queue_key(1, START), "reported", open_key="song:s1"
    )


STEPS = st.sampled_from(["report", "claim", "release", "note", "decide", "appeal", "answer", "lapse"])
PEOPLE = st.sampled_from(["mo", "may"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(STEPS, PEOPLE, st.integers(0, 45), st.integers(1, 3)), max_size=40))
def test_any_order_of_steps_leaves_a_sound_case(steps):
    case, now = fresh(), START
    appeals = decisions = 0
    for step, who, minutes, severity in steps:
        now += timedelta(minutes=minutes)
        before, held = case, cases.holder_of(case, now)
        try:
            match step:
                case "report":
                    facts = {"title": f"v{severity}"}
                    case = cases.joined(case, now, reason="spam", severity=severity, facts=facts, report_count=1)
                    assert before.state in ("open", "claimed")
                    assert case.severity >= before.severity
                case "claim":
                    case = cases.claimed(case, now, who)
                    assert cases.holder_of(case, now) == who
                case "release":
                    case = cases.released(case, now, who)
                    assert cases.holder_of(case, now) is None
                case "note":
                    case = cases.noted(case, now, f"n{now}", who, "Seen.")
                    assert case.state == before.state
                case "decide":
                    case = cases.decided(case, now, who, Outcome.ACTION_TAKEN)
                    decisions += 1
                    assert case.state == CaseState.RESOLVED
                case "appeal":
                    case = cases.appealed(case, now, "d")
                    appeals += 1
                case "answer":
                    case = cases.answered(case, now, who, "d")
                    appeals -= 1
                case _:
                    case = cases.lapsed(case, now)
        except Conflict:
            assert case is before
        else:
            # Nobody does anything to what somebody else holds, but report and note.
            if step in ("claim", "decide", "answer", "release") and before.state != "resolved":
                assert held in (None, who)
        assert cases.is_sound(case)
        assert decisions <= 1
        assert appeals in (0, 1)


def test_a_claim_runs_out_and_goes_on_while_its_holder_works():
    case = cases.claimed(fresh(), START, "mo")
    later = START + CLAIM - timedelta(minutes=1)
    case = cases.noted(case, later, "n", "mo", "Looking.")
    assert cases.holder_of(case, START + CLAIM) == "mo"
    assert cases.claimed(case, later + CLAIM, "may").claimed_by == "may"


def test_the_worst_and_then_the_oldest_comes_first():
    later = START + timedelta(hours=1)
    keys = [cases.queue_key(1, START), cases.queue_key(3, later), cases.queue_key(3, START)]
    assert sorted(keys) == [keys[2], keys[1], keys[0]]
