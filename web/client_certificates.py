"""Which certificate the client of a request has proved to own: TLS's word, or a trusted proxy's.

https://www.rfc-editor.org/rfc/rfc8705 (section 2)
https://www.rfc-editor.org/rfc/rfc9440 (section 4: only fields that a proxy of the deployment wrote count; from
anybody else they are not even read)
"""

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from starlette.types import Scope

from keys.proof import ClientCertificate, ProofRefused, read_certificate, read_client_cert
from web.serving import CLIENT_CERTIFICATE, CLIENT_CERTIFICATE_CHAIN

Networks = tuple[IPv4Network | IPv6Network, ...]


def networks(text: str) -> Networks:
    """The networks that a setting names, separated by spaces.

    Raises:
        ValueError: one of them is no network.
    """
    return tuple(map(ip_network, text.split()))


def client_certificate(scope: Scope, proxies: Networks) -> ClientCertificate | None:
    """The certificate of a request; None without one that can be read.

    A connection of a proxy shows the proxy's own certificate, so there only its header counts.
    """
    if proxies and _is_among(scope, proxies):
        fields, chain = (
            tuple(value.decode("latin-1") for each, value in scope["headers"] if each == name)
            for name in (b"client-cert", b"client-cert-chain")
        )
        return _of_proxy(fields, chain) if fields else None
    extensions = scope.get("extensions") or {}
    der = extensions.get(CLIENT_CERTIFICATE)
    if not isinstance(der, bytes):
        return None
    return _of_tls(der, tuple(extensions.get(CLIENT_CERTIFICATE_CHAIN, ())))


def _is_among(scope: Scope, proxies: Networks) -> bool:
    peer = scope.get("client")
    try:
        address = ip_address(peer[0] if peer else "")
    except ValueError:
        return False
    return any(address in network for network in proxies)


@lru_cache(maxsize=128)
def _of_proxy(fields: tuple[str, ...], chain: tuple[str, ...]) -> ClientCertificate | None:
    try:
        return read_client_cert(fields, chain, peer_trusted=True)
    except ProofRefused:
        return None


@lru_cache(maxsize=128)
def _of_tls(der: bytes, chain: tuple[bytes, ...]) -> ClientCertificate | None:
    try:
        return read_certificate(der, chain)
    except ProofRefused:
        return None
