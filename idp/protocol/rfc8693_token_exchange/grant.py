"""RFC 8693 section 2: the grant. A delegated token is a child of two grants and dies with either."""

from __future__ import annotations

from dataclasses import replace

from authlib.oauth2.rfc6749 import UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin

from idp.domain.client import Client
from idp.domain.grant import Grant
from idp.domain.writes import CreateGrant
from idp.protocol.acting import told
from idp.protocol.errors import refusal
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework.authentication import CONFIDENTIAL
from idp.protocol.rfc6749_framework.issuing import issue
from idp.protocol.rfc6749_framework.request import PreloadedRequest
from idp.protocol.rfc8693_token_exchange import (
    ACCESS_TOKEN,
    DEPENDANT,
    GRANT_TYPE,
    JWT,
    Exchanged,
    delegation,
    representation,
)
from idp.protocol.rfc8693_token_exchange.presented import Party, judged


class TokenExchangeGrant(BaseGrant, TokenEndpointMixin):
    """Turns a person's access token and a second person's into one with which the second acts for the first."""

    GRANT_TYPE = GRANT_TYPE
    # 5: "Omitting client authentication allows for a compromised token to be leveraged via an STS into other tokens".
    TOKEN_ENDPOINT_AUTH_METHODS = CONFIDENTIAL
    request: PreloadedRequest

    def validate_token_request(self) -> None:
        """2.1. Raises ProtocolError or OAuth2Error."""
        view = self.authenticate_token_endpoint_client()
        if not view.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError
        self.request.client = view
        well_formed(self.request.parameters)

    def create_token_response(self) -> None:
        """2.2.1: the answer and the one write that makes it true. Raises ProtocolError."""
        request = self.request
        facts, policy, exchanged = request.facts, request.policy, request.exchanged
        if request.client is None or exchanged is None:
            raise refusal("invalid_request")
        client = request.client.client
        if exchanged.dependant is not None:
            self.represented(client, exchanged)
            return
        subject = judged(exchanged.subject, facts, client, policy, request.proven)
        actor = judged(exchanged.actor, facts.beside, client, policy, request.proven)
        child = self.child(subject, actor, client)
        issued, _ = issue(request, child, client, subject.account, child.scopes, target=child.resources[0])
        wanted = request.parameters.get("requested_token_type") or ACCESS_TOKEN
        request.effects.issued = replace(issued, issued_token_type=wanted)
        request.effects.writes.append(CreateGrant(child, account_epoch=subject.account.epoch))
        people = (subject.account.account_id, actor.account.account_id)
        request.effects.audit += told(child, *people, actor.grant.acr)

    def represented(self, client: Client, exchanged: Exchanged) -> None:
        """2.2.1 for a parent or guardian: the dependant's token, the guardian as ``act``. Raises ProtocolError."""
        request = self.request
        guardian = judged(exchanged.actor, request.facts.beside, client, request.policy, request.proven)
        authority = representation.checked(guardian, exchanged, client, request.policy)
        child = representation.grant_of(guardian, authority, request, client)
        whom = representation.holder(guardian, authority)
        issued, _ = issue(request, child, client, whom, child.scopes, target=child.resources[0])
        wanted = request.parameters.get("requested_token_type") or ACCESS_TOKEN
        request.effects.issued = replace(issued, issued_token_type=wanted)
        request.effects.writes.append(CreateGrant(child, account_epoch=whom.epoch))
        subject = authority.account.account_id if authority.account is not None else None
        request.effects.audit += told(child, subject, guardian.account.account_id, guardian.grant.acr)

    def child(self, subject: Party, actor: Party, client: Client) -> Grant:
        """The grant of the delegated token: the subject's, narrowed, and bound to the life of its parents."""
        facts, policy, parameters = self.request.facts, self.request.policy, self.request.parameters
        act = delegation.chain(subject, actor, policy)
        audience = delegation.target(parameters, subject, client, policy)
        ends = (subject.expires_at, actor.expires_at, subject.grant.expires_at, actor.grant.expires_at)
        return Grant(
            grant_id=facts.fresh.grant_id,
            client_id=client.client_id,
            account_id=subject.account.account_id,
            subject=subject.grant.subject,
            scopes=delegation.scope(parameters, subject, client),
            created_at=facts.now,
            expires_at=min(*ends, facts.now + policy.jwt_access_lifetime),
            resources=(audience,),
            acr=subject.grant.acr,
            amr=subject.grant.amr,
            auth_time=subject.grant.auth_time,
            authorization_details=delegation.details(parameters, subject, client, policy, audience),
            actor=act,
            # A parent's parents too: the chain dies wherever it is cut.
            parents=(subject.parent, *subject.grant.parents, actor.parent, *actor.grant.parents),
        )


def well_formed(parameters: Parameters) -> None:
    """2.1: what must be there, and what kinds of token we know. Raises ProtocolError invalid_request."""
    # 1.1: without actor_token it is impersonation, where "A is given all the rights that B has": refused.
    for name, kinds in (("subject_token", {ACCESS_TOKEN, DEPENDANT}), ("actor_token", {ACCESS_TOKEN})):
        # 2.1: subject_token_type is REQUIRED; actor_token_type "REQUIRED when the actor_token parameter is present".
        if name not in parameters or parameters.get(f"{name}_type") not in kinds:
            raise refusal("invalid_request", name)
    if parameters.get("requested_token_type") not in {None, ACCESS_TOKEN, JWT}:
        raise refusal("invalid_request", "requested_token_type")
