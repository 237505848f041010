"""Senders of DPoP proofs and holders of certificates in front of the rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from idp.domain.decision import Decision
from idp.domain.facts import Facts
from idp.domain.policy import Policy
from idp.domain.writes import SpendOnce
from idp.protocol import oidc_userinfo, token
from idp.protocol.decoupled_grant import CIBA, DEVICE_CODE
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework.authentication import read
from idp.protocol.rfc6750_bearer import BearerRequest
from idp.protocol.sender_constraint import Shown
from idp.protocol.token import TokenRequest
from keys.proof import ClientCertificate, ProofRefused, ServerNonces, read_proof
from tests.idp_protocol.decoupled_world import CALL, DEVICE, SECRET_NAME, yes
from tests.idp_protocol.test_rfc7523_client_assertions import KEY, TYPE, assertion
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
    DEVICE_CODE: {"device_code": SECRET_NAME},
    CIBA: {"auth_req_id": SECRET_NAME},
}
"""A good request of each grant."""
SIGNING = {
    "token_endpoint_auth_method": "private_key_jwt",
    "secret_hash": None,
    "jwks": {"keys": [KEY.as_dict(private=False)]},
}
"""Metadata of a client that authenticates as FAPI 2.0 wants it; :func:`ask` signs for it."""
APPROVED = {DEVICE_CODE: DEVICE, CIBA: CALL}


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
    known = known or facts(grant=LOADED)
    form = FORMS[grant_type] | values
    if known.client is not None and known.client.token_endpoint_auth_method == "private_key_jwt":
        auth, form = None, form | {"client_assertion": assertion(), "client_assertion_type": TYPE}
    shape = parameters(grant_type=grant_type, **form)
    presented = read(shape, basic() if auth == "" else auth, shown)
    request = TokenRequest(shape, presented, "192.0.2.1", token.secret_of(shape))
    if grant_type in APPROVED and known.client is not None:
        asked = APPROVED[grant_type]
        own = replace(asked, request=replace(asked.request, client_id=known.client.client_id))
        known = replace(known, decoupled=yes(own))
    return token.decide(request, known, policy)


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
