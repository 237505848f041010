"""Attacks on DPoP proofs; each answer is `invalid_dpop_proof` and never a thumbprint."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from keys import base64url
from keys.proof import (
    Confirmation,
    Presented,
    ProofRefused,
    Scheme,
    check_access,
    check_possession,
    read_proof,
)
from tests.keys_proof.proofs import NOW, URI, Sender, judged, segment

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def reason(proof: str, **expected: object) -> str:
    """Why a proof is refused."""
    with pytest.raises(ProofRefused) as refused:
        judged(proof, **expected)
    assert refused.value.code == "invalid_dpop_proof"
    return refused.value.reason


@pytest.mark.attack
def test_a_proof_serves_once(sender):
    """DPoP replay (esignet#2596): a proof whose jti digest was spent is refused, also with a fresh nonce."""
    assert reason(sender.proof(nonce="n"), spent=True, nonces={"n"}) == "replay"
    assert reason(sender.proof(), spent=True, nonces={"n"}) == "replay"


@pytest.mark.attack
def test_the_key_of_another_signs_nothing(sender):
    """Authlib CVE-2026-27962: the header's key proves only what that very key signed."""
    other = Sender()
    assert reason(other.proof({"jwk": sender.jwk})) == "signature"


@pytest.mark.attack
def test_claims_cannot_be_changed(sender):
    """A proof taken for another method, place or time breaks its signature."""
    header, _, signature = sender.proof().split(".")
    payload = segment({"jti": "z", "htm": "POST", "htu": URI, "iat": NOW})
    assert reason(f"{header}.{payload}.{signature}") == "signature"


@pytest.mark.attack
@pytest.mark.parametrize("algorithm", ["none", "HS256", "HS512", "ES384", "ES256K", "RSA1_5", "", 7, None])
def test_algorithms_are_a_list(sender, algorithm):
    """CVE-2024-37568 and `alg: none`: only listed asymmetric algorithms come to the key."""
    assert reason(sender.proof({"alg": algorithm})) == "algorithm"


@pytest.mark.attack
def test_public_key_as_hmac_secret(sender):
    """CVE-2016-10555: an HMAC under the embedded public key."""
    head = {"typ": "dpop+jwt", "alg": "HS256", "jwk": sender.jwk}
    body = {"jti": "a", "htm": "POST", "htu": URI, "iat": NOW}
    signing_input = f"{segment(head)}.{segment(body)}"
    mac = hmac.digest(json.dumps(sender.jwk).encode(), signing_input.encode(), hashlib.sha256)
    assert reason(f"{signing_input}.{base64url.encode(mac).decode()}") == "algorithm"


@pytest.mark.attack
@pytest.mark.parametrize("claimed", ["ES256", "PS256", "RS256", "EdDSA"])
@pytest.mark.parametrize("real", ["ES256", "PS256", "RS256", "EdDSA"])
def test_a_key_serves_its_own_kind_of_algorithm(claimed, real):
    """Keycloak CVE-2026-11800: the algorithm in the header never chooses how a key of another kind is read."""
    proof = Sender(real).proof({"alg": claimed})
    if claimed == real:
        assert judged(proof)
    else:
        assert reason(proof) in {"key_type", "signature"}


@pytest.mark.attack
@pytest.mark.parametrize("member", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
def test_a_private_key_is_not_shown(sender, member):
    """Section 4.3 point 7: "The jwk JOSE Header Parameter does not contain a private key"."""
    assert reason(sender.proof({"jwk": sender.jwk | {member: "AQAB"}})) == "private_member"


@pytest.mark.attack
@pytest.mark.parametrize(
    "jwk",
    [
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "oct"},
        {"kty": "EC", "crv": "P-384"},
        {"x": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
        {"x": None},
        {"y": 7},
        {"kty": ["EC"]},
        {"use": "enc"},
        {"alg": "ES384"},
    ],
)
def test_keys_of_the_wrong_kind(sender, jwk):
    """Invalid curve points, symmetric keys and keys for other uses never verify anything (CVE-2015-7940)."""
    changed = {name: value for name, value in (sender.jwk | jwk).items() if value is not None}
    assert reason(sender.proof({"jwk": changed})) in {
        "key_type",
        "key_curve",
        "bad_key",
        "private_member",
        "key_use",
        "jwk",
    }


@pytest.mark.attack
@pytest.mark.parametrize("point", ["00" * 32, "01" + "00" * 31, "ec" + "ff" * 30 + "7f"])
def test_points_of_small_order(point):
    """RFC 8032 section 8.9: a signature under such a key fits many messages, so nobody owns it."""
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(bytes.fromhex(point)).decode()}
    sender = Sender("EdDSA")
    assert reason(sender.proof({"jwk": jwk})) == "bad_key"


@pytest.mark.attack
def test_small_rsa_keys(sender):
    """RFC 7518 section 3.3: 2048 bits at least."""
    jwk = {"kty": "RSA", "e": "AQAB", "n": base64url.encode(b"\xc1" + b"\x01" * 127).decode()}
    assert reason(sender.proof({"alg": "RS256", "jwk": jwk})) == "bad_key"


@pytest.mark.attack
@pytest.mark.parametrize("name", ["jku", "x5u", "x5c", "crit", "b64", "zip", "enc", "epk"])
def test_headers_that_fetch_wrap_or_change(sender, name):
    """Unknown `crit`, `b64=false`, `zip` and foreign keys (Authlib 2025-09, RFC 7797, CVE-2018-0114)."""
    assert reason(sender.proof({name: ["exp"]})) == "header"


@pytest.mark.attack
@pytest.mark.parametrize("typ", [None, "JWT", "at+jwt", "application/dpop+jwt", "DPOP+JWT", ["dpop+jwt"]])
def test_other_tokens_are_no_proofs(sender, typ):
    """RFC 8725 section 3.11: a token of another kind, signed by the same key, is not a proof."""
    assert reason(sender.proof({"typ": typ})) == "typ"


@pytest.mark.attack
def test_oversized_doubled_or_wrapped_headers(sender):
    """CVE-2025-61920: sizes first; RFC 9449 section 4.3 point 1: one field; five segments are no JWS.

    Each header holds proofs that would pass alone, so that nothing but the rule itself refuses it.
    """
    good = sender.proof()
    for fields, why in (
        ([sender.proof(padding="x" * 8192)], "size"),
        ([good, good], "several"),
        ([f"{good}, {good}"], "format"),
        ([f"{good}.{good}"], "format"),
        ([good + "é"], "size"),
        ([""], "format"),
    ):
        with pytest.raises(ProofRefused) as refused:
            read_proof(fields)
        assert (refused.value.code, refused.value.reason) == ("invalid_dpop_proof", why)


@pytest.mark.attack
def test_doubled_members(sender):
    """RFC 7515 section 4: a member twice would be read differently by two parsers."""
    body = f'{{"jti":"a","htm":"GET","htm":"POST","htu":"{URI}","iat":{NOW}}}'.encode()
    header = segment({"typ": "dpop+jwt", "alg": "ES256", "jwk": sender.jwk})
    signing_input = f"{header}.{segment(body)}"
    signature = base64url.encode(sender.sign(signing_input.encode())).decode()
    assert reason(f"{signing_input}.{signature}") == "format"


@pytest.mark.attack
@pytest.mark.parametrize(
    "signature",
    [b"", b"\0" * 64, b"\0" * 63, P256_ORDER.to_bytes(32) * 2, b"\xff" * 64, b"\0" * 32 + b"\1" * 32],
)
def test_odd_signatures(sender, signature):
    """CVE-2022-21449 (psychic signatures): r and s of zero, of the order, of a wrong length."""
    signing_input = sender.proof().rpartition(".")[0]
    assert reason(f"{signing_input}.{base64url.encode(signature).decode()}") == "signature"


@pytest.mark.attack
def test_another_key_at_refresh(sender):
    """Key swap at refresh (keycloak PR#50826): a bound refresh token answers to its own key only."""
    thief = Presented(judged(Sender().proof()))
    owner = Presented(judged(sender.proof()))
    bound = Confirmation(jkt=sender.jkt)
    check_possession(bound, owner)
    for presented, code in ((thief, "invalid_token"), (Presented(), "invalid_dpop_proof")):
        with pytest.raises(ProofRefused) as refused:
            check_possession(bound, presented)
        assert refused.value.code == code


@pytest.mark.attack
def test_a_proof_of_the_token_endpoint_opens_no_resource(sender):
    """RFC 9449 section 7: without an `ath` that was compared, a proof says nothing about the token."""
    proof = judged(sender.proof(ath="made up"))
    with pytest.raises(ProofRefused) as refused:
        check_access({"jkt": sender.jkt}, Scheme.DPOP, Presented(proof), "token")
    assert refused.value.reason == "ath"
