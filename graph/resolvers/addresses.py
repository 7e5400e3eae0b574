"""Proving and changing an e-mail address, and choosing a new password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.accounts.password_strength import Strength
from services.addresses.email_change import Agreement
from storage.records.mailed_link import EmailChange


@dataclass(slots=True)
class VerifyEmail:
    """What proving an address gives."""

    email: str
    success: bool = True


@dataclass(slots=True)
class MailAsked:
    """What asking for a mail gives."""

    success: bool = True


@dataclass(slots=True)
class PasswordSet:
    """What a new password gives."""

    ended_sessions: int | None = None
    success: bool = True


@dataclass(slots=True)
class CancelEmailChange:
    """What ending a change gives."""

    success: bool = True


RECORDS = {
    "VerifyEmail": VerifyEmail,
    "MailAsked": MailAsked,
    "PasswordSet": PasswordSet,
    "CancelEmailChange": CancelEmailChange,
    "EmailChange": EmailChange,
    "EmailChangeState": Agreement,
    "PasswordStrength": Strength,
}


@resolves("PasswordStrength.guessesLog10")
def guesses_log10(strength: Strength, _info: Info) -> float:
    """The decimal logarithm of the guesses."""
    return strength.guesses_log10


@resolves("Query.passwordStrength")
def password_strength(_: None, info: Info, password: str, own: list[str] | None = None) -> Any:
    """How hard it is to guess."""
    accounts, address = info.context.house.accounts, info.context.caller.address
    return accounts.password_strength(password, *(own or ()), address=address)


@resolves("Query.emailChange")
def email_change(_: None, info: Info) -> Any:
    """The change under way."""
    return info.context.house.email_changes.under_way(info.context.viewer)


@resolves("Mutation.verifyEmail")
async def verify_email(_: None, info: Info, token: str) -> VerifyEmail:
    """The address is proven."""
    return VerifyEmail((await info.context.house.verification.verify(token)).email)


@resolves("Mutation.verifyEmailCode")
async def verify_email_code(_: None, info: Info, code: str) -> VerifyEmail:
    """The address is proven."""
    return VerifyEmail((await info.context.house.verification.verify_code(info.context.viewer, code)).email)


@resolves("Mutation.resendVerification")
async def resend_verification(_: None, info: Info) -> MailAsked:
    """Another mail."""
    await info.context.house.verification.resend(info.context.viewer)
    return MailAsked()


@resolves("Mutation.requestPasswordReset")
def request_password_reset(_: None, info: Info, login: str) -> MailAsked:
    """A mail, if there is somebody."""
    info.context.house.password_change.request(login, address=info.context.caller.address)
    return MailAsked()


@resolves("Mutation.resetPassword")
async def reset_password(_: None, info: Info, token: str, new_password: str) -> PasswordSet:
    """A new password by a mailed link."""
    await info.context.house.password_change.reset(token, new_password)
    return PasswordSet()


@resolves("Mutation.changePassword")
async def change_password(_: None, info: Info, new_password: str, password: str | None = None) -> PasswordSet:
    """A new password by the present one."""
    ended = await info.context.house.password_change.change(info.context.viewer, password, new_password)
    return PasswordSet(ended)


@resolves("Mutation.changeEmail")
def change_email(_: None, info: Info, new_email: str, password: str | None = None) -> Any:
    """Mails to both sides."""
    return info.context.house.email_changes.request(info.context.viewer, new_email, password=password)


@resolves("Mutation.confirmEmailChange")
def confirm_email_change(_: None, info: Info, token: str) -> Any:
    """What the link says."""
    return info.context.house.email_changes.follow(token)


@resolves("Mutation.cancelEmailChange")
async def cancel_email_change(_: None, info: Info) -> CancelEmailChange:
    """The change's end."""
    await info.context.house.email_changes.cancel(info.context.viewer)
    return CancelEmailChange()
