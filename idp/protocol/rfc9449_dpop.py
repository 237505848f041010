"""OAuth 2.0 Demonstrating Proof of Possession (DPoP).

https://www.rfc-editor.org/rfc/rfc9449
Implemented: 4.3 (by :mod:`keys.proof`), 5 and 5.1 (token requests, metadata), 5.2 (dpop_bound_access_tokens),
6 (cnf, introspection), 7 (UserInfo), 8 and 9 (nonces), 10 and 10.1 (dpop_jkt, PAR), 11.1 (replay).
Left out: nothing. Builds on no Authlib class: Authlib has none.
"""

from __future__ import annotations

from typing import Final

from idp.domain.client import Client
from idp.domain.facts import Facts
from idp.domain.needs import ReplayKey
from idp.domain.policy import Policy
from idp.protocol.errors import refusal
from idp.protocol.offer import Offer
from keys.proof import (
    DPOP_ALGORITHMS,
    DpopProof,
    ExpectedProof,
    ReadProof,
    ServerNonces,
    judge_proof,
)

NAMESPACE: Final = "dpop-proof"
SCHEME: Final = "DPoP"
#: 7.1: "algs: ... A space-delimited list of JWS algorithm identifiers that are acceptable".
ALGS: Final = f'algs="{" ".join(sorted(DPOP_ALGORITHMS))}"'
#: FAPI 2.0 Security Profile 5.4.1: "shall use PS256, ES256, or EdDSA (using the Ed25519 variant) algorithms".
FAPI_ALGORITHMS: Final = DPOP_ALGORITHMS - {"RS256"}


def replay_key(proof: ReadProof) -> ReplayKey:
    """The single-use item of a proof: its key, target and ``jti`` (11.1)."""
    return ReplayKey(NAMESPACE, proof.jti_digest.encode("ascii"))


def judged(
    proof: ReadProof,
    nonces: ServerNonces | None,
    facts: Facts,
    policy: Policy,
    *,
    method: str,
    path: str,
    access_token: str | None = None,
) -> DpopProof:
    """The proof that holds for this very request. Raises ProofRefused.

    The address is the configured one, never the Host header's (CVE-2025-64101).
    """
    # 8: "the authorization server supplies a nonce value in the DPoP-Nonce header"; a client that was asked for none
    # may still use the last one it got, and then it must be right.
    asked = nonce_required(facts.client, policy) or proof.nonce is not None
    return judge_proof(
        proof,
        ExpectedProof(
            method=method,
            uri=target(proof, path, policy),
            now=facts.now,
            spent=replay_key(proof) in facts.spent,
            nonces=(nonces.accepted if nonces is not None else frozenset()) if asked else None,
            access_token=access_token,
            algorithms=algorithms(facts.client),
        ),
    )


def algorithms(client: Client | None) -> frozenset[str]:
    """What this client may sign its proofs with."""
    return DPOP_ALGORITHMS if client is None or client.fapi2_profile is None else FAPI_ALGORITHMS


def target(proof: ReadProof, path: str, policy: Policy) -> str:
    """The address that the proof must name: the issuer's, or its alias for clients with a certificate."""
    uri = policy.issuer + path
    if policy.mtls_url is not None and proof.htu == policy.mtls_url + path:
        return proof.htu
    return uri


def nonce_required(client: Client | None, policy: Policy) -> bool:
    """Whether a proof of this client must carry a nonce of ours."""
    if policy.dpop_nonces == "fapi2":
        return client is not None and client.fapi2_profile is not None
    return policy.dpop_nonces == "always"


def key_of_code(parameter: str | None, proof: DpopProof | None) -> str | None:
    """The key that a pushed request binds its code to (10.1). Raises ProtocolError invalid_dpop_proof.

    "if both are used, the authorization server MUST reject the request if the JWK Thumbprint in dpop_jkt does not
    match the public key in the DPoP header".
    """
    if proof is None:
        return parameter
    if parameter is not None and parameter != proof.jkt:
        raise refusal("invalid_dpop_proof", "dpop_jkt")
    return proof.jkt


def metadata(_: Offer) -> dict[str, object]:
    """Section 5.1."""
    return {"dpop_signing_alg_values_supported": sorted(DPOP_ALGORITHMS)}
