"""The one check of sender-constrained tokens, shared by the provider and the registry.

https://www.rfc-editor.org/rfc/rfc7800 (section 3), with RFC 9449 (6, 7) and RFC 8705 (3)
Implemented: `cnf` with `jkt` and `x5t#S256`, alone or both; the scheme fits the binding (RFC 9449 7.1, 7.2).
Left out: `jwk`, `jwe`, `kid`, `jku` of RFC 7800: we issue none, so a token that has one is refused.
Builds on no Authlib class: Authlib has none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from keys.proof.refusals import INVALID_DPOP_PROOF, INVALID_TOKEN, ProofRefused
from keys.proof.rfc9449_dpop import DpopProof, token_hash

_JKT: Final = "jkt"
_X5T_S256: Final = "x5t#S256"


class Scheme(StrEnum):
    """How an access token came: `Authorization: Bearer` (or a form) or `Authorization: DPoP`."""

    BEARER = "Bearer"
    DPOP = "DPoP"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a code, token or refresh family is bound to: a DPoP key, a certificate, both or nothing."""

    jkt: str | None = None
    x5t_s256: str | None = None

    def __bool__(self) -> bool:
        return self.jkt is not None or self.x5t_s256 is not None

    def as_claim(self) -> dict[str, str] | None:
        """Return the `cnf` claim, None when nothing is bound."""
        members = {_JKT: self.jkt, _X5T_S256: self.x5t_s256}
        return {name: value for name, value in members.items() if value is not None} or None

    @classmethod
    def from_claim(cls, claim: object) -> "Confirmation":
        """Return what a token's `cnf` says; an absent claim (None) binds nothing.

        Raises:
            ProofRefused: `invalid_token`: a `cnf` that we cannot check wholly. An unreadable binding is never
                the same as none.
        """
        if claim is None:
            return cls()
        if not isinstance(claim, Mapping) or not claim or not {_JKT, _X5T_S256}.issuperset(claim):
            raise ProofRefused(INVALID_TOKEN, "cnf")
        if not all(isinstance(value, str) and value for value in claim.values()):
            raise ProofRefused(INVALID_TOKEN, "cnf")
        return cls(claim.get(_JKT), claim.get(_X5T_S256))


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request proves: a judged DPoP proof, the thumbprint of its TLS client certificate, or neither."""

    dpop: DpopProof | None = None
    x5t_s256: str | None = None

    @property
    def confirmation(self) -> Confirmation:
        """What a token made for this request would be bound to, if everything it proves were used."""
        return Confirmation(self.dpop.jkt if self.dpop else None, self.x5t_s256)


def check_possession(bound: Confirmation, presented: Presented) -> None:
    """Accept when the request proves every key that `bound` names: for codes and refresh tokens.

    Raises:
        ProofRefused: `invalid_token` (the caller answers `invalid_grant` for a code or refresh token), or
            `invalid_dpop_proof` when the proof is missing (RFC 9449 sections 5 and 10).
    """
    if bound.jkt is not None:
        if presented.dpop is None:
            raise ProofRefused(INVALID_DPOP_PROOF, "missing")
        if presented.dpop.jkt != bound.jkt:
            raise ProofRefused(INVALID_TOKEN, "jkt")
    # RFC 8705 section 3: the certificate "matches the certificate associated with the access token".
    if bound.x5t_s256 is not None and presented.x5t_s256 != bound.x5t_s256:
        raise ProofRefused(INVALID_TOKEN, "x5t")


def check_access(cnf: object, scheme: Scheme, presented: Presented, access_token: str) -> Confirmation:
    """Return the binding of an access token that may be used as it was presented.

    `cnf` is the token's claim (or the stored token's member) as it stands.

    Raises:
        ProofRefused: `invalid_token`: a DPoP-bound token as Bearer, an unbound or only certificate-bound token
            as DPoP, another key or certificate, a `cnf` unknown to us; `invalid_dpop_proof`: no proof, or one
            that was not made for this token.
    """
    bound = Confirmation.from_claim(cnf)
    # RFC 9449 section 7.2: a DPoP-bound token "MUST NOT be accepted" as Bearer; 7.1: the scheme DPoP asks for
    # a token that is bound to the proof's key.
    if (scheme is Scheme.DPOP) != (bound.jkt is not None):
        raise ProofRefused(INVALID_TOKEN, "scheme")
    check_possession(bound, presented)
    # RFC 9449 section 7: the proof covers this very token, so it cannot be taken from another request.
    if bound.jkt is not None and (presented.dpop is None or presented.dpop.ath != token_hash(access_token)):
        raise ProofRefused(INVALID_DPOP_PROOF, "ath")
    return bound
