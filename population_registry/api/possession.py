"""Whether a token is in its owner's hands: DPoP proofs and client certificates at the registry.

https://www.rfc-editor.org/rfc/rfc9449 (7, 8.2, 9, 11.1), https://www.rfc-editor.org/rfc/rfc8705 (3)
The judgement is `keys.proof`'s, the same as the provider's; here are the request, the clock and the store.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request

from keys import KeyRing
from keys.proof import (
    DpopProof,
    ExpectedProof,
    Presented,
    ProofRefused,
    Scheme,
    check_access,
    judge_proof,
    read_proof,
    server_nonces,
)
from keys.proof.refusals import INVALID_DPOP_PROOF
from population_registry.api.resource import Resource, resource_of
from population_registry.api.shared_trips import SharedTrips
from web.client_certificates import Networks, client_certificate


@dataclass(frozen=True, slots=True)
class Possession:
    """The one check of every endpoint. `origin` is our own address; the Host header is never asked."""

    ring: KeyRing
    trips: SharedTrips
    origin: str
    nonces: bool
    proxies: Networks

    async def check(
        self, request: Request, scheme: Scheme, token: str, cnf: object, clock: Callable[[], datetime]
    ) -> None:
        """Return when the token may be used as it was presented; its proof is spent then.

        Raises:
            ProofRefused: `invalid_token`, `invalid_dpop_proof`, `use_dpop_nonce`.
            Problem: 503, the database is away; a proof that cannot be spent is not accepted.
        """
        if cnf is None and scheme is Scheme.BEARER:
            return
        proof = None
        if scheme is Scheme.DPOP:
            proof = self._judged(request, token, int(clock().timestamp()), resource_of(request))
        certificate = client_certificate(request.scope, self.proxies)
        presented = Presented(proof, None if certificate is None else certificate.x5t_s256)
        check_access(cnf, scheme, presented, token)
        if proof is None:
            return
        if not await self.trips.spend(_bytes(proof), datetime.fromtimestamp(proof.expires, UTC)):
            raise ProofRefused(INVALID_DPOP_PROOF, "replay")

    def _judged(self, request: Request, token: str, now: int, resource: Resource) -> DpopProof | None:
        nonces = server_nonces(self.ring.lookup_hashes, now)
        proof = read_proof(request.headers.getlist("dpop"))
        # 8.2: "the authorization server MAY supply the new nonce in the same way that the initial one is supplied".
        if self.nonces and (proof is None or nonces.stale(proof.nonce)):
            resource.nonce = nonces.current
        if proof is None:
            return None
        path = request.scope.get("raw_path") or request.scope["path"].encode()
        expected = ExpectedProof(
            method=request.method,
            uri=self.origin + path.decode("latin-1"),
            now=now,
            nonces=nonces.accepted if self.nonces else None,
            access_token=token,
        )
        try:
            return judge_proof(proof, expected)
        except ProofRefused:
            raise
        except ValueError:  # our own address with a path that no URI has
            raise ProofRefused(INVALID_DPOP_PROOF, "htu") from None


def _bytes(proof: DpopProof) -> bytes:
    return base64.urlsafe_b64decode(proof.jti_digest + "=")
