"""The one error of this package: what a client is told, and what only the log is told."""

from typing import Final

INVALID_DPOP_PROOF: Final = "invalid_dpop_proof"
USE_DPOP_NONCE: Final = "use_dpop_nonce"
INVALID_TOKEN: Final = "invalid_token"  # noqa: S105 - an error code of RFC 6750, not a secret
INVALID_CLIENT: Final = "invalid_client"
INVALID_REQUEST: Final = "invalid_request"

#: What a client may read, per code: constants in the character set of RFC 6749 section 5.2.
DESCRIPTIONS: Final = {
    INVALID_DPOP_PROOF: "the DPoP proof is missing, malformed, replayed or made for another request",
    USE_DPOP_NONCE: "the DPoP proof must carry the nonce that this server gives in the DPoP-Nonce header",
    INVALID_TOKEN: "the token is bound to a key that this request does not prove",
    INVALID_CLIENT: "the client certificate is missing or does not authenticate this client",
    INVALID_REQUEST: "the client certificate header is malformed",
}


class ProofRefused(ValueError):
    """A proof of possession was refused.

    `code` is the registered error code (RFC 9449 section 12.2, RFC 6750 section 3.1, RFC 6749 section 5.2),
    `description` a constant for the client, `reason` a short language-free word for logs, never serialised.
    """

    def __init__(self, code: str, reason: str) -> None:
        self.code: Final = code
        self.reason: Final = reason
        self.description: Final = DESCRIPTIONS[code]
        super().__init__(f"{code}: {reason}")
