"""Receipts: signed by `keys`, checked by python-jose; two implementations must agree on what holds."""

import base64
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from jose import jwt as jose_jwt

from clients.receipts import ReceiptChecker, ReceiptRefused
from keys import KeyPurpose, KeyRing
from tests.tampering import altered

REGISTRY = "http://localhost:8100"
TYPE = "identity-receipt+jwt"


def signed(ring: KeyRing, purpose: KeyPurpose = KeyPurpose.RECEIPT, typ: str = TYPE, **changed: Any) -> str:
    """A receipt with usual claims."""
    claims = {
        "iss": REGISTRY,
        "aud": "residence-portal",
        "iat": int(time.time()),
        "jti": "r-1",
        "results": {},
    }
    kept = {name: value for name, value in {**claims, **changed}.items() if value is not None}
    return ring.signer(purpose).sign(kept, typ=typ)


@pytest.fixture
def ring(rings: dict[str, KeyRing]) -> KeyRing:
    """The registry's keys."""
    return rings["registry"]


@pytest.fixture
def checker(ring: KeyRing) -> ReceiptChecker:
    """The checker of the residence portal."""
    return ReceiptChecker(ring.jwks(), issuer=REGISTRY, audience="residence-portal")


def part(value: dict[str, Any]) -> str:
    """A JOSE part by hand."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_receipt_of_the_registry_holds(ring: KeyRing, checker: ReceiptChecker) -> None:
    """What one implementation signs, the other accepts, claims unchanged."""
    assert checker.check(signed(ring))["jti"] == "r-1"


def test_a_court_checks_for_any_audience(ring: KeyRing) -> None:
    """Without an audience every receipt of this registry holds, of another issuer none."""
    receipt = signed(ring)
    assert ReceiptChecker(ring.jwks(), issuer=REGISTRY).check(receipt)["aud"] == "residence-portal"
    with pytest.raises(ReceiptRefused):
        ReceiptChecker(ring.jwks(), issuer="http://other").check(receipt)


@pytest.mark.attack
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_altered_bit_is_seen(ring: KeyRing, checker: ReceiptChecker, place: int) -> None:
    """A change anywhere, header, claims or signature, is refused (RFC 7515 section 5.2)."""
    with pytest.raises(ReceiptRefused):
        checker.check(altered(signed(ring), place))


@pytest.mark.attack
@pytest.mark.parametrize(
    ("code", "make"),
    [
        ("unknown_key", lambda ring, rings: signed(rings["stranger"])),
        ("not_fitting", lambda ring, rings: signed(ring, aud="insurance-portal")),
        ("not_fitting", lambda ring, rings: signed(ring, iss="http://localhost:8000")),
        ("not_fitting", lambda ring, rings: signed(ring, iat=None)),
        ("other_type", lambda ring, rings: signed(ring, KeyPurpose.CATALOGUE, "service-catalogue+jwt")),
        ("other_type", lambda ring, rings: signed(rings["idp"], KeyPurpose.ACCESS_TOKEN, "at+jwt")),
        ("not_signed", lambda ring, rings: "a.b.c"),
        ("not_signed", lambda ring, rings: ""),
        ("not_signed", lambda ring, rings: "Giấy.xác.nhận"),
        ("too_long", lambda ring, rings: "e" * 20_000),
    ],
)
def test_what_the_registry_did_not_sign_like_this_is_refused(
    rings: dict[str, KeyRing], ring: KeyRing, checker: ReceiptChecker, code: str, make: Any
) -> None:
    """Other keys, other audiences, other types, no time, no signature: each with its reason (RFC 8725 section 3)."""
    with pytest.raises(ReceiptRefused) as refusal:
        checker.check(make(ring, rings))
    assert refusal.value.code == code


@pytest.mark.attack
@pytest.mark.parametrize("algorithm", ["none", "None", "HS256"])
def test_no_other_algorithm_is_believed(ring: KeyRing, checker: ReceiptChecker, algorithm: str) -> None:
    """Algorithm none, and the public key taken for a secret (CVE-2024-37568, attacks 21 and 23)."""
    _, payload, _ = signed(ring).split(".")
    kid = ring.signer(KeyPurpose.RECEIPT).kid
    forged = f"{part({'alg': algorithm, 'typ': TYPE, 'kid': kid})}.{payload}."
    if algorithm == "HS256":
        claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
        forged = jose_jwt.encode(claims, "secret", "HS256", headers={"typ": TYPE, "kid": kid})
    with pytest.raises(ReceiptRefused):
        checker.check(forged)


@pytest.mark.attack
@pytest.mark.parametrize("header", ["jwk", "jku", "x5u", "x5c", "crit", "b64", "zip"])
def test_a_receipt_may_not_bring_its_own_key(ring: KeyRing, checker: ReceiptChecker, header: str) -> None:
    """Keys and options inside the header are refused unread (CVE-2026-27962, attack 22)."""
    _, payload, signature = signed(ring).split(".")
    kid = ring.signer(KeyPurpose.RECEIPT).kid
    value = {"kty": "EC"} if header == "jwk" else ["x"]
    forged = part({"alg": "ES256", "typ": TYPE, "kid": kid, header: value})
    with pytest.raises(ReceiptRefused) as refusal:
        checker.check(f"{forged}.{payload}.{signature}")
    assert refusal.value.code == "own_key"


def test_the_command_prints_claims_or_the_reason(ring: KeyRing, tmp_path: Path) -> None:
    """An auditor needs the receipt, the keys and one command; exit status 0, 1 or 2."""
    receipt, jwks = tmp_path / "receipt.jwt", tmp_path / "jwks.json"
    receipt.write_text(signed(ring) + "\n", encoding="utf-8")
    jwks.write_text(json.dumps(ring.jwks()), encoding="utf-8")
    command = [sys.executable, "-m", "clients.receipts"]
    good = subprocess.run([*command, receipt, jwks, REGISTRY], capture_output=True, text=True, check=False)
    assert (good.returncode, json.loads(good.stdout)["jti"]) == (0, "r-1")
    bad = subprocess.run([*command, receipt, jwks, "http://x"], capture_output=True, text=True, check=False)
    assert (bad.returncode, bad.stdout) == (1, "")
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2
