"""Proof Key for Code Exchange by OAuth Public Clients.

https://www.rfc-editor.org/rfc/rfc7636 (with RFC 9700 section 2.1.1)
Implemented: 4.3 (challenge, S256 only), 4.5 and 4.6 (verifier), RFC 9700 4.8 (downgrade in both directions).
Left out: 4.2 ``plain`` (it protects nothing that TLS does not; RFC 9700 2.1.1 wants the challenge unreadable).
Builds on Authlib's CodeChallenge, narrowed to S256, with a constant-time comparison.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import re
from typing import Any, Final

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc7636 import CodeChallenge

from idp.protocol.offer import Offer

URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
# 4.2: an S256 challenge is the base64url of 32 bytes: exactly 43 characters.
CHALLENGE: Final = re.compile(r"\A[A-Za-z0-9_-]{43}\Z")
# 4.1: code-verifier = 43*128unreserved. Authlib's own pattern ends in "$", which lets a line feed pass.
VERIFIER: Final = re.compile(r"\A[A-Za-z0-9\-._~]{43,128}\Z")


def matches(verifier: str, challenge: str) -> bool:
    """4.6: BASE64URL-ENCODE(SHA256(ASCII(code_verifier))) == code_challenge, in constant time."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    made = binascii.b2a_base64(digest, newline=False).translate(URL_SAFE, b"=")
    return hmac.compare_digest(made, challenge.encode("ascii"))


class S256Challenge(CodeChallenge):
    """PKCE with S256 alone; required unless a confidential client registered otherwise."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)
    CODE_CHALLENGE_METHODS = {"S256": matches}  # noqa: RUF012 - Authlib's own attribute, never changed

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """Judge the challenge of an authorization request. Raises InvalidRequestError."""
        parameters = grant.request.parameters
        client = grant.request.facts.client
        challenge, method = parameters.get("code_challenge"), parameters.get("code_challenge_method")
        # RFC 9700 2.1.1: "authorization servers MUST support PKCE", and a downgrade to none is refused here.
        if challenge is None:
            if method is not None or client.require_pkce or client.is_public:
                raise InvalidRequestError("code_challenge missing")
            return
        # 4.3: without a method the server assumes "plain", which is refused; so the method must be said.
        if method != "S256":
            raise InvalidRequestError("code_challenge_method must be S256")
        if CHALLENGE.match(challenge) is None:
            raise InvalidRequestError("code_challenge malformed")
        super().validate_code_challenge(grant, redirect_uri)

    def validate_code_verifier(self, grant: Any, result: Any) -> None:
        """Judge the verifier of a token request. Raises InvalidRequestError or InvalidGrantError."""
        verifier = grant.request.form.get("code_verifier")
        # 4.6: "If the values are not equal, an error response indicating "invalid_grant" ... MUST be returned";
        # a verifier that can never be equal is no different (CVE-2023-48228 is its absence, left to Authlib below).
        if verifier is not None and VERIFIER.match(verifier) is None:
            raise InvalidGrantError("code_verifier malformed")
        super().validate_code_verifier(grant, result)

    def get_authorization_code_challenge(self, authorization_code: Any) -> str | None:
        """The challenge that the grant was born with."""
        challenge: str | None = authorization_code.grant.code_challenge
        return challenge

    def get_authorization_code_challenge_method(self, authorization_code: Any) -> str:
        """Always S256: no other challenge is ever stored."""
        del authorization_code
        return "S256"


def metadata(offer: Offer) -> dict[str, object]:
    """RFC 8414 section 2."""
    del offer
    return {"code_challenge_methods_supported": list(S256Challenge.SUPPORTED_CODE_CHALLENGE_METHOD)}
