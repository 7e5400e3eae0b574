"""What the mails of this room say. Owns the sentences; knows no store."""

from __future__ import annotations

from services.addresses.links import Sent
from services.mail.letter import Button, letter
from services.mail.wording import Wording
from storage.records import User


class Letters:
    """The mails about addresses and passwords. `public_url` is where people reach the house."""

    def __init__(self, public_url: str) -> None:
        self._home = public_url.rstrip("/") or "http://localhost"

    def welcome(self, user: User, sent: Sent) -> Wording:
        """To a new account, or one that asked for it again."""
        lines = ["Please confirm that this is your address. Type this code where you signed up, or press the button."]
        return self._letter(user, "Confirm your address", lines, "Confirm", f"verify#{sent.token}", sent.code)

    def recovery(self, user: User, sent: Sent) -> Wording:
        """To somebody who says that they lost their password."""
        lines = [
            "Somebody, probably you, asked for a new password for your account. The button is good for an hour.",
            "If it was not you, do nothing: your password stays as it is.",
        ]
        return self._letter(user, "A new password", lines, "Choose a new password", f"reset#{sent.token}")

    def password_changed(self, user: User) -> Wording:
        """After a change that they, or somebody as them, made."""
        lines = [
            "The password of your account was changed, and other devices were signed out.",
            "If it was not you, choose a new one at once: on the sign-in page, press “Forgot your password?”.",
        ]
        return self._letter(user, "Your password was changed", lines)

    def change_to_old(self, user: User, new_email: str, sent: Sent) -> Wording:
        """To the address that an account has, before it gets another."""
        lines = [
            f"Somebody, probably you, wants to change the address of your account to {new_email}.",
            "It happens once both addresses agree. If it was not you, do nothing and change your password.",
        ]
        return self._letter(user, "A change of your address", lines, "Agree", f"email#{sent.token}")

    def change_to_new(self, user: User, sent: Sent) -> Wording:
        """To the address that an account is to get."""
        lines = [
            f"{user.username} wants to use this address for their account. It happens once both addresses agree.",
            "If you know nothing of it, do nothing.",
        ]
        return self._letter(user, "Confirm your new address", lines, "Agree", f"email#{sent.token}")

    def taken(self, user: User) -> Wording:
        """To an address that somebody else's account wants to have: its owner has an account already."""
        lines = [
            "Somebody wanted to use this address for another account here. It stays yours, and nothing has changed.",
            "If it was you: sign in with this address instead, or give the other account another one.",
        ]
        return self._letter(user, "Your address is in use here", lines)

    def changed(self, user: User, new_email: str, sent: Sent) -> Wording:
        """To the address that an account had."""
        lines = [
            f"The address of your account is {new_email} now.",
            "If it was not you, press the button within seven days: this address comes back, and every device is "
            "signed out.",
        ]
        return self._letter(user, "Your address was changed", lines, "That was not me", f"email#{sent.token}")

    def brought_back(self, user: User) -> Wording:
        """To the address that came back."""
        lines = [
            "This is the address of your account again, and every device was signed out. Choose a new password now: on "
            "the sign-in page, press “Forgot your password?”."
        ]
        return self._letter(user, "Your address is back", lines)

    def _letter(
        self, user: User, subject: str, lines: list[str], label: str = "", path: str = "", code: str = ""
    ) -> Wording:
        button = Button(label, f"{self._home}/{path}") if path else None
        return letter(user.username, subject, lines, home=f"{self._home}/", button=button, code=code)
