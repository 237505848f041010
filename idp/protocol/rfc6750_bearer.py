"""The OAuth 2.0 Authorization Framework: Bearer Token Usage.

https://www.rfc-editor.org/rfc/rfc6750
Implemented: 2.1 (header), 2.2 (form body), 3 and 3.1 (challenges and error codes).
Left out: 2.3 query parameter (tokens in addresses end in logs; RFC 9700 4.3.2 forbids it).
Builds on no Authlib class: ResourceProtector looks tokens up while it decides.
"""

from __future__ import annotations

import hmac
from dataclasses import field

from idp.domain.errors import ProtocolError
from idp.domain.facts import Facts
from idp.domain.grant import Grant
from idp.domain.needs import Needs
from idp.domain.policy import Policy
from idp.domain.tokens import Handle
from idp.domain.values import frozen
from idp.protocol.errors import DESCRIPTIONS
from idp.protocol.parameters import Parameters

CHALLENGE = 'Bearer realm="dinhdanh"'
STATUS = {"invalid_request": 400, "invalid_token": 401, "insufficient_scope": 403}


@frozen
class BearerRequest:
    """A request to a protected resource of ours; ``problem`` when it shows its token wrongly."""

    handle: Handle | None = field(default=None, repr=False)
    shown: bool = False
    malformed: bool = False

    @staticmethod
    def read(authorization: str | None, body: Parameters | None, query: Parameters) -> BearerRequest:
        """What was presented; never raises."""
        tokens = []
        malformed = "access_token" in query
        if authorization is not None:
            scheme, _, token = authorization.partition(" ")
            if scheme.lower() == "bearer":
                tokens.append(token.strip())
        if body is not None and "access_token" in body:
            malformed = malformed or "access_token" in body.repeated
            tokens.append(body.get("access_token") or "")
        if body is not None and body.broken:
            malformed = True
        # 2: "Clients MUST NOT use more than one method to transmit the token in each request."
        if len(tokens) > 1 or malformed:
            return BearerRequest(shown=True, malformed=True)
        if not tokens:
            return BearerRequest()
        return BearerRequest(Handle.parse(tokens[0]), shown=True)

    @property
    def needs(self) -> Needs:
        """The facts that the token names."""
        if self.handle is None:
            return Needs()
        return Needs(
            grant_id=self.handle.grant_id,
            access_digest=self.handle.digest,
            account_of_grant=True,
            client_of_grant=True,
        )


def proven(
    request: BearerRequest, facts: Facts, policy: Policy, *, scope: str
) -> tuple[Grant, tuple[str, ...]]:
    """The living grant behind the token and the token's scopes. Raises ProtocolError."""
    # 3.1: without any authentication "the resource server SHOULD NOT include an error code".
    if not request.shown:
        raise ProtocolError("invalid_token", "", status=401, challenge=CHALLENGE)
    if request.malformed:
        raise refused("invalid_request")
    loaded = facts.grant
    access = loaded.access if loaded is not None else None
    if request.handle is None or loaded is None or access is None:
        raise refused("invalid_token")
    if not hmac.compare_digest(access.token_hash, request.handle.digest):
        raise refused("invalid_token")
    if access.expires_at <= facts.now or loaded.grant.expires_at <= facts.now:
        raise refused("invalid_token")
    # RFC 8707 3 and RFC 9700 2.3: a token for another resource is not for us.
    if access.audience and policy.issuer not in access.audience:
        raise refused("invalid_token")
    if scope not in access.scopes:
        raise refused("insufficient_scope", scope)
    return loaded.grant, access.scopes


def refused(code: str, scope: str | None = None) -> ProtocolError:
    """An error with the challenge of section 3.1."""
    description = DESCRIPTIONS[code]
    challenge = f'{CHALLENGE}, error="{code}", error_description="{description}"'
    if scope is not None:
        challenge += f', scope="{scope}"'
    return ProtocolError(code, description, status=STATUS[code], challenge=challenge)
