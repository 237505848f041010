"""A paper is checked offline: the QR code's stamp, the whole confirmation, a receipt; nothing else passes."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from clients import papers
from clients.papers import check_paper
from clients.receipts import ReceiptRefused
from keys import KeyPurpose, KeyRing
from tests.tampering import altered

ISSUER = "https://registry.example"


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    """The keys of a registry."""
    return KeyRing.create(tmp_path_factory.mktemp("paper-keys"), profile="registry", mode="demo")


def stamp(ring: KeyRing, purpose: KeyPurpose = KeyPurpose.CONFIRMATION, **changed: object) -> str:
    """A stamp as the registry signs it."""
    now = int(time.time())
    typ = str(changed.pop("typ", "residence-stamp+jwt"))
    claims = {"iss": ISSUER, "jti": "1", "iat": now, "exp": now + 60, "name": "Lê Quang Hùng"}
    return ring.signer(purpose).sign(claims | changed, typ=typ)


def test_the_text_of_a_qr_code_is_enough(ring: KeyRing) -> None:
    """Address and stamp as scanned: the stamp is checked with the published keys, the address is not fetched."""
    scanned = f"{ISSUER}/check/7KQ4-0M2R-XV9A-3T6B#{stamp(ring)}\n"
    assert check_paper(scanned, ring.jwks(), ISSUER)["name"] == "Lê Quang Hùng"
    whole = stamp(ring, typ="residence-confirmation+jwt")
    assert check_paper(whole, ring.jwks(), ISSUER)["jti"] == "1"


@pytest.mark.attack
def test_what_proves_nothing_is_refused(ring: KeyRing, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Ended, of another issuer, another registry's, altered, another kind of token, no token, too long."""
    other = KeyRing.create(tmp_path_factory.mktemp("others"), profile="registry", mode="demo")
    good = stamp(ring)
    wrong = {
        stamp(ring, exp=int(time.time()) - 10): "not_fitting",
        stamp(ring, iss="https://evil.example"): "not_fitting",
        stamp(other): "unknown_key",
        altered(good): "not_fitting",
        stamp(ring, KeyPurpose.SECURITY_EVENT, typ="secevent+jwt"): "other_type",
        "https://registry.example/check/7KQ4": "not_signed",
        "x" * 20_000: "too_long",
    }
    for text, code in wrong.items():
        with pytest.raises(ReceiptRefused) as refused:
            check_paper(text, ring.jwks(), ISSUER)
        assert refused.value.code == code, text


def test_the_command_prints_what_is_signed(
    ring: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`python -m clients.papers` takes the scanned text itself or a file; 0, 1 for a refusal, 2 for a misuse."""
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps(ring.jwks()))
    file = tmp_path / "ct07.jws"
    file.write_text(stamp(ring))
    for operand in (f"{ISSUER}/check/X#{stamp(ring)}", stamp(ring), str(file)):
        monkeypatch.setattr(sys, "argv", ["papers", operand, str(keys), ISSUER])
        assert papers.main() == 0
        assert "Lê Quang Hùng" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["papers", str(file), str(keys), "https://other.example"])
    assert papers.main() == 1
    for wrong in ([], [str(tmp_path / "nothing"), str(keys), ISSUER], [str(file), str(file), ISSUER]):
        monkeypatch.setattr(sys, "argv", ["papers", *wrong])
        assert papers.main() == 2
