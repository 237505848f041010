"""Which keys a request shows: the ``DPoP`` header, and the certificate of its TLS connection.

Every endpoint that authenticates clients reads them here. A request without either pays two look-ups.
"""

from __future__ import annotations

import time
from typing import Final

from idp.endpoints.exchange import Exchange
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework.authentication import Presented, read
from idp.protocol.sender_constraint import NOTHING, Shown
from keys.proof import ClientCertificate, ProofRefused, read_proof, server_nonces
from web.client_certificates import client_certificate

DPOP: Final = b"dpop"
CLIENT_CERT: Final = b"client-cert"


def presented(exchange: Exchange, parameters: Parameters, *, dpop: bool = False) -> Presented:
    """How the client authenticates, with the keys it shows; ``dpop``: this endpoint takes DPoP proofs."""
    return read(parameters, exchange.header(b"authorization"), shown(exchange, dpop=dpop))


def shown(exchange: Exchange, *, dpop: bool = True) -> Shown:
    """The keys that the request shows, nothing judged; never raises."""
    fields = exchange.values(DPOP) if dpop else ()
    certificate = certificate_of(exchange)
    if not fields:
        return NOTHING if certificate is None else Shown(certificate=certificate)
    method, path = exchange.method, exchange.scope["path"]
    nonces = server_nonces(exchange.services.ring.lookup_hashes, time.time())
    # RFC 9449 8.2: "the authorization server MAY supply the new nonce in the same way that the initial one is
    # supplied: by using a DPoP-Nonce header in the response".
    exchange.nonce = nonces.current
    try:
        proof = read_proof([field.decode("latin-1") for field in fields])
    except ProofRefused as refused:
        return Shown(method, path, broken=refused.reason, nonces=nonces, certificate=certificate)
    if proof is not None and not nonces.stale(proof.nonce):
        exchange.nonce = None
    return Shown(method, path, proof, nonces=nonces, certificate=certificate)


def certificate_of(exchange: Exchange) -> ClientCertificate | None:
    """The client's certificate, by TLS's word or a trusted proxy's; None without one that can be read."""
    # Most requests show none; where there is neither source, nobody's word need be weighed.
    if not exchange.scope.get("extensions") and not exchange.values(CLIENT_CERT):
        return None
    return client_certificate(exchange.scope, exchange.services.settings.trusted_proxies)
