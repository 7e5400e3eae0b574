"""What people are told about the safety of their account: a sentence each, for the list and the mail alike.

Owns the sentences. Refuses to know who is told and when. No secret, address of mail or code is in them.
"""

from __future__ import annotations

from services.mail.letter import Button, letter
from services.mail.wording import Wording
from services.security_events import SecurityStep

_TITLES = {
    SecurityStep.SIGNED_IN_ANEW: "A new sign-in to your account",
    SecurityStep.TOKEN_REPLAYED: "One of your sessions was ended",
    SecurityStep.CODES_GUESSED: "Wrong codes for your account",
    SecurityStep.FACTOR_ON: "Two-step sign-in is on",
    SecurityStep.FACTOR_OFF: "Two-step sign-in is off",
    SecurityStep.FACTOR_RESET: "Two-step sign-in was taken off",
    SecurityStep.RECOVERY_USED: "A recovery code was used",
    SecurityStep.RECOVERY_RENEWED: "You have new recovery codes",
    SecurityStep.KEY_MADE: "A key to your account was made",
    SecurityStep.ROLES_CHANGED: "Your roles were changed",
}
_SENTENCES = {
    SecurityStep.SIGNED_IN_ANEW: "Somebody signed in from a place we had not seen before: {about}.",
    SecurityStep.TOKEN_REPLAYED: (
        "A sign-in was renewed twice with the same token, so its session was ended: {about}. This happens when a "
        "connection breaks off at the wrong moment, and when somebody copied your sign-in."
    ),
    SecurityStep.CODES_GUESSED: (
        "Several wrong codes were entered after your password. If that was not you, somebody knows your password: "
        "change it."
    ),
    SecurityStep.FACTOR_ON: "Signing in asks for a code of your authenticator now. Keep your recovery codes safe.",
    SecurityStep.FACTOR_OFF: "Signing in does not ask for a code any more.",
    SecurityStep.FACTOR_RESET: (
        "An administrator took the second step off your account, so that you can sign in without your authenticator. "
        "Set it up again when you have one."
    ),
    SecurityStep.RECOVERY_USED: "Somebody signed in with one of your recovery codes: {about}. It is good no more.",
    SecurityStep.RECOVERY_RENEWED: "Your earlier recovery codes are good no more.",
    SecurityStep.ROLES_CHANGED: "An administrator changed the roles in which your account acts.",
    SecurityStep.KEY_MADE: "A key was made by which programs or players reach your account: {about}.",
}
_NOT_YOU = "If this was not you, change your password and end your other sessions in the settings."


def title(step: SecurityStep) -> str:
    """A few words."""
    return _TITLES[step]


def sentence(step: SecurityStep, about: str) -> str:
    """What happened; `about` names the device or key."""
    return _SENTENCES[step].format(about=about)


def mail(step: SecurityStep, *, name: str, about: str, at: str, home: str) -> Wording:
    """The same as a mail. `home` ends in a slash; `at` is the moment in words."""
    lines = [f"{sentence(step, about)} ({at})", _NOT_YOU]
    return letter(name, title(step), lines, home=home, button=Button("Open your settings", f"{home}#/settings"))
