"""Senders of DPoP proofs and holders of certificates in front of the rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from idp.domain.decision import Decision
from idp.domain.facts import Facts
from idp.domain.policy import Policy
from idp.domain.writes import SpendOnce
from idp.protocol import oidc_userinfo, token
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework.authentication import read
from idp.protocol.rfc6750_bearer import BearerRequest
from idp.protocol.sender_constraint import Shown
from idp.protocol.token import TokenRequest
from keys.proof import ClientCertificate, ProofRefused, ServerNonces, read_proof
from tests.idp_protocol.world import (
    ACCESS,
    CODE,
    GRANT_ID,
    ISSUER,
    LOADED,
    NOW,
    POLICY,
    REDIRECT,
    REFRESH,
    VERIFIER,
    basic,
    facts,
    parameters,
)
from tests.keys_proof.proofs import Sender

NONCES = ServerNonces("nonce-of-now", frozenset({"nonce-of-now", "nonce-before"}))
ALICE, MALLORY = Sender(), Sender()
FORMS: dict[str, dict[str, str]] = {
    "authorization_code": {"code": CODE, "redirect_uri": REDIRECT, "code_verifier": VERIFIER},
    "refresh_token": {"refresh_token": REFRESH},
    "client_credentials": {"scope": "registry:verify"},
}
"""A good request of each grant."""


def proof(sender: Sender = ALICE, path: str = "/token", **claims: Any) -> str:
    """A proof of now for the token endpoint; claims may be replaced, None removes."""
    return sender.proof(**({"htu": ISSUER + path, "iat": NOW} | claims))


def showing(
    *fields: str, certificate: ClientCertificate | None = None, method: str = "POST", path: str = "/token"
) -> Shown:
    """What an endpoint reads of these DPoP header fields."""
    try:
        found = read_proof(fields)
    except ProofRefused as refused:
        return Shown(method, path, broken=refused.reason, nonces=NONCES, certificate=certificate)
    return Shown(method, path, found, nonces=NONCES, certificate=certificate)


def ask(
    grant_type: str,
    shown: Shown,
    known: Facts | None = None,
    *,
    policy: Policy = POLICY,
    auth: str | None = "",
    **values: str,
) -> Decision[Any]:
    """A token request of the portal (``auth`` None: by name only) that shows these keys."""
    form = parameters(grant_type=grant_type, **(FORMS[grant_type] | values))
    presented = read(form, basic() if auth == "" else auth, shown)
    request = TokenRequest(form, presented, "192.0.2.1", token.secret_of(form))
    return token.decide(request, known or facts(grant=LOADED), policy)


def look(scheme: str, shown: Shown, known: Facts, text: str = ACCESS) -> Decision[Any]:
    """UserInfo with the token under this scheme."""
    request = BearerRequest.read(f"{scheme} {text}", None, Parameters(), shown)
    return oidc_userinfo.decide(request, known, POLICY)


def spent(decision: Decision[Any]) -> list[SpendOnce]:
    """The single-use items that the decision spends."""
    return [write for write in decision.writes if isinstance(write, SpendOnce)]


def written(decision: Decision[Any], field: str) -> Any:
    """The first state of this name (``access``, ``refresh``) among the writes."""
    return next(value for write in decision.writes if (value := getattr(write, field, None)) is not None)


def as_client(client: Any, **changes: Any) -> Facts:
    """Facts of this client, with its grant."""
    owned = replace(LOADED, grant=replace(LOADED.grant, client_id=client.client_id))
    return facts(**({"client": client, "owner": client, "grant": owned} | changes))


__all__ = ["ALICE", "GRANT_ID", "MALLORY", "NONCES", "ask", "look", "proof", "showing"]
