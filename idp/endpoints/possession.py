"""Which keys a request shows: the ``DPoP`` header, and the certificate of its TLS connection.

Every endpoint that authenticates clients reads them here. A request without either pays two look-ups.
"""

from __future__ import annotations

import time
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

from idp.endpoints.exchange import Exchange
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework.authentication import Presented, read
from idp.protocol.sender_constraint import NOTHING, Shown
from keys.proof import (
    ClientCertificate,
    ProofRefused,
    read_certificate,
    read_client_cert,
    read_proof,
    server_nonces,
)

DPOP: Final = b"dpop"
TLS_LAYER: Final = "dinhdanh.client_certificate"
"""Key of the ASGI scope's ``extensions``: DER of the certificate that the TLS layer saw the client prove."""
CLIENT_CERT: Final = b"client-cert"
CLIENT_CERT_CHAIN: Final = b"client-cert-chain"


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
    """The client's certificate; None without one that can be read.

    Behind a trusted proxy only its header counts, for the connection's own certificate is the proxy's; from anybody
    else the header says nothing at all (RFC 9440 section 4).
    """
    proxies = exchange.services.settings.trusted_proxies
    if proxies and trusted(exchange.peer, proxies):
        fields, chain = (
            tuple(value.decode("latin-1") for value in exchange.values(name))
            for name in (CLIENT_CERT, CLIENT_CERT_CHAIN)
        )
        return of_proxy(fields, chain)
    extensions = exchange.scope.get("extensions")
    der = extensions.get(TLS_LAYER) if extensions else None
    return of_tls_layer(der) if isinstance(der, bytes) else None


def trusted(peer: str | None, proxies: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    """Whether a TCP peer is one of the proxies."""
    try:
        address = ip_address(peer or "")
    except ValueError:
        return False
    return any(address in network for network in proxies)


@lru_cache(maxsize=128)
def of_proxy(fields: tuple[str, ...], chain: tuple[str, ...]) -> ClientCertificate | None:
    """The certificate in a proxy's fields, read once for all requests of a connection."""
    try:
        return read_client_cert(fields, chain, peer_trusted=True)
    except ProofRefused:
        return None


@lru_cache(maxsize=128)
def of_tls_layer(der: bytes) -> ClientCertificate | None:
    """The certificate of a connection, read once for all of its requests."""
    try:
        return read_certificate(der)
    except ProofRefused:
        return None
