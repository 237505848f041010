"""Which keys a request proves, and what its tokens are bound to: the one place for every grant and endpoint.

RFC 9449 (DPoP) and RFC 8705 (client certificates) meet here, so that no grant and no profile can forget either.
An endpoint reads what is :class:`Shown`; :func:`proven` judges it once; :func:`binding` and :func:`refresh_binding`
say what new tokens are bound to; :func:`check` compares a code or refresh token with what was proven.
"""

from __future__ import annotations

from dataclasses import field
from typing import Final

from idp.domain.client import Client
from idp.domain.facts import Facts
from idp.domain.needs import ReplayKey
from idp.domain.policy import Policy
from idp.domain.values import frozen
from idp.domain.writes import SpendOnce, Write
from idp.protocol import rfc9449_dpop
from idp.protocol.errors import refusal
from keys.proof import (
    ClientCertificate,
    Confirmation,
    Presented,
    ProofRefused,
    ReadProof,
    ServerNonces,
    check_possession,
)


@frozen
class Shown:
    """What a request shows of its sender's keys: read, nothing judged.

    ``method`` and ``path`` are where it came. ``broken``: why a DPoP header is no proof at all (for the log).
    ``nonces`` are this moment's, there whenever a DPoP header is. ``certificate`` comes from the TLS layer or a
    trusted proxy, never from anybody else.
    """

    method: str = "POST"
    path: str = ""
    proof: ReadProof | None = field(default=None, repr=False)
    broken: str | None = None
    nonces: ServerNonces | None = field(default=None, repr=False)
    certificate: ClientCertificate | None = None

    @property
    def replay(self) -> tuple[ReplayKey, ...]:
        """The single-use items to look up."""
        return (rfc9449_dpop.replay_key(self.proof),) if self.proof is not None else ()


NOTHING: Final = Shown()
UNPROVEN: Final = Presented()
UNBOUND: Final = Confirmation()


def proven(
    shown: Shown, facts: Facts, policy: Policy, writes: list[Write], *, access_token: str | None = None
) -> Presented:
    """The keys that the sender holds for certain; a proof that holds is spent by ``writes``.

    ``access_token`` is the token beside the proof at a resource. Raises ProtocolError invalid_dpop_proof or
    use_dpop_nonce.
    """
    if shown is NOTHING:
        return UNPROVEN
    certificate = shown.certificate.x5t_s256 if shown.certificate is not None else None
    if shown.broken is not None:
        raise refusal("invalid_dpop_proof", shown.broken)
    if shown.proof is None:
        return Presented(None, certificate)
    try:
        proof = rfc9449_dpop.judged(
            shown.proof,
            shown.nonces,
            facts,
            policy,
            method=shown.method,
            path=shown.path,
            access_token=access_token,
        )
    except ProofRefused as refused:
        raise refusal(refused.code, refused.reason) from refused
    writes.append(
        SpendOnce(rfc9449_dpop.replay_key(shown.proof), proof.expires, issued_at=shown.proof.iat),
    )
    return Presented(proof, certificate)


def binding(client: Client, presented: Presented) -> Confirmation:
    """What an access token of this client is bound to, whatever the grant. Raises ProtocolError.

    Each requirement is asked for by itself: meeting one never excuses another (esignet#2596).
    """
    if presented is UNPROVEN and not constrained(client):
        return UNBOUND
    jkt = presented.dpop.jkt if presented.dpop is not None else None
    # RFC 9449 5.2: with dpop_bound_access_tokens "the authorization server MUST reject token requests from the
    # client that do not contain the DPoP header".
    if client.dpop_bound_access_tokens and jkt is None:
        raise refusal("invalid_dpop_proof", "dpop_bound_access_tokens")
    # RFC 8705 3.4: tls_client_certificate_bound_access_tokens: the client's "intention to use mutual-TLS client
    # certificate-bound access tokens".
    if client.tls_client_certificate_bound_access_tokens and presented.x5t_s256 is None:
        raise refusal("invalid_request", "tls_client_certificate_bound_access_tokens")
    x5t = presented.x5t_s256 if certificate_counts(client, jkt) else None
    # FAPI 2.0 Security Profile 5.3.2.1: "shall only issue sender-constrained access tokens".
    if client.fapi2_profile is not None and jkt is None and x5t is None:
        raise refusal("invalid_dpop_proof", "fapi2")
    return Confirmation(jkt, x5t)


def constrained(client: Client) -> bool:
    """Whether this client never gets a plain bearer token."""
    return (
        client.dpop_bound_access_tokens
        or client.tls_client_certificate_bound_access_tokens
        or client.fapi2_profile is not None
    )


def certificate_counts(client: Client, jkt: str | None) -> bool:
    """Whether a certificate that was shown binds the token: when registered so, or as FAPI 2.0's other way."""
    if client.tls_client_certificate_bound_access_tokens:
        return True
    return client.fapi2_profile is not None and jkt is None


def refresh_binding(client: Client, presented: Presented) -> Confirmation:
    """What a refresh token is bound to.

    RFC 9449 5: that of "a public client ... MUST be bound to the respective public key"; those of confidential
    clients are "already sender-constrained" by their authentication, so these may change their key. RFC 8705 4 says
    the same for certificates.
    """
    return binding(client, presented) if client.is_public else UNBOUND


def check(bound: Confirmation, presented: Presented) -> None:
    """Accept a code or refresh token in its owner's hands. Raises ProtocolError."""
    if not bound:
        return
    try:
        check_possession(bound, presented)
    except ProofRefused as refused:
        # RFC 6749 5.2: invalid_grant; a proof that is missing altogether is RFC 9449's own error.
        code = "invalid_grant" if refused.code == "invalid_token" else refused.code
        raise refusal(code, refused.reason) from refused
