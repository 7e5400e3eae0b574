"""From the settings to what the house looks out for by itself. Owns that reading alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from server.sections.moderation import ModerationSettings
from services.attention import Attention
from services.errors import Unavailable
from services.moderation.flags.rules import FlagRules
from services.moderation.flags.words import BadWordList, WordList, read_word_file


def flag_rules(settings: ModerationSettings) -> FlagRules:
    """The rules, with the word list read. Unavailable, saying which line, for one that cannot be. At the start."""
    try:
        words = read_word_file(Path(settings.word_list)) if settings.word_list else WordList()
    except BadWordList as fault:
        raise Unavailable(f"moderation.word_list: {fault}") from fault
    hourly = {
        "review": settings.reviews_per_hour,
        "room_message": settings.messages_per_hour,
        "playlist": settings.playlists_per_hour,
        "follow": settings.follows_per_hour,
        "report": settings.reports_per_hour,
    }
    new_account = timedelta(days=settings.new_account_days)
    return FlagRules(words, settings.most_links, new_account, hourly, settings.duplicate_uploads)


def attention_of(settings: ModerationSettings, rules: FlagRules) -> Attention:
    """Where words are asked about: refused only where the settings say so."""
    if not settings.refuse_words:
        return Attention()
    return Attention(lambda text: rules.words.find(text) is not None)
