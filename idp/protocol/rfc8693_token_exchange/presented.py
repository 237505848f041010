"""RFC 8693 section 2.1: what a presented token stands for, if it is alive and in its owner's hands."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from idp.domain.account import Account
from idp.domain.client import Client
from idp.domain.errors import ProtocolError
from idp.domain.facts import Facts
from idp.domain.grant import Grant, LoadedGrant
from idp.domain.policy import Policy
from idp.domain.values import frozen
from idp.protocol import sender_constraint
from idp.protocol.errors import refusal
from idp.protocol.rfc8693_token_exchange import ShownToken
from keys.proof import Confirmation, Presented, ProofRefused


@frozen
class Party:
    """The person behind a token, and how far the token reaches.

    ``audience`` is None for the provider's own tokens. ``parent`` names the grant, and the opaque token where there
    is one, that must stay alive (:attr:`idp.domain.grant.Grant.parents`). ``may_act`` is that claim (section 4.4).
    """

    grant: Grant
    account: Account
    scopes: tuple[str, ...]
    expires_at: int
    parent: str
    audience: str | None = None
    details: tuple[Mapping[str, object], ...] = ()
    may_act: object = None


def judged(
    token: ShownToken, facts: Facts | None, client: Client, policy: Policy, proven: Presented
) -> Party:
    """The party of a token. Raises ProtocolError invalid_request."""
    loaded = facts.grant if facts is not None else None
    if facts is None or loaded is None or loaded.grant.grant_id != token.grant_id:
        raise unusable("unknown or dead")
    grant, account = loaded.grant, facts.account
    # RFC 6749 5.2 (GHSA-xqxv-4jc2-x56x): only whom a token was issued to may exchange it; whoever caught it may not.
    if grant.client_id != client.client_id:
        raise unusable("token of another client")
    # 2.1: the subject is "the party on behalf of whom the request is being made": a person, alive and not locked.
    if (
        account is None
        or not grant.account_id
        or account.account_id != grant.account_id
        or not account.usable
    ):
        raise unusable("no usable person")
    bound, party = reach(token, loaded, account, policy)
    if min(party.expires_at, grant.expires_at) <= facts.now:
        raise unusable("expired")
    # 5: a token that is bound to a key is worth nothing without it, here as at a resource.
    try:
        sender_constraint.check(bound, proven)
    except ProtocolError as refused:
        if refused.code == "invalid_grant":
            raise unusable("bound to another key") from refused
        raise
    return party


def reach(
    token: ShownToken, loaded: LoadedGrant, account: Account, policy: Policy
) -> tuple[Confirmation, Party]:
    """What the token is bound to, and how far it reaches. Raises ProtocolError invalid_request."""
    grant, access = loaded.grant, loaded.access
    if token.jwt is not None:
        claims = token.jwt
        # The signature is ours; what it says is still read as a stranger's.
        exp, aud, scope, cnf = claims.get("exp"), claims.get("aud"), claims.get("scope"), claims.get("cnf")
        if claims.get("iss") != policy.issuer or not isinstance(exp, int) or not isinstance(aud, str):
            raise unusable("claims")
        details = claims.get("authorization_details")
        party = Party(
            grant,
            account,
            scopes=tuple(scope.split()) if isinstance(scope, str) else (),
            expires_at=exp,
            parent=grant.grant_id,
            audience=aud,
            details=tuple(details) if isinstance(details, list | tuple) else (),
            may_act=claims.get("may_act"),
        )
        return confirmation(cnf), party
    if (
        access is None
        or token.handle is None
        or not hmac.compare_digest(access.token_hash, token.handle.digest)
    ):
        raise unusable("no access token")
    party = Party(
        grant,
        account,
        scopes=access.scopes,
        expires_at=access.expires_at,
        parent=f"{grant.grant_id}:{access.token_hash.hex()}",
        details=grant.authorization_details,
    )
    return Confirmation(access.jkt, access.x5t_s256), party


def confirmation(cnf: object) -> Confirmation:
    """RFC 7800 3.1: the key of a JWT. Raises ProtocolError invalid_request for a binding that is none of ours."""
    try:
        return Confirmation.from_claim(cnf)
    except ProofRefused as refused:
        raise unusable("cnf") from refused


def unusable(cause: str) -> ProtocolError:
    """The refusal of a token; why is for the log only."""
    # 2.2.2: "If the request itself is not valid or if either the subject_token or actor_token are invalid for any
    # reason, or are unacceptable based on policy, the authorization server MUST ... invalid_request".
    return refusal("invalid_request", cause)
