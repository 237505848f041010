"""Attacks on token verification; each answer is VerificationFailed and never claims."""

import hashlib
import hmac
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import KeyPurpose, KeyRefused, PublicKeySet, VerificationFailed, base64url

CLAIMS = {"iss": "http://localhost:8000", "sub": "x"}
ALL = ["ES256", "RS256", "PS256", "EdDSA"]
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def segment(value) -> str:
    """One JSON segment of a token."""
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64url.encode(text).decode()


def reheaded(signer, header, claims=CLAIMS) -> str:
    """A token whose signature is right over whatever header is wanted."""
    signing_input = f"{segment(header)}.{segment(claims)}"
    return f"{signing_input}.{base64url.encode(signer._sign(signing_input.encode())).decode()}"


def refusal(ring, token, algorithms=ALL, **kwargs) -> str:
    """The code with which a token is refused."""
    with pytest.raises(VerificationFailed) as refused:
        ring.public_keys().verify(token, algorithms=algorithms, typ=None, **kwargs)
    return refused.value.code


@pytest.mark.attack
def test_public_key_as_hmac_secret(ring):
    """Algorithm confusion: HS256 under the RSA public key (CVE-2024-37568, CVE-2016-10555)."""
    signer = ring.signer(KeyPurpose.ID_TOKEN, "RS256")
    (jwk,) = (key for key in ring.jwks()["keys"] if key["kid"] == signer.kid)
    signing_input = f"{segment({'alg': 'HS256', 'kid': signer.kid})}.{segment(CLAIMS)}"
    for secret in (json.dumps(jwk).encode(), base64url.decode(jwk["n"].encode())):
        mac = base64url.encode(hmac.digest(secret, signing_input.encode(), hashlib.sha256)).decode()
        assert refusal(ring, f"{signing_input}.{mac}") == "algorithm"
    with pytest.raises(ValueError, match="digital signatures"):
        ring.public_keys().verify("a.b.c", algorithms=["HS256"], typ=None)


@pytest.mark.attack
@pytest.mark.parametrize("claimed", ["RS256", "PS256", "EdDSA", "ES256"])
@pytest.mark.parametrize("real", ["RS256", "PS256", "EdDSA", "ES256"])
def test_a_key_serves_its_own_algorithm_only(ring, claimed, real):
    """Even RS256 and PS256, which share a key type, never verify with each other's key (CVE-2026-11800)."""
    signer = ring.signer(KeyPurpose.ID_TOKEN, real)
    token = reheaded(signer, {"alg": claimed, "kid": signer.kid})
    if claimed == real:
        assert ring.public_keys().verify(token, algorithms=ALL, typ=None) == CLAIMS
    else:
        assert refusal(ring, token) == "algorithm"


@pytest.mark.attack
def test_an_algorithm_outside_the_callers_list(ring):
    """A good token of an algorithm that this caller did not ask for is refused (RFC 8725 section 3.1)."""
    assert refusal(ring, ring.signer(KeyPurpose.ID_TOKEN, "RS256").sign(CLAIMS), ["ES256"]) == "algorithm"


@pytest.mark.attack
@pytest.mark.parametrize(
    "extra",
    [
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["MIIB"]},
        {"crit": ["exp"], "exp": 1},
        {"crit": []},
        {"crit": ["b64"], "b64": False},
        {"b64": False},
        {"b64": True},
        {"zip": "DEF"},
    ],
    ids="+".join,
)
def test_headers_that_bring_keys_or_change_the_rules(ring, extra):
    """Headers jwk (CVE-2026-27962), jku, x5u, x5c, unknown crit (RFC 7515 4.1.11), b64 (RFC 7797), zip: refused.

    The signature over each of these tokens is good, so only the header can be the reason.
    """
    signer = ring.signer(KeyPurpose.ID_TOKEN, "ES256")
    header = {"alg": "ES256", "kid": signer.kid, **extra}
    assert refusal(ring, reheaded(signer, header)) == "header"


@pytest.mark.attack
@pytest.mark.parametrize("none", ["none", "None", "NONE", "nOnE", "", None, 1, ["ES256"], {"a": 1}])
def test_none_in_any_spelling(ring, none):
    """An unsigned token is no token, however `none` is spelled; nor is one without a text as alg."""
    for header in ({"alg": none}, {"alg": none, "kid": ring.records[0].kid}, {}):
        assert refusal(ring, f"{segment(header)}.{segment(CLAIMS)}.") == "algorithm"


@pytest.mark.attack
def test_oversized_tokens_are_not_parsed(ring, monkeypatch):
    """A token over the cap is refused before a byte of it is decoded (CVE-2025-61920)."""
    monkeypatch.setattr("keys.base64url.decode", pytest.fail)
    assert refusal(ring, "a" * 16385) == "size"
    assert refusal(ring, "é.b.c") == "size"
    assert refusal(ring, "a" * 1025 + ".b.c") == "format"
    assert refusal(ring, "a." * 8000) == "format"


@pytest.mark.attack
@pytest.mark.parametrize(
    "signature",
    [
        b"",
        bytes(64),
        bytes(63),
        bytes(65),
        b"\xff" * 64,
        bytes(32) + b"\x01" * 32,
        b"\x01" * 32 + bytes(32),
        P256_ORDER.to_bytes(32) + b"\x01" * 32,
        b"\x30\x06\x02\x01\x01\x02\x01\x01",
    ],
    ids=["empty", "zero", "short", "long", "over", "r0", "s0", "r=n", "der"],
)
def test_ecdsa_edges(ring, signature):
    """Attack 25: r=0, s=0, r=n, wrong lengths and DER are no ES256 signatures (CVE-2022-21449, RFC 7518 3.4)."""
    signing_input = ring.signer(KeyPurpose.ID_TOKEN).sign(CLAIMS).rpartition(".")[0]
    assert refusal(ring, f"{signing_input}.{base64url.encode(signature).decode()}") == "signature"


@pytest.mark.attack
@pytest.mark.parametrize(
    ("jwk", "code"),
    [
        ({"kty": "EC", "crv": "P-256", "x": segment(bytes(32)), "y": segment(bytes(32))}, "bad_jwk"),
        ({"kty": "EC", "crv": "P-256", "x": segment(b"\x01" * 32), "y": segment(b"\x02" * 32)}, "bad_jwk"),
        ({"kty": "OKP", "crv": "Ed25519", "x": segment(bytes(32))}, "bad_jwk"),
        ({"kty": "OKP", "crv": "Ed25519", "x": segment(bytes(31) + b"\x80")}, "bad_jwk"),
        ({"kty": "RSA", "n": segment(b"\xff" * 128), "e": "AQAB"}, "bad_jwk"),
        ({"kty": "RSA", "n": segment(b"\xff" * 256), "e": "AQ"}, "bad_jwk"),
        ({"kty": "RSA", "n": segment(b"\xff" * 256), "e": "Aw"}, "bad_jwk"),
        ({"kty": "RSA", "n": segment(b"\xff" * 2048), "e": "AQAB"}, "bad_jwk"),
        ({"kty": "RSA"}, "bad_jwk"),
        ({"kty": "oct", "k": "AAAA"}, "private_member"),
        ({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "d": "AA"}, "private_member"),
        ({"crv": "P-256"}, "bad_jwks"),
        ("key", "bad_jwks"),
    ],
)
def test_bad_keys_do_not_enter_a_set(jwk, code):
    """Points off the curve or of small order, RSA too short, too long or with e=1 or 3, and secrets are refused."""
    with pytest.raises(KeyRefused) as refused:
        PublicKeySet.from_jwks({"keys": [jwk]})
    assert refused.value.code == code


def test_keys_of_other_kinds_are_skipped(ring):
    """A client's encryption keys and unknown types do no harm and verify nothing (RFC 7517 section 5)."""
    (good,) = (key for key in ring.jwks()["keys"] if key["kid"] == ring.signer(KeyPurpose.ID_TOKEN).kid)
    others = [
        {"kty": "FUTURE", "kid": "1"},
        {"kty": "EC", "crv": "P-521", "kid": "2"},
        {**good, "kid": "3", "use": "enc"},
        {**good, "kid": "4", "alg": "ECDH-ES"},
        {**good, "kid": "5", "key_ops": ["encrypt"]},
    ]
    assert len(PublicKeySet.from_jwks({"keys": [*others, good]})) == 1


def test_key_sets_that_are_none(ring):
    """Without a list, with two keys of one kid, or with a crowd of keys it is no key set."""
    good = ring.jwks()["keys"][0]
    for document in ({}, {"keys": "x"}, {"keys": [good, good]}, {"keys": [{"kty": "X"}] * 101}):
        with pytest.raises(KeyRefused):
            PublicKeySet.from_jwks(document)


@pytest.mark.attack
@pytest.mark.parametrize(
    "payload",
    [
        b'{"sub":"a","sub":"b"}',
        b'{"a":{"b":1,"b":2}}',
        b'{"a":NaN}',
        b"[1]",
        b'"x"',
        b"",
        b'{"a":"\\ud800"}',
        b"\xff",
    ],
)
def test_ambiguous_payloads(ring, payload):
    """A claim twice, NaN, no object, broken Unicode: refused although the signature is good (RFC 7519 section 4)."""
    signer = ring.signer(KeyPurpose.ID_TOKEN)
    assert refusal(ring, reheaded(signer, {"alg": "ES256", "kid": signer.kid}, payload)) == "payload"


@pytest.mark.attack
def test_ambiguous_headers(ring):
    """A header member twice is refused, so no two libraries can read two algorithms (RFC 7515 section 4)."""
    signer = ring.signer(KeyPurpose.ID_TOKEN)
    header = f'{{"alg":"none","alg":"ES256","kid":"{signer.kid}"}}'.encode()
    assert refusal(ring, reheaded(signer, header)) == "format"


def test_deep_nesting_is_an_ordinary_refusal(ring):
    """Thousands of brackets are refused without exhausting the stack."""
    signer = ring.signer(KeyPurpose.ID_TOKEN)
    deep = b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}"
    assert refusal(ring, reheaded(signer, {"alg": "ES256", "kid": signer.kid}, deep)) == "payload"


@pytest.mark.parametrize("kid", [None, "unknown", 1, ["x"], {}])
def test_kid_must_be_known(ring, kid):
    """Without a kid or with an unknown one, no key is tried by guess."""
    signer = ring.signer(KeyPurpose.ID_TOKEN)
    code = refusal(ring, reheaded(signer, {"alg": "ES256", **({} if kid is None else {"kid": kid})}))
    assert code == ("kid_missing" if kid is None else "unknown_kid")


@pytest.mark.parametrize("typ", [None, 1, "jwt+at", ""])
def test_typ_must_be_there_when_asked_for(ring, typ):
    """A token without a typ does not pass where one is asked for."""
    signer = ring.signer(KeyPurpose.ACCESS_TOKEN)
    token = reheaded(signer, {"alg": "ES256", "kid": signer.kid, "typ": typ})
    with pytest.raises(VerificationFailed, match="typ"):
        ring.public_keys().verify(token, algorithms=["ES256"], typ="at+jwt")


@pytest.mark.attack
@given(data=st.data(), algorithm=st.sampled_from(ALL))
def test_every_mutation_is_refused(ring, data, algorithm):
    """Change, insert, drop or move any character of a token and it is refused.

    Signatures have one spelling here: unused bits of the last character must be zero (RFC 4648 section 3.5).
    """
    token = ring.signer(KeyPurpose.ID_TOKEN, algorithm).sign(CLAIMS)
    at = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.sampled_from("ABYZabyz0189-_.=+/ \n\x00") | st.characters(codec="ascii"))
    mutated = data.draw(
        st.sampled_from(
            [
                token[:at] + character + token[at + 1 :],
                token[:at] + character + token[at:],
                token[:at] + token[at + 1 :],
                token[:at],
                token[at:] + token[:at],
            ]
        )
    )
    if mutated != token:
        refusal(ring, mutated)


@given(st.text(max_size=200) | st.from_regex(re.compile(r"[\w-]*\.[\w-]*\.[\w-]*", re.ASCII)))
def test_reading_never_raises_anything_else(ring, text):
    """Any text at all gets VerificationFailed, never another exception."""
    refusal(ring, text)
