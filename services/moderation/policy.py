"""The policy: what may be reported, for which reasons, and what may be done about it. Data, and its bounds.

`docs/moderation.md` prints these tables, and a test holds the page against them. Refuses to know cases and people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class ReportedKind(StrEnum):
    """What may be reported."""

    SONG = "song"
    ALBUM = "album"
    ARTIST = "artist"
    ALBUM_COVER = "album_cover"
    ARTIST_PICTURE = "artist_picture"
    LYRICS = "lyrics"
    PLAYLIST = "playlist"
    PLAYLIST_COVER = "playlist_cover"
    REVIEW = "review"
    ROOM_MESSAGE = "room_message"
    USER = "user"
    PROFILE_PICTURE = "profile_picture"


class ReasonCode(StrEnum):
    """Why something is reported or acted upon."""

    SPAM = "spam"
    HARASSMENT = "harassment"
    HATE = "hate"
    VIOLENCE = "violence"
    SEXUAL = "sexual"
    CHILD_SAFETY = "child_safety"
    SELF_HARM = "self_harm"
    COPYRIGHT = "copyright"
    IMPERSONATION = "impersonation"
    PRIVACY = "privacy"
    MISLABELLED = "mislabelled"
    DUPLICATE = "duplicate"
    OTHER = "other"


class Action(StrEnum):
    """What a moderator may decide. RESTORE takes back what was done; DISMISS says that nothing is wrong."""

    DISMISS = "dismiss"
    HIDE = "hide"
    RESTORE = "restore"
    REMOVE = "remove"
    WARN = "warn"
    SUSPEND = "suspend"
    BAN = "ban"


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    RESOLVED = "resolved"
    APPEALED = "appealed"


class Origin(StrEnum):
    """Who brought a case up first: people, or the house itself."""

    REPORTED = "reported"
    AUTOMATIC = "automatic"


class Outcome(StrEnum):
    """What reporters are told."""

    ACTION_TAKEN = "action_taken"
    NOTHING_FOUND = "nothing_found"


class AppealState(StrEnum):
    """Where the one appeal against a decision stands."""

    NONE = "none"
    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of the policy. `severity` runs from 1 to 3, the worst; `kinds` is what it may be said about."""

    code: ReasonCode
    title: str
    words: str
    severity: int
    kinds: frozenset[ReportedKind]


_K = ReportedKind
_ALL = frozenset(_K)
_MUSIC = frozenset({_K.SONG, _K.ALBUM, _K.ARTIST})
_PICTURES = frozenset({_K.ALBUM_COVER, _K.ARTIST_PICTURE, _K.PLAYLIST_COVER, _K.PROFILE_PICTURE})
_PERSONAL = frozenset({_K.PLAYLIST, _K.REVIEW, _K.ROOM_MESSAGE, _K.USER})

POLICY: tuple[Reason, ...] = (
    Reason(
        ReasonCode.SPAM,
        "Spam",
        "Advertising, repeated postings, or links that lure people elsewhere.",
        1,
        _ALL - {_K.LYRICS},
    ),
    Reason(ReasonCode.HARASSMENT, "Harassment", "Insults, threats or pressure against somebody.", 2, _ALL),
    Reason(ReasonCode.HATE, "Hate", "Contempt for people because of what they are.", 3, _ALL),
    Reason(ReasonCode.VIOLENCE, "Violence", "Praise of, or calls for, violence against people or animals.", 3, _ALL),
    Reason(ReasonCode.SEXUAL, "Sexual content", "Explicit content that is not marked, or has no place here.", 2, _ALL),
    Reason(ReasonCode.CHILD_SAFETY, "Children in danger", "Anything that sexualises or endangers children.", 3, _ALL),
    Reason(ReasonCode.SELF_HARM, "Self-harm", "Encouragement to hurt oneself.", 3, _ALL),
    Reason(
        ReasonCode.COPYRIGHT,
        "Somebody else’s work",
        "It is published without the consent of those who made it.",
        2,
        _MUSIC | _PICTURES | {_K.LYRICS},
    ),
    Reason(
        ReasonCode.IMPERSONATION,
        "Impersonation",
        "It pretends to be by somebody else.",
        2,
        _MUSIC | {_K.USER, _K.PROFILE_PICTURE, _K.ARTIST_PICTURE, _K.PLAYLIST},
    ),
    Reason(
        ReasonCode.PRIVACY, "Private facts", "It tells of somebody what is nobody’s business.", 2, _PERSONAL | _PICTURES
    ),
    Reason(
        ReasonCode.MISLABELLED,
        "Wrongly labelled",
        "Wrong names, wrong lyrics, or explicit words that are not marked.",
        1,
        _MUSIC | {_K.LYRICS, _K.ALBUM_COVER},
    ),
    Reason(
        ReasonCode.DUPLICATE,
        "The same sound again",
        "The recording is there already.",
        1,
        frozenset({_K.SONG, _K.ALBUM}),
    ),
    Reason(ReasonCode.OTHER, "Something else", "Say in the note what is wrong.", 1, _ALL),
)
"""The reasons, the one place where they stand."""

BY_CODE = {reason.code: reason for reason in POLICY}

CONTENT_ACTIONS = frozenset({Action.HIDE, Action.REMOVE})
ACCOUNT_ACTIONS = frozenset({Action.WARN, Action.SUSPEND, Action.BAN})
NEVER_REMOVED = _MUSIC
"""What the library holds is hidden, not removed: the files are the operator's."""

CLAIM = timedelta(minutes=30)
"""How long a claim lasts without its holder doing anything."""
APPEAL_WITHIN = timedelta(days=30)
LONGEST_SUSPENSION = timedelta(days=365)
NOTE_CHARACTERS = 1_000
WORDS_CHARACTERS = 1_000
NOTES_LIMIT = 100
EVIDENCE_LIMIT = 5
REPORTS_LIMIT = 500
"""So many reports of one case are kept; what more say is the same."""
