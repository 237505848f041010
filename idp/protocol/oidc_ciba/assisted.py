"""A back-channel request by somebody at the person's side: ``actor_token``, ``actor_token_type``, ``confirmation``.

An extension of CIBA Core 1.0 section 7.1 ("Additional parameters MAY be sent"), in the words of RFC 8693 section 2.1:
``actor_token`` is an access token of this client whose person helps. What comes of the request is one delegated token
(:func:`idp.protocol.decoupled_grant.delegated`) for one dossier; :mod:`idp.accounts.assistance` holds the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from idp.accounts import assistance
from idp.accounts.life import NotAllowed
from idp.domain.assistance import Assistance, Way
from idp.domain.authorization import AuthorizationRequest
from idp.domain.client import Client
from idp.domain.errors import ProtocolError
from idp.domain.facts import Facts
from idp.domain.policy import Policy
from idp.protocol.errors import refusal
from idp.protocol.parameters import Parameters
from idp.protocol.rfc8693_token_exchange import ACCESS_TOKEN, GRANT_TYPE, ShownToken
from idp.protocol.rfc8693_token_exchange.presented import Party, judged
from keys.proof import Presented

ACTOR: Final = "actor_token"
KIND: Final = "assistance"


def helper_of(
    parameters: Parameters,
    shown: ShownToken | None,
    facts: Facts,
    client: Client,
    policy: Policy,
    proven: Presented,
) -> Assistance | None:
    """Who helps, and how the citizen confirms; None for a request without a helper. Raises ProtocolError."""
    if shown is None:
        return None
    # RFC 8693 2.1: actor_token_type is "REQUIRED when the actor_token parameter is present".
    if parameters.get("actor_token_type") != ACCESS_TOKEN:
        raise refusal("invalid_request", "actor_token_type")
    if GRANT_TYPE not in client.grant_types:
        raise refusal("unauthorized_client", "no delegation")
    if parameters.get("confirmation") not in set(Way):
        raise refusal("invalid_request", "confirmation")
    party = acting(shown, facts, client, policy, proven)
    return Assistance(
        way=Way(parameters.get("confirmation") or ""),
        helper=party.account.account_id,
        name=str(party.account.profile.get("name", "")),
        organisation=party.account.agency,
        acr=party.grant.acr or "",
        act=act_of(party),
        parents=(party.grant.grant_id, *party.grant.parents),
        ends_at=party.grant.expires_at,
    )


def acting(shown: ShownToken, facts: Facts, client: Client, policy: Policy, proven: Presented) -> Party:
    """The helper behind a token. Raises ProtocolError invalid_request, and access_denied for whoever is none."""
    party = judged(shown, facts.beside, client, policy, proven)
    if party.grant.actor is not None:
        raise refusal("invalid_request", "the actor's token is itself delegated")
    try:
        assistance.may_help(party.account, party.grant.acr)
    except NotAllowed as refused:
        raise denied(refused) from refused
    return party


def act_of(party: Party) -> Mapping[str, object]:
    """RFC 8693 4.1: claims "that identify the actor": the staff member's pseudonym, and whom they work for."""
    return {"sub": party.grant.subject, "kind": KIND, "organisation": party.account.agency}


def limited(request: AuthorizationRequest, way: Way, policy: Policy) -> AuthorizationRequest:
    """The same request for one dossier at one resource, with the scopes that this way of confirming opens.

    Raises ProtocolError.
    """
    if not assistance.one_dossier(request.authorization_details):
        raise refusal("invalid_authorization_details", "one dossier of one procedure")
    if tuple(each for each in request.resources if each != policy.issuer) != request.resources:
        raise refusal("invalid_target", "the provider itself")
    if not assistance.narrowed(request.scopes, way):
        raise refusal("invalid_scope", "nothing is left for a helper")
    return request


def denied(refused: NotAllowed) -> ProtocolError:
    """A refusal of the rules as a client reads it; which rule is for the log."""
    error = refusal("access_denied", refused.code)
    error.status = 403
    return error
