"""Passwords: which are good enough, and argon2id hashes made and checked off the event loop.

Owns the policy, the cost parameters and the two threads that hash. Refuses to know users and stores, and never logs
or keeps a password. Hashing memory is bounded: two at once, a short waiting line, TooMany beyond it.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import secrets
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from services.accounts.details import fold
from services.accounts.password_strength import Strength, strength_of
from services.errors import Invalid, TooMany
from services.typed_text import refuse_unprintable

log = logging.getLogger("tutti.accounts")

SHORTEST = 10
LONGEST = 256
_THREADS = 2
LEAST_SCORE = 3
"""Of 0 to 4: at least 10^8 guesses."""
_SECONDS_A_HASH = 0.03

# The long end of what people choose first; compared folded. A measure of strength proper is not this list's business.
_COMMON_WORDS = """
    1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc abc1234567 abcd123456 administrator asdfghjkl1 asdfghjkl; baseball123
    changeme123 dragon1234 football123 iloveyou123 iloveyou1234 letmein123 letmein1234 master1234 monkey1234
    mypassword mypassword1 p@ssw0rd123 p@ssword123 passw0rd123 passw0rd1234 password01 password10 password11
    password12 password123 password123! password1234 password12345 passwordpassword princess123 qazwsxedc1 qazwsxedcrfv
    qwerty1234 qwerty12345 qwerty123456 qwertyqwerty qwertyuiop qwertyuiop1 qwertyuiop123 spotify123 sunshine123
    superman123 trustno1trustno1 welcome123 welcome1234 whatever123 zaq12wsxcde3
"""
_COMMON = frozenset(_COMMON_WORDS.split())

Answer = TypeVar("Answer")


class Passwords:
    """Hashes and checks passwords with argon2id; `stop` lets its threads go.

    `time_cost` passes over `memory_kib` KiB with `parallelism` lanes; `waiting_limit` is how many may stand in line
    behind the two being worked on. A new password is to have at least `least_score` of zxcvbn's 0 to 4; with 0 none is
    weighed.
    """

    def __init__(
        self,
        *,
        time_cost: int = 2,
        memory_kib: int = 19_456,
        parallelism: int = 1,
        waiting_limit: int = 64,
        least_score: int = LEAST_SCORE,
    ) -> None:
        self._hasher = PasswordHasher(
            time_cost=time_cost, memory_cost=memory_kib, parallelism=parallelism, type=Type.ID
        )
        # Two worker threads rather than a semaphore around a shared pool: a caller who gives up cannot free a place
        # whose hash is still being computed.
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="tutti-passwords")
        self._room = _THREADS + waiting_limit
        self._least_score = least_score
        self._inside = 0
        self._lock = threading.Lock()
        # Never matches anything, costs as much as a real one.
        salt, digest = (
            base64.b64encode(secrets.token_bytes(size)).rstrip(b"=").decode()
            for size in (self._hasher.salt_len, self._hasher.hash_len)
        )
        self._nobodys_hash = f"$argon2id$v=19$m={memory_kib},t={time_cost},p={parallelism}${salt}${digest}"

    def check(self, password: str, *, email: str = "", username: str = "", field: str = "password") -> None:
        """Invalid unless the password is 10 to 256 characters (code points after NFKC) and not easy to guess.

        Refused are the person's own e-mail (whole or before the @) or username, a single character repeated, a plain
        run such as `0123456789`, and the most common passwords. Letter case does not save any of them.
        """
        too_long = Invalid(f"A password has at most {LONGEST} characters.", field=field, code="PASSWORD_TOO_LONG")
        # Before any work in proportion to the length.
        if len(password) > LONGEST:
            raise too_long
        refuse_unprintable(password, field, "A password")
        plain = normal(password)
        if len(plain) > LONGEST:
            raise too_long
        if len(plain) < SHORTEST:
            raise Invalid(f"A password needs at least {SHORTEST} characters.", field=field, code="PASSWORD_TOO_SHORT")
        folded = fold(plain)
        own = {fold(email), fold(email).rpartition("@")[0], fold(username)} - {""}
        if folded in own:
            raise Invalid("A password must differ from the e-mail and username.", field=field, code="PASSWORD_TOO_WEAK")
        if folded in _COMMON or _is_run(folded):
            raise Invalid("This password is too easy to guess.", field=field, code="PASSWORD_TOO_WEAK")

    async def weigh(self, password: str, *own: str) -> Strength:
        """How strong a password is for somebody with these names. TooMany when the waiting line is full."""
        plain = normal(password[:LONGEST])
        return await self._off_the_loop(lambda: strength_of(plain, own))

    async def require_strong(self, password: str, *own: str, field: str = "password") -> None:
        """Invalid (PASSWORD_TOO_WEAK), with what is wrong and what would help, for one that is easy to guess."""
        if self._least_score == 0:
            return
        strength = await self.weigh(password, *own)
        if strength.score < self._least_score:
            words = f"This password is too easy to guess. {strength.advice}".strip()
            raise Invalid(words, field=field, code="PASSWORD_TOO_WEAK")

    async def hash(self, password: str) -> str:
        """The argon2id hash to store. TooMany when the waiting line is full; ValueError for lone surrogates."""
        plain = normal(password)
        return await self._off_the_loop(lambda: self._hasher.hash(plain))

    async def verify(self, hash: str | None, password: str) -> bool:
        """Whether the password made this hash. None or an empty hash costs the same time and is always False."""
        usable = hash or self._nobodys_hash
        plain = normal(password) if len(password) <= LONGEST else ""
        try:
            plain.encode()
        except UnicodeEncodeError:
            plain = ""
        return await self._off_the_loop(lambda: self._matches(usable, plain)) and plain != "" and bool(hash)

    def needs_rehash(self, hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(hash)

    def stop(self) -> None:
        """Let the threads go; what waits in line is cancelled. Safe to call twice."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _matches(self, hash: str, plain: str) -> bool:
        try:
            return self._hasher.verify(hash, plain)
        except VerificationError:
            return False
        except InvalidHashError:
            log.error("a stored password hash is unreadable")
            return False

    async def _off_the_loop(self, work: Callable[[], Answer]) -> Answer:
        with self._lock:
            if self._inside >= self._room:
                wait = max(1.0, self._inside * _SECONDS_A_HASH / _THREADS)
                raise TooMany("Too many people are signing in just now; try again shortly.", retry_after=wait)
            self._inside += 1
        try:
            future = self._threads.submit(work)
        except RuntimeError:
            self._leave()
            raise
        future.add_done_callback(self._leave)
        return await asyncio.wrap_future(future)

    def _leave(self, _future: Future[Answer] | None = None) -> None:
        with self._lock:
            self._inside -= 1


def normal(password: str) -> str:
    """The password as it is hashed: NFKC, so that one typed on another keyboard or system is the same."""
    return unicodedata.normalize("NFKC", password)


def _is_run(text: str) -> bool:
    """One character repeated, or each one code point after (or before) the last; 0 follows 9 on a keyboard."""
    return _steps(text) in ({0}, {1}, {-1}) or _steps(text.removesuffix("0")) == {1}


def _steps(text: str) -> set[int]:
    return {ord(later) - ord(earlier) for earlier, later in pairwise(text)}
