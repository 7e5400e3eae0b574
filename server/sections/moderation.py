"""Settings of moderation: what the house notices by itself.

Owns names, defaults, bounds and meanings. Refuses to know where a value came from.
"""

from __future__ import annotations

from dataclasses import dataclass

from server.sections.setting import setting


@dataclass(frozen=True, slots=True)
class ModerationSettings:
    """Flags that open cases for moderators; see `docs/moderation.md`."""

    word_list: str = setting(
        "", "Path of a word list, an entry a line; empty looks for no words. Read once, at the start."
    )
    refuse_words: bool = setting(
        False, "Refuse what has a word of the list, instead of letting it through and opening a case."
    )
    most_links: int = setting(3, "Links in one text beyond which a case is opened; 0 counts none.", least=0, most=1_000)
    new_account_days: int = setting(
        7, "For so many days an account may do a quarter of what follows.", least=0, most=3_650
    )
    reviews_per_hour: int = setting(
        30, "Reviews of one person beyond which a case is opened; 0 never.", least=0, most=100_000
    )
    messages_per_hour: int = setting(600, "Messages in rooms, likewise.", least=0, most=100_000)
    playlists_per_hour: int = setting(60, "Public playlists, likewise.", least=0, most=100_000)
    follows_per_hour: int = setting(200, "People somebody begins to follow, likewise.", least=0, most=100_000)
    reports_per_hour: int = setting(30, "Reports, likewise.", least=0, most=100_000)
    duplicate_uploads: bool = setting(True, "Open a case for uploads that sound like another artist's song.")
