"""The shapes of codes: RFC 6238's own numbers, drift, and what people type."""

from __future__ import annotations

import pytest

from services.factors import codes

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("at", "code"),
    # RFC 6238, appendix B: the last six of its eight digits.
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_the_codes_are_those_of_the_rfc(at, code):
    assert codes.code_at(SECRET, at) == code
    assert codes.step_of(SECRET, code, at) == at // 30


@pytest.mark.parametrize(("shift", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_be_one_step_off(shift, taken):
    now = 1234567890
    assert (codes.step_of(SECRET, codes.code_at(SECRET, now + shift), now) is not None) is taken


def test_an_authenticator_reads_the_secret_from_the_address():
    url = codes.otpauth_url(SECRET, "ann:b", "Tutti (music.example)")
    assert url.startswith("otpauth://totp/Tutti%20%28music.example%29:ann%20b?")
    assert "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" in url


def test_recovery_codes_are_long_different_and_read_as_people_type_them():
    fresh = codes.new_recovery_codes()
    assert len(set(fresh)) == 10
    assert all(codes.is_recovery(codes.plain(code)) for code in fresh)
    typed = fresh[0].upper().replace("-", " ")
    assert codes.recovery_hash("u", typed) == codes.recovery_hash("u", fresh[0])
    assert codes.recovery_hash("u", fresh[0]) != codes.recovery_hash("other", fresh[0])


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "１２３４５６", "x" * 1000, "12345\x00", "١٢٣٤٥٦"])
def test_what_is_no_code_has_no_shape_of_one(typed):
    plain = codes.plain(typed)
    assert not codes.is_one_time(plain)
    assert not codes.is_recovery(plain)
