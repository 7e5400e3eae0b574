"""What happens to the ways into an account, told on the bus (`services/events.py`) after it was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SecurityStep(StrEnum):
    """What its owner is told about their account's safety."""

    SIGNED_IN_ANEW = "signed_in_anew"
    TOKEN_REPLAYED = "token_replayed"
    CODES_GUESSED = "codes_guessed"
    FACTOR_ON = "factor_on"
    FACTOR_OFF = "factor_off"
    FACTOR_RESET = "factor_reset"
    RECOVERY_USED = "recovery_used"
    RECOVERY_RENEWED = "recovery_renewed"
    KEY_MADE = "key_made"
    ROLES_CHANGED = "roles_changed"


@dataclass(frozen=True, slots=True)
class SecurityMattered:
    """Something happened by which an account is entered; `about_id` is the session or the key it was, if one."""

    user_id: str
    step: SecurityStep
    at: datetime
    about_id: str | None = None
