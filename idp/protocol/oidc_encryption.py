"""OpenID Connect Core 1.0: encrypted answers.

https://openid.net/specs/openid-connect-core-1_0.html#Encryption
Implemented: 10.2 (encryption), 10.2.1 (the client's newest key, by value or by jwks_uri), 2 and 16.14 (signed, then
encrypted), 5.3.2 (UserInfo), for ID tokens, UserInfo and (RFC 9701) introspection.
Left out: symmetric encryption with a client secret (only its hash is kept).
Builds on joserfc's JWE, by our keys package; Authlib encrypts nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from idp.domain.errors import ProtocolError
from idp.domain.outcomes import Envelope
from idp.protocol import client_keys
from idp.protocol.errors import refusal
from idp.protocol.offer import Offer
from keys import CONTENT_ENCRYPTION, DEFAULT_CONTENT_ENCRYPTION, KEY_MANAGEMENT, KeyRefused


def envelope(
    algorithm: str | None, encryption: str | None, document: Mapping[str, object] | None
) -> Envelope | None:
    """How an answer is encrypted to a client that registered ``algorithm``; None when it registered none.

    ``document`` is the client's key set. Raises ProtocolError temporarily_unavailable (503) when there is no key to
    encrypt to: what a client wants encrypted never goes out in the open.
    """
    if algorithm is None:
        return None
    if document is None:
        raise unreachable("no key set")
    try:
        recipient = client_keys.recipient(document, algorithm)
    except KeyRefused as refused:
        raise unreachable(refused.code) from refused
    # Dynamic Client Registration 1.0, section 2: "If id_token_encrypted_response_alg is specified, the default
    # id_token_encrypted_response_enc value is A128CBC-HS256."
    return Envelope(recipient, encryption or DEFAULT_CONTENT_ENCRYPTION)


def unreachable(cause: str) -> ProtocolError:
    """Nothing was granted; the client mends its key set and asks again."""
    error = refusal("temporarily_unavailable", cause)
    error.status = 503
    return error


def metadata(offer: Offer) -> dict[str, object]:
    """OpenID Connect Discovery 1.0 section 3."""
    del offer
    return {
        f"{answer}_encryption_{part}_values_supported": list(values)
        for answer in ("id_token", "userinfo")
        for part, values in (("alg", KEY_MANAGEMENT), ("enc", CONTENT_ENCRYPTION))
    }
