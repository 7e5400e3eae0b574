"""Which e-mail addresses are a school's: the house's list of domains, read strictly.

Owns the comparison: whole labels from the right, in the form in which domains travel (`xn--…`), so that neither
`evilschool.example` nor `school.example.evil.example` nor a letter that looks alike is the school.
"""

from __future__ import annotations

from collections.abc import Iterable

from services.accounts.details import email_key, read_email
from services.errors import Invalid

_NO_SCHOOL = "This is not the address of a school that this house knows."


def read_domains(domains: Iterable[str]) -> tuple[str, ...]:
    """The domains of a list, in the form they are compared in. ValueError names one that is none.

    `school.example` stands for itself and what is below it, `*.ac.uk` only for what is below: a suffix under which
    many register is not anybody's own address. A single label must be written that way.
    """
    return tuple(_read(domain) for domain in domains)


def school_of(email: str, domains: Iterable[str]) -> tuple[str, str]:
    """The address and its domain, both folded, if a school's. Invalid for any other (NO_SCHOOL) and for no address."""
    local, _, domain = email_key(read_email(email)).rpartition("@")
    try:
        name = _travelling(domain)
    except ValueError:
        raise Invalid(_NO_SCHOOL, field="email", code="NO_SCHOOL") from None
    if not any(_covers(allowed, name) for allowed in domains):
        raise Invalid(_NO_SCHOOL, field="email", code="NO_SCHOOL")
    # What follows a plus is the same mailbox nearly everywhere: one student is not as many as they like.
    return f"{local.partition('+')[0] or local}@{name}", name


def _covers(allowed: str, name: str) -> bool:
    below = allowed.removeprefix("*.")
    return name.endswith(f".{below}") or (name == below and below == allowed)


def _read(domain: str) -> str:
    text = domain.strip().lower()
    below = text.removeprefix("*.")
    try:
        name = _travelling(below)
    except ValueError:
        raise ValueError(f"{domain!r} is not a domain") from None
    if "." not in name and text == below:
        raise ValueError(f"{domain!r} is no school's own domain; write *.{domain} for what is below it")
    return f"*.{name}" if text != below else name


def _travelling(domain: str) -> str:
    """The ASCII form. ValueError for what is no domain."""
    labels = domain.split(".")
    try:
        name = ".".join(label.encode("idna").decode("ascii") for label in labels).lower()
    except UnicodeError as fault:
        raise ValueError("not a domain") from fault
    # A label may turn into several: some signs count as dots.
    plain = all(label and label.strip("-") == label and label.replace("-", "").isalnum() for label in name.split("."))
    if len(name.split(".")) != len(labels) or not plain:
        raise ValueError("not a domain")
    return name
