"""The OAuth 2.0 Authorization Framework: Bearer Token Usage.

https://www.rfc-editor.org/rfc/rfc6750
Implemented: 2.1 (header), 2.2 (form body), 3 and 3.1 (challenges and error codes).
Left out: 2.3 query parameter (tokens in addresses end in logs; RFC 9700 4.3.2 forbids it).
Builds on no Authlib class: ResourceProtector looks tokens up while it decides.
"""

from __future__ import annotations

import hmac
from dataclasses import field, replace
from typing import Final

from idp.domain.errors import ProtocolError
from idp.domain.facts import Facts
from idp.domain.grant import AccessState, Grant
from idp.domain.needs import Needs
from idp.domain.policy import Policy
from idp.domain.tokens import Handle
from idp.domain.values import frozen
from idp.domain.writes import Write
from idp.protocol import rfc9449_dpop, sender_constraint
from idp.protocol.errors import DESCRIPTIONS
from idp.protocol.parameters import Parameters
from idp.protocol.sender_constraint import NOTHING, Shown
from keys.proof import Confirmation, ProofRefused, Scheme, check_access

BEARER: Final = 'Bearer realm="dinhdanh"'
DPOP: Final = 'DPoP realm="dinhdanh"'
#: RFC 9449 7.2: a resource that takes both schemes says so: ``Bearer, DPoP algs="ES256 PS256"``.
CHALLENGE: Final = f"{BEARER}, DPoP {rfc9449_dpop.ALGS}"
STATUS: Final = {
    "invalid_request": 400,
    "invalid_token": 401,
    "insufficient_scope": 403,
    "invalid_dpop_proof": 401,
    "use_dpop_nonce": 401,
}
SCHEMES: Final = {scheme.value.lower(): scheme for scheme in Scheme}


@frozen
class BearerRequest:
    """A request to a protected resource of ours; ``malformed`` when it shows its token wrongly.

    ``scheme`` is how the token came, ``possession`` the keys that the request shows beside it.
    """

    handle: Handle | None = field(default=None, repr=False)
    shown: bool = False
    malformed: bool = False
    scheme: Scheme = Scheme.BEARER
    possession: Shown = NOTHING

    @staticmethod
    def read(
        authorization: str | None, body: Parameters | None, query: Parameters, possession: Shown = NOTHING
    ) -> BearerRequest:
        """What was presented; never raises."""
        tokens = []
        kind = Scheme.BEARER
        malformed = "access_token" in query
        if authorization is not None:
            scheme, _, token = authorization.partition(" ")
            if scheme.lower() in SCHEMES:
                kind = SCHEMES[scheme.lower()]
                tokens.append(token.strip())
        if body is not None and "access_token" in body:
            malformed = malformed or "access_token" in body.repeated
            tokens.append(body.get("access_token") or "")
        if body is not None and body.broken:
            malformed = True
        # 2: "Clients MUST NOT use more than one method to transmit the token in each request."
        if len(tokens) > 1 or malformed:
            return BearerRequest(shown=True, malformed=True, scheme=kind)
        if not tokens:
            return BearerRequest()
        return BearerRequest(Handle.parse(tokens[0]), shown=True, scheme=kind, possession=possession)

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
            replay=self.possession.replay if self.scheme is Scheme.DPOP else (),
        )


@frozen
class Proven:
    """The living grant behind a token in its owner's hands, the token's scopes, and what proving it spent."""

    grant: Grant
    scopes: tuple[str, ...]
    writes: tuple[Write, ...] = ()


def proven(request: BearerRequest, facts: Facts, policy: Policy, *, scope: str) -> Proven:
    """The grant behind the token. Raises ProtocolError."""
    # 3.1: without any authentication "the resource server SHOULD NOT include an error code".
    if not request.shown:
        raise ProtocolError("invalid_token", "", status=401, challenge=CHALLENGE)
    if request.malformed:
        raise refused("invalid_request", request.scheme)
    loaded = facts.grant
    access = loaded.access if loaded is not None else None
    if request.handle is None or loaded is None or access is None:
        raise refused("invalid_token", request.scheme)
    if not hmac.compare_digest(access.token_hash, request.handle.digest):
        raise refused("invalid_token", request.scheme)
    if access.expires_at <= facts.now or loaded.grant.expires_at <= facts.now:
        raise refused("invalid_token", request.scheme)
    # RFC 8707 3 and RFC 9700 2.3: a token for another resource is not for us.
    if access.audience and policy.issuer not in access.audience:
        raise refused("invalid_token", request.scheme)
    writes = held(request, access, facts, policy)
    if scope not in access.scopes:
        raise refused("insufficient_scope", request.scheme, scope)
    return Proven(loaded.grant, access.scopes, writes)


def held(request: BearerRequest, access: AccessState, facts: Facts, policy: Policy) -> tuple[Write, ...]:
    """Accept a token in its owner's hands; what that spends. Raises ProtocolError."""
    bound = Confirmation(access.jkt, access.x5t_s256)
    if request.scheme is Scheme.BEARER and not bound:
        return ()
    writes: list[Write] = []
    token = request.handle.secret if request.handle is not None else ""
    # RFC 9449 7.2: a bound token "MUST NOT be accepted" as Bearer, so no proof beside it is looked at.
    shown = request.possession if request.scheme is Scheme.DPOP else replace(request.possession, proof=None)
    try:
        presented = sender_constraint.proven(shown, facts, policy, writes, access_token=token)
        check_access(bound.as_claim(), request.scheme, presented, token)
    except ProtocolError as error:
        raise refused(error.code, request.scheme) from error
    except ProofRefused as error:
        raise refused(error.code, request.scheme) from error
    return tuple(writes)


def refused(code: str, scheme: Scheme = Scheme.BEARER, scope: str | None = None) -> ProtocolError:
    """An error with the challenge of section 3.1, or of RFC 9449 section 7.1 for a token that came as DPoP."""
    description = DESCRIPTIONS[code]
    asked = f', scope="{scope}"' if scope is not None else ""
    problem = f'error="{code}", error_description="{description}"{asked}'
    if scheme is Scheme.DPOP:
        challenge = f"{DPOP}, {problem}, {rfc9449_dpop.ALGS}"
    else:
        challenge = f"{BEARER}, {problem}, DPoP {rfc9449_dpop.ALGS}"
    return ProtocolError(code, description, status=STATUS[code], challenge=challenge)
