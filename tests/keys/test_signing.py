"""What we sign is what other libraries verify."""

import datetime as dt

import jose.jws
import joserfc.jws
import pytest
from joserfc.jwk import KeySet

from keys import KeyPurpose, KeyRefused, VerificationFailed, base64url
from keys.purposes import RULES, TOKEN_ALGORITHMS
from keys.strict_json import parse_object

CLAIMS = {
    "iss": "http://localhost:8000",
    "sub": "s" * 43,
    "aud": "portal",
    "exp": 1893456000,
    "name": "Đỗ Ánh",
}
EVERY = sorted(TOKEN_ALGORITHMS)


@pytest.mark.parametrize("algorithm", EVERY)
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated:joserfc.errors.SecurityWarning")
def test_joserfc_verifies(ring, algorithm):
    """By the published set alone, joserfc verifies every algorithm and reads the same claims."""
    token = ring.signer(KeyPurpose.ID_TOKEN, algorithm).sign(CLAIMS)
    opened = joserfc.jws.deserialize_compact(
        token, KeySet.import_key_set(ring.jwks()), algorithms=[str(algorithm)]
    )
    assert parse_object(opened.payload) == CLAIMS


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_python_jose_verifies(ring, algorithm):
    """By one JWK, python-jose (the offline receipt checker) verifies; it knows no PS256 and no EdDSA."""
    signer = ring.signer(KeyPurpose.ID_TOKEN, algorithm)
    (jwk,) = (key for key in ring.jwks()["keys"] if key["kid"] == signer.kid)
    payload = jose.jws.verify(signer.sign(CLAIMS), jwk, algorithms=[algorithm])
    assert parse_object(payload) == CLAIMS


@pytest.mark.parametrize("algorithm", EVERY)
def test_we_verify(ring, algorithm):
    """Our strict verification accepts our own tokens, whose header holds alg, kid and typ and no more."""
    signer = ring.signer(KeyPurpose.ID_TOKEN, algorithm)
    token = signer.sign(CLAIMS)
    assert ring.public_keys().verify(token, algorithms=[algorithm], typ="JWT") == CLAIMS
    header = parse_object(base64url.decode(token.split(".", maxsplit=1)[0].encode()))
    assert header == {"alg": algorithm, "kid": signer.kid, "typ": "JWT"}


def test_purposes_have_their_own_keys_and_typ(ring):
    """No kid serves two purposes; an ID token fails as access token even where both algorithms agree."""
    kids = [record.kid for record in ring.records]
    assert len(kids) == len(set(kids))
    token = ring.signer(KeyPurpose.ID_TOKEN, "ES256").sign(CLAIMS)
    with pytest.raises(VerificationFailed, match="typ"):
        ring.public_keys().verify(token, algorithms=["ES256"], typ="at+jwt")
    with pytest.raises(VerificationFailed, match="unknown_kid"):
        ring.public_keys(KeyPurpose.ACCESS_TOKEN).verify(token, algorithms=["ES256"], typ=None)


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt"])
def test_typ_is_compared_as_a_media_type(ring, typ):
    """`typ` is compared without case, with `application/` optional (RFC 7515 section 4.1.9)."""
    token = ring.signer(KeyPurpose.ACCESS_TOKEN).sign(CLAIMS)
    assert ring.public_keys().verify(token, algorithms=["ES256"], typ=typ) == CLAIMS


def test_a_signer_refuses_a_typ_of_another_purpose(ring):
    """An access-token key signs at+jwt and nothing else (RFC 8725 section 3.11)."""
    with pytest.raises(KeyRefused, match="typ"):
        ring.signer(KeyPurpose.ACCESS_TOKEN).sign(CLAIMS, typ="JWT")


@pytest.mark.parametrize("value", [dt.datetime(2026, 1, 1, tzinfo=dt.UTC), b"x", float])
def test_claims_that_json_cannot_hold(ring, value):
    """A date object is refused instead of becoming text where a NumericDate is meant (RFC 7519 section 2)."""
    with pytest.raises(TypeError):
        ring.signer(KeyPurpose.ID_TOKEN).sign({"exp": value})


def test_what_is_not_there_is_named(ring):
    """A purpose without keys in this ring and a purpose that signs nothing are refused by name."""
    with pytest.raises(KeyRefused, match="no_active_key"):
        ring.signer(KeyPurpose.RECEIPT)
    with pytest.raises(KeyRefused, match="not_a_signing_key"):
        ring.signer(KeyPurpose.SEALING)


def test_every_purpose_has_rules():
    """Each purpose names its algorithms, and each signing purpose its typ."""
    for purpose in KeyPurpose:
        rules = RULES[purpose]
        assert rules.algorithms
        assert bool(rules.typs) is rules.algorithms[0].signs_tokens
