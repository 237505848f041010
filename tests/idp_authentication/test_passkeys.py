"""The ceremonies of passkeys (WebAuthn Level 3, sections 7.1 and 7.2) against an authenticator that can lie."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.authentication import passkeys
from idp.domain.passkey import Passkey
from idp.domain.session import Challenge, Step
from tests.authenticator import BE, BS, UP, UV, Authenticator, Maker, raw, text
from tests.idp_authentication.conftest import ACCOUNT, NOW, POLICY

CHALLENGE = Challenge(b"c" * 32, Step.ENROL, NOW + 300, b"h" * 32)
OTHER = replace(CHALLENGE, value=b"x" * 32)
MAKER = Maker()
TRUSTING = replace(POLICY, attestation_roots=(MAKER.pem,))


def device(**changes: object) -> Authenticator:
    """A device at the right place."""
    return Authenticator(**{"origin": "https://id.example", "rp_id": "id.example", **changes})


def made(of: Authenticator, challenge: Challenge = CHALLENGE, policy=POLICY) -> Passkey | None:
    """What the provider keeps of a new key of this device."""
    options = passkeys.creation_options(challenge, ACCOUNT, (), policy)
    return passkeys.made(of.create(options), CHALLENGE, "acc-lan", "Điện thoại", NOW, policy)


def asserted(of: Authenticator, kept: Passkey, challenge: Challenge = CHALLENGE, **changes: object):
    """What the provider makes of a signature of this device."""
    answer = of.get(passkeys.request_options(challenge, (kept,), POLICY), **changes)
    return passkeys.asserted(answer, kept, CHALLENGE, POLICY, discovered=True)


def kept(of: Authenticator) -> Passkey:
    """A passkey of this device."""
    found = made(of)
    assert found is not None
    return found


def test_the_options_hold_no_number_and_ask_for_all_that_is_checked() -> None:
    """5.4, 14.6.1: the user handle is random, the name masked; a resident key and user verification are required."""
    options = passkeys.creation_options(CHALLENGE, ACCOUNT, (), POLICY)
    assert ACCOUNT.personal_number not in json.dumps(options)
    assert options["rp"] == {"id": "id.example", "name": "Định Danh"}
    assert options["authenticatorSelection"] == {
        "residentKey": "required", "requireResidentKey": True, "userVerification": "required",
    }  # a table, read by rows  # fmt: skip
    assert options["attestation"] == "none"
    assert passkeys.creation_options(CHALLENGE, ACCOUNT, (), TRUSTING)["attestation"] == "direct"
    assert [each["alg"] for each in options["pubKeyCredParams"]] == [-7, -8, -257]


def test_a_passkey_is_made_and_used() -> None:
    """7.1 and 7.2: the key that was registered signs the challenge."""
    phone = device()
    passkey = kept(phone)
    assert (passkey.credential_id, passkey.user_handle) == (phone.credential_id, b"h" * 32)
    assert passkey.transports == ("internal",)
    found = asserted(phone, passkey)
    assert found == passkeys.Asserted(2, backed_up=False)


@pytest.mark.attack
@pytest.mark.parametrize(
    ("lie", "section"),
    [
        ({"flags": UP}, "7.1 step 17, user verification"),
        ({"flags": UV}, "7.1 step 16, user presence"),
        ({"origin": "https://id.example.evil"}, "7.1 step 9, origin"),
        ({"origin": "http://id.example"}, "7.1 step 9, scheme of the origin"),
        ({"rp_id": "example"}, "7.1 step 14, rpIdHash"),
        ({"kind": "webauthn.get"}, "7.1 step 7, type"),
        ({"cross_origin": True}, "7.1 step 10, crossOrigin"),
        ({"algorithm": -47}, "7.1 step 20, algorithm"),
        ({"flags": UP | UV | BS}, "7.1 step 18, backed up but not eligible"),
    ],
)
def test_every_check_at_registration(lie: dict[str, object], section: str) -> None:
    """CVE-2026-8830: checks that were missing at registration; each lie alone is refused."""
    assert made(device(**lie)) is None, section


@pytest.mark.attack
@pytest.mark.parametrize(
    "lie",
    [
        {"flags": UP},
        {"flags": UV},
        {"origin": "https://id.example.evil"},
        {"rp_id": "example"},
        {"kind": "webauthn.create"},
        {"cross_origin": True},
        {"flags": UP | UV | BE},
    ],
)
def test_every_check_at_use(lie: dict[str, object]) -> None:
    """7.2 steps 11 to 19: presence, verification, origin, RP id, type, frame, and backup eligibility that changed."""
    phone = device()
    passkey = kept(phone)
    for name, value in lie.items():
        setattr(phone, name, value)
    assert asserted(phone, passkey) is None


@pytest.mark.attack
def test_a_challenge_of_somebody_else_proves_nothing() -> None:
    """7.1 step 8, 7.2 step 12: an answer recorded elsewhere, or to an older challenge, is none."""
    phone = device()
    assert made(phone, OTHER) is None
    assert asserted(phone, kept(phone), OTHER) is None


@pytest.mark.attack
def test_the_handle_and_the_key_belong_together() -> None:
    """7.2 step 6: another handle, no handle where nobody was named, another key: refused."""
    phone, thief = device(), device()
    passkey = kept(phone)
    assert asserted(phone, passkey, userHandle=text(b"z" * 32)) is None
    assert asserted(phone, passkey, userHandle=None) is None
    thief.credential_id, thief.user_handle = phone.credential_id, phone.user_handle
    assert asserted(thief, passkey) is None


def test_a_named_person_needs_no_handle() -> None:
    """7.2 step 6: where the password said who it is, a security key may leave the handle out."""
    phone = device()
    passkey = kept(phone)
    answer = phone.get(passkeys.request_options(CHALLENGE, (passkey,), POLICY), userHandle=None)
    assert passkeys.asserted(answer, passkey, CHALLENGE, POLICY, discovered=False)


@pytest.mark.attack
@pytest.mark.parametrize(
    ("changes", "policy", "methods"),
    [
        ({"maker": MAKER}, TRUSTING, ("hwk", "pop", "user", "mfa")),
        ({"maker": MAKER}, POLICY, ("pop", "user", "mfa")),
        ({"maker": Maker()}, TRUSTING, ("pop", "user", "mfa")),
        ({"attest_itself": True}, TRUSTING, ("pop", "user", "mfa")),
        ({}, TRUSTING, ("pop", "user", "mfa")),
        ({"maker": MAKER, "flags": UP | UV | BE}, TRUSTING, ("swk", "pop", "user", "mfa")),
        ({"flags": UP | UV | BE | BS}, POLICY, ("swk", "pop", "user", "mfa")),
    ],
)
def test_hardware_is_only_what_a_trusted_maker_attests(
    changes: dict[str, object], policy, methods: tuple[str, ...]
) -> None:
    """8.2: a key's own word, an unknown maker, or a key that may leave its device is no hardware (``phrh``)."""
    passkey = made(device(**changes), policy=policy)
    assert passkey is not None
    assert passkey.methods == methods


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
GOOD = json.loads(device().create(passkeys.creation_options(CHALLENGE, ACCOUNT, (), POLICY)))


@given(
    anything,
    st.sampled_from(["id", "rawId", "type", "response", "clientDataJSON", "attestationObject"]),
    st.binary(max_size=80),
)
def test_whatever_comes_is_a_no_and_never_an_error(value, place: str, noise: bytes) -> None:
    """Any JSON, any damage to a good answer and any bytes are answered by None."""
    passkey = Passkey(b"c", "acc-lan", b"h" * 32, b"k", "x", NOW)
    damaged = json.loads(json.dumps(GOOD))
    part = damaged if place in damaged else damaged["response"]
    for broken in (value, text(noise)):
        part[place] = broken
        for answer in (json.dumps(broken), json.dumps(damaged), noise.decode("latin-1")):
            passkeys.credential_id(answer)
            assert passkeys.asserted(answer, passkey, CHALLENGE, POLICY, discovered=True) is None
            assert place in {"id", "rawId", "type"} or (
                passkeys.made(answer, CHALLENGE, "acc-lan", "x", NOW, POLICY) is None
            )


def test_an_answer_too_long_is_not_read() -> None:
    """Sizes are bounded before parsing."""
    phone = device()
    passkey = kept(phone)
    answer = phone.get(passkeys.request_options(CHALLENGE, (passkey,), POLICY)) + " " * passkeys.LONGEST
    assert passkeys.credential_id(answer) is None
    assert passkeys.asserted(answer, passkey, CHALLENGE, POLICY, discovered=True) is None
    assert raw(text(b"x")) == b"x"
