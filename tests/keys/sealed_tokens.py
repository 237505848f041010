"""Encrypted tokens of the tests, and why they are refused."""

import json
from pathlib import Path

import pytest

from keys import DecryptionFailed, KeyPurpose, KeyRing, Recipient, base64url

VECTORS = json.loads((Path(__file__).parent / "vectors" / "encryption.json").read_text(encoding="utf-8"))
PURPOSE = KeyPurpose.REQUEST_OBJECT
NESTED = "eyJhbGciOiJFUzI1NiJ9.e30.c2ln"


def segment(value) -> str:
    """A JSON value as a segment of a token."""
    return base64url.encode(json.dumps(value).encode()).decode()


def header_of(token: str) -> dict:
    """The header that a token shows."""
    return json.loads(base64url.decode(token.split(".", maxsplit=1)[0].encode()))


def reheaded(token: str, **changes) -> str:
    """The same token under another header; None takes a member away."""
    header = {name: value for name, value in (header_of(token) | changes).items() if value is not None}
    return ".".join([segment(header), *token.split(".")[1:]])


def to_us(ring: KeyRing, alg: str = "ECDH-ES", enc: str = "A256GCM", **said) -> str:
    """A token encrypted to the ring's published key."""
    return Recipient.of(ring.jwks(), alg).encrypt(NESTED, enc, **said)


def refusal(ring: KeyRing, token: str, **keywords) -> str:
    """Why a token is refused."""
    with pytest.raises(DecryptionFailed) as caught:
        ring.decryption_keys(PURPOSE).decrypt(token, **keywords)
    return caught.value.code
