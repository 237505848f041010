"""The offline checker with a status list at hand: withdrawn receipts are refused, lists are believed only signed."""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clients.papers import read_paper
from clients.receipts import ReceiptChecker, ReceiptRefused
from keys import KeyPurpose, KeyRing
from population_registry.verification.status_list import list_claims, status_claim

REGISTRY = "http://localhost:8100"


@pytest.fixture
def ring(rings: dict[str, KeyRing]) -> KeyRing:
    """The registry's keys."""
    return rings["registry"]


def receipt(ring: KeyRing, position: int | None = 5, **changed: Any) -> str:
    """A receipt with a place in a list, or without."""
    claims = {"iss": REGISTRY, "aud": "residence-portal", "iat": int(time.time()), "jti": "r-1"}
    if position is not None:
        claims["status"] = status_claim(REGISTRY, position)
    return ring.signer(KeyPurpose.RECEIPT).sign(claims | changed, typ="identity-receipt+jwt")


def status_list(
    ring: KeyRing, withdrawn: tuple[int, ...] = (), *, age: timedelta = timedelta(), **changed: Any
) -> str:
    """The signed list 0."""
    claims = list_claims(REGISTRY, 0, withdrawn, datetime.now(UTC) - age)
    return ring.signer(KeyPurpose.RECEIPT).sign(claims | changed, typ="statuslist+jwt")


def refusal(ring: KeyRing, signed: str, *lists: str) -> str:
    """Why the checker refuses; empty when the receipt holds."""
    checker = ReceiptChecker(ring.jwks(), issuer=REGISTRY, audience="residence-portal", lists=lists)
    try:
        checker.check(signed)
    except ReceiptRefused as refused:
        return refused.code
    return ""


def test_a_receipt_in_force_holds(ring: KeyRing) -> None:
    """Its bit is 0, whatever its neighbours' are; without a list only the signature is asked."""
    assert refusal(ring, receipt(ring), status_list(ring, (4, 6))) == ""
    assert refusal(ring, receipt(ring)) == ""


@pytest.mark.attack
def test_a_withdrawn_receipt_is_refused(ring: KeyRing) -> None:
    """Its bit is 1: genuine once, worth nothing now."""
    assert refusal(ring, receipt(ring), status_list(ring, (5,))) == "withdrawn"


def test_only_a_paper_may_be_overtaken(ring: KeyRing) -> None:
    """Section 7.1, status 3: the paper of an act still counts; a receipt of an identity has no later one."""
    claims = list_claims(REGISTRY, 0, (4,), datetime.now(UTC), superseded=(5, 4))
    listed = ring.signer(KeyPurpose.RECEIPT).sign(claims, typ="statuslist+jwt")
    assert refusal(ring, receipt(ring), listed) == "withdrawn"
    said = {"iss": REGISTRY, "iat": int(time.time()), "jti": "p-1"}
    signer = ring.signer(KeyPurpose.CONFIRMATION)
    papers = [
        signer.sign(said | {"status": status_claim(REGISTRY, place)}, typ="dossier-paper+jwt")
        for place in (5, 6)
    ]
    found = [read_paper(each, ring.jwks(), REGISTRY, [listed]).superseded for each in papers]
    assert found == [True, False]


@pytest.mark.attack
def test_another_list_says_nothing(ring: KeyRing) -> None:
    """A clean list of another address does not clear a receipt (section 8.3: `sub` equals `uri`)."""
    assert refusal(ring, receipt(ring, 900_000 + 5), status_list(ring)) == "list_missing"
    assert refusal(ring, receipt(ring), status_list(ring, sub=f"{REGISTRY}/v1/status/1")) == "list_missing"


@pytest.mark.attack
def test_a_list_is_believed_only_signed_by_the_registry(ring: KeyRing, rings: dict[str, KeyRing]) -> None:
    """A stranger's list, a list of yesterday, an altered one, or a receipt in its place: none clears anything."""
    old = status_list(ring, age=timedelta(days=2))
    head, _, tail = status_list(ring, (5,)).split(".")
    swapped = ".".join((head, status_list(ring).split(".")[1], tail))
    for bad in (status_list(rings["stranger"]), old, swapped, receipt(ring), "x", "x" * (1 << 21)):
        assert refusal(ring, receipt(ring), bad) == "list_refused", bad[:40]
    assert refusal(ring, status_list(ring)) == "other_type"


@pytest.mark.parametrize(
    "status", [7, {}, {"status_list": {"uri": 1, "idx": 1}}, {"status_list": {"idx": True}}]
)
def test_a_malformed_status_is_refused(ring: KeyRing, status: object) -> None:
    """What cannot be looked up does not hold when somebody looks."""
    assert refusal(ring, receipt(ring, status=status), status_list(ring)) == "malformed"


def test_receipts_from_before_the_lists_still_hold(ring: KeyRing) -> None:
    """A receipt without the claim has nothing to be looked up."""
    assert refusal(ring, receipt(ring, None), status_list(ring)) == ""


def test_the_command_takes_lists(ring: KeyRing, tmp_path: Path) -> None:
    """`python -m clients.receipts RECEIPT JWKS ISSUER LIST` says that it was withdrawn, with status 1."""
    texts = {"r": receipt(ring), "k": json.dumps(ring.jwks()), "l": status_list(ring, (5,)) + "\n"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "clients.receipts", *(tmp_path / name for name in "rk"), REGISTRY]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    told = subprocess.run([*command, tmp_path / "l"], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (1, "")
    assert "withdrawn" in told.stderr
