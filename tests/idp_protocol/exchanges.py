"""A citizen and a deputy at one client, and the exchange of their tokens (RFC 8693)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from idp.domain.account import Account
from idp.domain.facts import Facts
from idp.domain.grant import AccessState, Grant, LoadedGrant
from idp.domain.outcomes import IssuedTokens, JwtAccessClaims
from idp.domain.writes import CreateGrant
from idp.protocol import rfc8693_token_exchange, token
from idp.protocol.rfc6749_framework.authentication import read
from idp.protocol.rfc8693_token_exchange import ACCESS_TOKEN, GRANT_TYPE
from idp.protocol.sender_constraint import NOTHING, Shown
from idp.protocol.token import TokenRequest
from tests.idp_protocol.world import (
    ACCOUNT,
    CLIENT,
    FRESH,
    GRANT,
    ISSUER,
    NOW,
    POLICY,
    basic,
    parameters,
    sha,
)

COUNTER = replace(
    CLIENT,
    grant_types=CLIENT.grant_types | {GRANT_TYPE},
    scopes=CLIENT.scopes | {"pid", "delegation", "registry:verify", "registry:release"},
    authorization_details_types=frozenset({"vn_identity_verification"}),
)
SCOPES = ("openid", "profile", "pid", "offline_access", "delegation", "registry:verify")
CITIZEN, DEPUTY = f"{'g' * 22}.{'a' * 43}", f"{'h' * 22}.{'b' * 43}"
DEPUTY_ACCOUNT = replace(ACCOUNT, account_id="account-2", personal_number="097000000002", epoch=3)
CITIZEN_GRANT = replace(GRANT, scopes=SCOPES)
DEPUTY_GRANT = replace(
    GRANT, grant_id="h" * 22, account_id="account-2", subject="subject-of-the-deputy", scopes=("openid",)
)


def loaded(grant: Grant, secret: str, scopes: tuple[str, ...], **changes: Any) -> LoadedGrant:
    """A living grant with one opaque access token."""
    access = AccessState(sha(secret), scopes, (ISSUER,), NOW - 5, NOW + 600)
    return LoadedGrant(grant, access=replace(access, **changes))


def party(grant: Grant, secret: str, account: Account | None, **changes: Any) -> Facts:
    """What was loaded of one of the two."""
    scopes = changes.pop("scopes", grant.scopes)
    return Facts(NOW, FRESH, client=COUNTER, grant=loaded(grant, secret, scopes, **changes), account=account)


CITIZEN_FACTS = party(CITIZEN_GRANT, CITIZEN, ACCOUNT)
DEPUTY_FACTS = party(DEPUTY_GRANT, DEPUTY, DEPUTY_ACCOUNT)


def exchange(
    subject: Facts = CITIZEN_FACTS,
    actor: Facts | None = DEPUTY_FACTS,
    *,
    client: Any = COUNTER,
    auth: Any = None,
    jwts: dict[str, dict[str, object]] | None = None,
    shown: Shown = NOTHING,
    **values: Any,
) -> Any:
    """Exchange the two tokens; ``jwts`` are the claims of those that are no opaque token, ``shown`` the keys."""
    form = {
        "grant_type": GRANT_TYPE,
        "subject_token": CITIZEN,
        "subject_token_type": ACCESS_TOKEN,
        "actor_token": DEPUTY,
        "actor_token_type": ACCESS_TOKEN,
    } | values
    made = parameters(**form)
    exchanged = rfc8693_token_exchange.read(made, lambda shown: (jwts or {}).get(shown or ""))
    request = TokenRequest(
        made, read(made, auth or basic(client.client_id), shown), "192.0.2.1", None, exchanged
    )
    assert request.needs.beside is not None
    return token.decide(request, replace(subject, client=client, beside=actor), POLICY)


def child(decision: Any) -> Grant:
    """The grant that is born."""
    (born,) = [write for write in decision.writes if isinstance(write, CreateGrant)]
    made: Grant = born.grant
    return made


def claims_of(decision: Any) -> dict[str, Any]:
    """What the delegated token says."""
    assert isinstance(decision.outcome, IssuedTokens), decision.outcome
    assert isinstance(decision.outcome.access, JwtAccessClaims)
    return dict(decision.outcome.access.claims)


def jwt_of(decision: Any, **changes: Any) -> tuple[dict[str, object], Facts]:
    """A delegated token as the next subject token: its claims, and its grant as loaded."""
    return claims_of(decision) | changes, Facts(
        NOW, FRESH, client=COUNTER, owner=COUNTER, grant=LoadedGrant(child(decision)), account=ACCOUNT
    )


def again(first: Any, deputy: str = "third", **changes: Any) -> Any:
    """Pass a delegated token on to another deputy."""
    claims, known = jwt_of(first, **changes)
    grant = replace(DEPUTY_GRANT, account_id=f"account-{deputy}", subject=f"subject-{deputy}")
    account = replace(DEPUTY_ACCOUNT, account_id=f"account-{deputy}")
    return exchange(known, party(grant, DEPUTY, account), jwts={"jwt": claims}, subject_token="jwt")


def passed_on(first: Any, deputy: str) -> Any:
    """Pass a token on with the right to pass it on."""
    claims, known = jwt_of(first)
    grant = replace(DEPUTY_GRANT, account_id=f"account-{deputy}", subject=f"subject-{deputy}")
    account = replace(DEPUTY_ACCOUNT, account_id=f"account-{deputy}")
    values = {"jwts": {"jwt": claims}, "subject_token": "jwt", "scope": "delegation registry:verify"}
    return exchange(known, party(grant, DEPUTY, account), **values)
