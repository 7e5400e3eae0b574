"""The page on moderation has the policy as the code has it."""

from pathlib import Path

from services.moderation.policy import POLICY, Action, CaseState, ReportedKind

PAGE = (Path(__file__).parent.parent.parent / "docs" / "moderation.md").read_text(encoding="utf-8")


def test_each_reason_stands_on_the_page():
    for reason in POLICY:
        about = [kind.value.replace("_", " ") for kind in ReportedKind if kind in reason.kinds]
        kinds = "everything" if len(about) == len(ReportedKind) else ", ".join(about)
        line = f"| `{reason.code.name}` | {reason.title} | {reason.words} | {reason.severity} | {kinds} |"
        assert line in PAGE, line


def test_each_action_and_state_stands_on_the_page():
    for action in Action:
        assert f"`{action.name}`" in PAGE
    for state in CaseState:
        assert f" {state.name} " in PAGE
