"""Which keys a request shows: the ``DPoP`` header, and the certificate of its TLS connection.

Every endpoint that authenticates clients reads them here. A request without either pays two look-ups.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Final

from idp.endpoints.exchange import Exchange
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework.authentication import Presented, read
from idp.protocol.sender_constraint import NOTHING, Shown
from keys import KeyRing, PublicKeySet
from keys.proof import ClientCertificate, ProofRefused, ServerNonces, read_proof, server_nonces
from keys.proof.rfc9449_nonces import WINDOW
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
    nonces = current_nonces(exchange.services.ring)
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


def current_nonces(ring: KeyRing) -> ServerNonces:
    """This moment's nonces, made once for each window and each turn of the ring."""
    now = time.time()
    # The ring holds one set of public keys from turn to turn.
    return nonces_of(ring, ring.public_keys(), now // WINDOW)


@lru_cache(maxsize=4)
def nonces_of(ring: KeyRing, _: PublicKeySet, window: float) -> ServerNonces:
    """The nonces of a window under the ring's present keys."""
    return server_nonces(ring.lookup_hashes, window * WINDOW)


def certificate_of(exchange: Exchange) -> ClientCertificate | None:
    """The client's certificate, by TLS's word or a trusted proxy's; None without one that can be read."""
    # Most requests show none; where there is neither source, nobody's word need be weighed.
    if not exchange.scope.get("extensions") and not exchange.values(CLIENT_CERT):
        return None
    return client_certificate(exchange.scope, exchange.services.settings.trusted_proxies)
