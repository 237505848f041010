"""The mathematics agrees with what the specifications print."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys import Algorithm, PublicKeySet, VerificationFailed, base64url, material, thumbprint

CLAIMS = {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}


@pytest.mark.parametrize("name", ["rfc7638_3_1", "rfc8037_a"])
def test_thumbprint(published, name):
    """A kid is the RFC 7638 section 3.1 thumbprint, for OKP keys as RFC 8037 appendix A.3 prints it."""
    assert thumbprint(published[name]["public"]) == published[name]["thumbprint"]


@pytest.mark.parametrize(("name", "algorithm"), [("rfc7515_a2", "RS256"), ("rfc7515_a3", "ES256")])
def test_rfc7515_examples_verify(published, name, algorithm):
    """The tokens of RFC 7515 appendix A.2 and A.3 verify; they name no kid, and the set has one key."""
    vector = published[name]
    public = PublicKeySet.from_jwks({"keys": [vector["public"]]})
    assert public.verify(vector["token"], algorithms=[algorithm], typ=None) == CLAIMS


def test_rfc8037_signature(published):
    """Our EdDSA signature over the input of RFC 8037 appendix A.4 is the printed one, byte for byte."""
    vector = published["rfc8037_a"]
    private = Ed25519PrivateKey.from_private_bytes(base64url.decode(vector["seed"].encode()))
    der = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signing_input, _, signature = vector["token"].rpartition(".")
    made = material.signing_function(der, Algorithm.EDDSA)(signing_input.encode())
    assert base64url.encode(made).decode() == signature


def test_rfc8037_token_passes_the_signature_and_fails_as_claims(published):
    """The token of RFC 8037 appendix A.5 has a good signature over text that is no JSON object."""
    vector = published["rfc8037_a"]
    public = PublicKeySet.from_jwks({"keys": [vector["public"]]})
    with pytest.raises(VerificationFailed, match="payload"):
        public.verify(vector["token"], algorithms=["EdDSA"], typ=None)
