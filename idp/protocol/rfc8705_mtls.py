"""OAuth 2.0 Mutual-TLS Client Authentication and Certificate-Bound Access Tokens.

https://www.rfc-editor.org/rfc/rfc8705
Implemented: 2.1 (tls_client_auth, five ways to name a subject), 2.2 (self_signed_tls_client_auth), 3 (cnf, by
:mod:`idp.protocol.sender_constraint`), 3.3 and 5 (metadata, aliases), 4 (public clients), 6.2 (trusted proxies only).
Left out: 7.4 (revocation lists: the TLS layer's, before us). Builds on no Authlib class: Authlib has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from authlib.oauth2.rfc6749 import InvalidClientError

from idp.domain.client import Client
from idp.domain.facts import Facts
from idp.domain.policy import Policy
from idp.protocol.offer import Offer
from keys.proof import (
    ClientCertificate,
    ExpectedSubject,
    ProofRefused,
    SubjectKind,
    check_pki,
    check_self_signed,
)

PKI: Final = "tls_client_auth"
SELF_SIGNED: Final = "self_signed_tls_client_auth"
METHODS: Final = (PKI, SELF_SIGNED)
FRONT_CHANNEL: Final = frozenset({"authorization_endpoint", "end_session_endpoint"})
"""Endpoints that a browser visits: it has no certificate of the client."""


def subject(client: Client) -> ExpectedSubject | None:
    """The one subject that the client registered (2.1.2); None when there is none, or more than one."""
    found = [
        ExpectedSubject(kind, value)
        for kind in SubjectKind
        if isinstance(value := getattr(client, kind.value), str) and value
    ]
    # 2.1.2: "A client using the "tls_client_auth" authentication method MUST use exactly one of the ... parameters".
    return found[0] if len(found) == 1 else None


def judge(query_client: Any, request: Any) -> Any:
    """The client that its TLS certificate proves, or None; registered with Authlib's ClientAuthentication."""
    presented = request.presented
    view = query_client(presented.client_id or "")
    if view is None:
        return None
    now = datetime.fromtimestamp(request.facts.now, UTC)
    try:
        check(request.facts, presented.shown.certificate, request.policy, now)
    except ProofRefused as refused:
        raise InvalidClientError(refused.reason) from refused
    return view


def check(facts: Facts, certificate: ClientCertificate | None, policy: Policy, now: datetime) -> None:
    """Accept the certificate as the client's, by its registered method. Raises ProofRefused invalid_client."""
    client = facts.client
    if client is None:
        raise ProofRefused("invalid_client", "unknown")
    if client.token_endpoint_auth_method == PKI:
        expected = subject(client)
        if expected is None or policy.client_anchors is None:
            raise ProofRefused("invalid_client", "not_configured")
        check_pki(certificate, expected, policy.client_anchors, now)
    elif client.token_endpoint_auth_method == SELF_SIGNED:
        check_self_signed(certificate, facts.client_keys or {}, now)
    else:
        raise ProofRefused("invalid_client", "method")


def offered(policy: Policy, methods: Iterable[str]) -> list[str]:
    """Authentication methods without those that this deployment cannot check: no certificate, no authorities."""
    possible = set(methods)
    if not policy.client_certificates:
        possible -= {*METHODS}
    elif policy.client_anchors is None:
        possible.discard(PKI)
    return [method for method in methods if method in possible]


def metadata(offer: Offer) -> dict[str, object]:
    """Section 3.3."""
    return {"tls_client_certificate_bound_access_tokens": True} if offer.policy.client_certificates else {}


def aliases(policy: Policy, document: Mapping[str, object]) -> dict[str, object]:
    """Section 5: ``mtls_endpoint_aliases`` of a whole metadata document; nothing where there is no other host."""
    if not policy.client_certificates or policy.mtls_url is None:
        return {}
    found = {
        name: policy.mtls_url + value.removeprefix(policy.issuer)
        for name, value in document.items()
        if name.endswith("_endpoint") and name not in FRONT_CHANNEL and isinstance(value, str)
    }
    return {"mtls_endpoint_aliases": found}
