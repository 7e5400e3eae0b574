"""A delivery is proven by its signature alone: over these bytes, at about this time, with one of our secrets."""

import hashlib
import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.billing.webhooks.signature import sign, verify
from services.errors import Invalid

BODY, NOW = b'{"id": "evt_1"}', 1_790_000_000


def _good(header, *, secrets=("whsec_a",), body=BODY, now_s=NOW):
    try:
        verify(body, header, secrets, now_s=now_s, tolerance_s=300)
    except Invalid as refusal:
        assert refusal.reason == "SIGNATURE_WRONG"
        return False
    return True


def test_the_scheme_is_an_hmac_over_time_and_body():
    made = hmac.new(b"whsec_a", b"1790000000." + BODY, hashlib.sha256).hexdigest()
    assert sign(BODY, "whsec_a", at_s=NOW) == f"t=1790000000,v1={made}"
    assert _good(f"t=1790000000,v1={made}")


@pytest.mark.parametrize(("age_s", "good"), [(0, True), (300, True), (301, False), (-300, True), (-301, False)])
def test_a_delivery_is_believed_for_five_minutes_before_and_after(age_s, good):
    assert _good(sign(BODY, "whsec_a", at_s=NOW - age_s)) is good


def test_each_of_several_secrets_and_signatures_will_do():
    ours, other = sign(BODY, "whsec_a", at_s=NOW), sign(BODY, "whsec_b", at_s=NOW).split(",")[1]
    assert _good(ours, secrets=("whsec_new", "whsec_a"))
    assert _good(f"{ours.split(',')[0]},{other},{ours.split(',')[1]}")
    assert not _good(ours, secrets=("whsec_new",))
    assert not _good(ours, secrets=())


@pytest.mark.parametrize(
    "header",
    ["", "x=y", "t=1790000000", "v1=00", "t=x,v1=00", "t=1790000000,v0={}", "t=1790000000,t=1,v1={}", "t=-1,v1={}",
     "t=1790000000,v1=é", "v1={}", "t=99999999999999999999,v1={}", "t=²,v1={}", "t=1790000000,v1={}" + "," * 4096],
)  # fmt: skip
def test_a_header_of_another_shape_is_refused(header):
    assert not _good(header.replace("{}", sign(BODY, "whsec_a", at_s=NOW).split("v1=")[1]))


@settings(max_examples=25)
@given(st.binary(max_size=40), st.text(max_size=60))
def test_no_body_or_header_but_the_signed_one_passes(body, header):
    assert _good(sign(body, "whsec_a", at_s=NOW), body=body)
    assert not _good(sign(body, "whsec_a", at_s=NOW), body=body + b" ")
    assert not _good(header)
