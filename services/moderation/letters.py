"""What people are told of moderation: as news in their list and as mail. Owns the sentences; knows no store."""

from __future__ import annotations

from datetime import datetime

from services.mail.letter import Button, letter
from services.mail.wording import Wording
from services.moderation.policy import ACCOUNT_ACTIONS, APPEAL_WITHIN, BY_CODE, Action, Outcome, ReasonCode
from services.notifications.kinds import Kind, News, TargetKind
from storage.records.moderation import ModerationDecision

_DONE = {
    Action.HIDE: "was taken out of sight",
    Action.REMOVE: "was removed",
    Action.WARN: "led to a warning",
    Action.SUSPEND: "led to the suspension of your account",
    Action.BAN: "led to the closing of your account",
}
_TITLES = {
    Action.HIDE: "Something of yours was hidden",
    Action.REMOVE: "Something of yours was removed",
    Action.WARN: "A warning",
    Action.SUSPEND: "Your account is suspended",
    Action.BAN: "Your account is closed",
}


def decided(decision: ModerationDecision) -> News:
    """What was decided about somebody or something of theirs; nobody is named."""
    action = Action(decision.action)
    return _to_owner(decision, Kind.MODERATION_DECIDED, f"moderation:{decision.id}", _TITLES[action], _what(decision))


def undone(decision: ModerationDecision) -> News:
    """What was decided is taken back."""
    words = f"What was decided about {_named(decision)} is taken back: {_undone(Action(decision.action))}"
    return _to_owner(decision, Kind.MODERATION_DECIDED, f"moderation:{decision.id}:undone", "Taken back", words)


def answered(decision: ModerationDecision, *, granted: bool) -> News:
    """The answer to an appeal."""
    if granted:
        words = f"Your appeal is granted: {_undone(Action(decision.action))}"
    else:
        words = f"Your appeal is refused: the decision about {_named(decision)} stands."
    return _to_owner(decision, Kind.APPEAL_ANSWERED, f"appeal:{decision.id}", "Your appeal was answered", words)


def report_resolved(case_id: str, reporter_id: str, outcome: Outcome) -> News:
    """What a reporter is told: whether anything was done, not what."""
    words = (
        "We looked at what you reported and took action. Thank you."
        if outcome == Outcome.ACTION_TAKEN
        else "We looked at what you reported and found nothing against our rules."
    )
    return News(
        Kind.REPORT_RESOLVED, f"report:{case_id}", "Your report was looked at", words, TargetKind.USER, reporter_id
    )


def as_mail(news: News, name: str, *, home: str, appeal_url: str | None = None, words: str = "") -> Wording:
    """The news as a mail; with `appeal_url` it says how to appeal. `words` are the moderator's own."""
    lines = [news.message]
    if words:
        lines.append(f"The moderator writes: {words}")
    if appeal_url is None:
        return letter(name, news.title, lines, home=home)
    lines.append(f"If you think that this is wrong, you may appeal once, within {APPEAL_WITHIN.days} days.")
    return letter(name, news.title, lines, home=home, button=Button("Appeal this decision", appeal_url))


def _what(decision: ModerationDecision) -> str:
    action = Action(decision.action)
    reason = BY_CODE[ReasonCode(decision.reason)]
    until = f" until {_moment(decision.until)}" if decision.until is not None else ""
    about = _named(decision)
    return f"{about[:1].upper()}{about[1:]} {_DONE[action]}{until}. The reason: {reason.title}. {reason.words}"


def _undone(action: Action) -> str:
    match action:
        case Action.HIDE:
            return "it is shown again."
        case Action.REMOVE:
            return "it was wrong. What was removed cannot be brought back, but you may post it again."
        case Action.WARN:
            return "the warning counts no more."
        case _:
            return "your account is open again, unless something else keeps it closed."


def _named(decision: ModerationDecision) -> str:
    match decision.kind:
        case "user":
            on_account = Action(decision.action) in ACCOUNT_ACTIONS
            return "what you did here" if on_account else "your profile"
        case "review":
            return "your review"
        case "room_message":
            return "your message in a room"
        case "lyrics" | "album_cover" | "artist_picture" | "playlist_cover" | "profile_picture":
            return decision.name or "your picture"
        case _:
            return f"your {decision.kind} {decision.name}"


def _moment(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def _to_owner(decision: ModerationDecision, kind: Kind, key: str, title: str, words: str) -> News:
    return News(kind, key, title, words, TargetKind.USER, decision.owner_id or "")
