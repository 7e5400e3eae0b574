from __future__ import annotations

import asyncio
import threading

import pytest

from services.accounts.passwords import Passwords
from services.errors import Invalid, TooMany
from tests.accounts.account_rig import CountingPasswords


async def until(condition) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - a thread's count, which sets no event
            await asyncio.sleep(0)


class Held(CountingPasswords):
    """Hashing that begins and then waits to be let go, so that a test can look at the line."""

    def __init__(self, **more) -> None:
        super().__init__(**more)
        self.go = threading.Event()
        self.working = 0

    def _matches(self, hash: str, plain: str) -> bool:
        self.working += 1
        assert self.go.wait(5)
        return super()._matches(hash, plain)


async def test_a_hash_matches_its_password_and_no_other(passwords):
    hash = await passwords.hash("tutti-demo-2026")
    assert hash.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert await passwords.verify(hash, "tutti-demo-2026") is True
    for other in ("tutti-demo-2027", "Tutti-demo-2026", "", "tutti-demo-2026\0", "x" * 10_000, "\ud800" * 12):
        assert await passwords.verify(hash, other) is False
    assert await passwords.hash("tutti-demo-2026") != hash


async def test_the_default_cost_is_the_documented_one():
    passwords = Passwords()
    hash = await passwords.hash("tutti-demo-2026")
    assert hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.needs_rehash(hash) is False
    cheap = CountingPasswords()
    assert cheap.needs_rehash(hash) is True
    passwords.stop()
    passwords.stop()
    cheap.stop()


async def test_the_same_letters_typed_elsewhere_are_the_same_password(passwords):
    hash = await passwords.hash("pa\u0301ssw\u00f6rd-lang")
    assert await passwords.verify(hash, "p\u00e1sswo\u0308rd-lang") is True


async def test_nobodys_hash_costs_a_real_verification_and_never_matches(passwords):
    for hash in (None, ""):
        assert await passwords.verify(hash, "tutti-demo-2026") is False
    assert passwords.needs_rehash(passwords._nobodys_hash) is False
    # The library itself takes it for a hash: a mismatch, not a malformed one, so the work is done.
    assert passwords._matches(passwords._nobodys_hash, "tutti-demo-2026") is False


async def test_an_unreadable_stored_hash_is_no_way_in_and_is_told_to_the_log(passwords, log_watch):
    log_watch.expect("^ERROR tutti.accounts: a stored password hash is unreadable$")
    assert await passwords.verify("plainly not a hash", "tutti-demo-2026") is False


async def test_two_at_a_time_a_short_line_and_then_no_more():
    passwords = Held(waiting_limit=3)
    inside = [asyncio.create_task(passwords.verify(None, "a password")) for _ in range(5)]
    await until(lambda: passwords.working == 2)
    with pytest.raises(TooMany) as refused:
        await passwords.verify(None, "a password")
    assert refused.value.retry_after == 1.0
    # Who gives up in the line frees a place; who gives up while being worked on does not.
    inside[4].cancel()
    await asyncio.gather(inside[4], return_exceptions=True)
    inside[0].cancel()
    await asyncio.gather(inside[0], return_exceptions=True)
    inside.append(asyncio.create_task(passwords.verify(None, "a password")))
    await until(lambda: passwords.verified == 7)
    with pytest.raises(TooMany):
        await passwords.verify(None, "a password")
    assert passwords.working == 2
    passwords.go.set()
    answers = await asyncio.gather(*inside, return_exceptions=True)
    assert [answer for answer in answers if not isinstance(answer, asyncio.CancelledError)] == [False] * 4
    assert await passwords.verify(None, "a password") is False
    passwords.stop()


@pytest.mark.parametrize(
    "good",
    [
        "SecurePass123!",
        "tutti-demo-2026",
        "ten chars!",
        "x y" * 85 + "z",
        "дом, где я живу",
        "🎵🎶🎷🎸🎹🎺🎻🥁🪕🪗",
        "correct horse",
    ],
)
def test_good_passwords_pass(passwords, good):
    passwords.check(good, email="user@example.com", username="musiclover")


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("", "PASSWORD_TOO_SHORT"),
        ("nine char", "PASSWORD_TOO_SHORT"),
        # Ten code points as typed, nine after NFKC.
        ("wo\u0308rd-lang", "PASSWORD_TOO_SHORT"),
        ("x y" * 85 + "zz", "PASSWORD_TOO_LONG"),
        # 256 as typed, far more after NFKC.
        ("\ufdfa" * 256, "PASSWORD_TOO_LONG"),
        ("aaaaaaaaaaaa", "PASSWORD_TOO_WEAK"),
        ("AAAAaaaaAAAA", "PASSWORD_TOO_WEAK"),
        ("0123456789", "PASSWORD_TOO_WEAK"),
        ("1234567890", "PASSWORD_TOO_WEAK"),
        ("9876543210", "PASSWORD_TOO_WEAK"),
        ("abcdefghijklm", "PASSWORD_TOO_WEAK"),
        ("Password123", "PASSWORD_TOO_WEAK"),
        ("QWERTYUIOP", "PASSWORD_TOO_WEAK"),
        ("ｐassword123", "PASSWORD_TOO_WEAK"),
        ("User.Name@Example.com", "PASSWORD_TOO_WEAK"),
        ("user.name.long", "PASSWORD_TOO_SHORT"),
        ("Music-Lover", "PASSWORD_TOO_WEAK"),
        ("nul\0nul\0nul\0", "INVALID"),
        ("line\nline\nline", "INVALID"),
        ("\ud800 lone surrogate", "INVALID"),
    ],
)
def test_bad_passwords_are_refused_by_code(passwords, bad, code):
    email = "user.name@example.com"
    if bad == "user.name.long":
        email, code = "user.name.long@example.com", "PASSWORD_TOO_WEAK"
    with pytest.raises(Invalid) as refused:
        passwords.check(bad, email=email, username="music-lover")
    assert refused.value.extensions == {"code": code, "field": "password"}
    assert not bad or bad not in refused.value.message
