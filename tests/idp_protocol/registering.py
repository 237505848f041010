"""Registrations of the tests, short."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from idp.domain.client import Client
from idp.domain.decision import Decision
from idp.domain.errors import ProtocolError
from idp.domain.facts import Facts
from idp.domain.policy import Policy, Registration
from idp.domain.writes import SaveClient, UseInitialAccess
from idp.protocol import rfc7592_management
from idp.protocol.rfc7591_registration import deciding
from idp.protocol.rfc7591_registration.deciding import RegistrationRequest
from idp.protocol.rfc7591_registration.sectors import SectorDocument
from idp.protocol.rfc7591_registration.terms import Terms, of_strangers
from idp.protocol.rfc7592_management import ManagementRequest
from tests.idp_protocol.world import POLICY, facts

OPEN = replace(POLICY, registration=Registration.OPEN)
BY_TOKEN = replace(POLICY, registration=Registration.INITIAL_TOKEN)
CALLBACK = "https://app.example/callback"
EC = ECKey.generate_key("P-256", {"kid": "ec"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
JWKS = {"keys": [EC.as_dict(private=False), RSA.as_dict(private=False)]}
TOKEN = "registration-access-token"


def not_private(address: str) -> bool:
    """An egress policy without I/O: nothing of a network of our own."""
    return not any(part in address for part in ("127.0.0.1", "localhost", "169.254", "10.0.0", ".internal"))


def terms(policy: Policy = OPEN) -> Terms:
    """What strangers may ask for."""
    return of_strangers(policy, ("ES256", "RS256", "PS256", "EdDSA"), not_private)


def register(
    policy: Policy = OPEN,
    known: Facts | None = None,
    *,
    token: str | None = None,
    sector: SectorDocument | None = None,
    document: Any = ...,
    **members: Any,
) -> Decision[Any]:
    """Register a good web client with changes; None leaves a member out."""
    values = {"redirect_uris": [CALLBACK]} | members
    body = (
        {name: value for name, value in values.items() if value is not None} if document is ... else document
    )
    request = RegistrationRequest(body, terms(policy), token, "192.0.2.1", sector)
    return deciding.decide(request, known or facts(client=None), policy)


def manage(
    method: str, known: Facts, document: Any = None, *, token: str | None = TOKEN, policy: Policy = OPEN
) -> Decision[Any]:
    """A request to a client's own address."""
    client_id = known.client.client_id if known.client else "gone"
    request = ManagementRequest(
        document, terms(policy), token, "192.0.2.1", client_id=client_id, method=method
    )
    return rfc7592_management.decide(request, known, policy)


def saved(decision: Any) -> Client:
    """The client that the decision keeps."""
    (write,) = [each for each in decision.writes if isinstance(each, SaveClient)]
    return write.client


def refusal_of(decision: Any) -> tuple[str, str]:
    """Code and description of a refusal that keeps nothing."""
    assert isinstance(decision.outcome, ProtocolError), decision.outcome
    assert not any(isinstance(each, SaveClient | UseInitialAccess) for each in decision.writes)
    return decision.outcome.code, decision.outcome.description
