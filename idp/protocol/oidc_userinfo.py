"""OpenID Connect Core 1.0: UserInfo.

https://openid.net/specs/openid-connect-core-1_0.html#UserInfo
Implemented: 5.1 and 5.4 (claims of scopes), 5.3.1 and 5.3.2 (request; plain, signed and encrypted answers),
5.5 (claims asked by name).
Left out: aggregated and distributed claims (5.6).
Builds on no Authlib class: UserInfoEndpoint looks tokens up while it decides; rfc6750_bearer judges ours.
"""

from __future__ import annotations

from collections.abc import Mapping

from idp.domain import paths
from idp.domain.account import Account, AccountType
from idp.domain.assurance import authentication_level
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.authorization import ClaimRequest
from idp.domain.client import Client
from idp.domain.decision import Decision
from idp.domain.errors import ProtocolError
from idp.domain.facts import Facts
from idp.domain.grant import Grant
from idp.domain.outcomes import AnswerJwt, ClaimsAnswer
from idp.domain.policy import Policy
from idp.domain.scopes import CLAIMS_OF_SCOPE, VERIFIED_ITEM
from idp.protocol import oidc_encryption, oidc_identity_assurance, rfc6750_bearer, withdrawn_rights
from idp.protocol.offer import Offer
from idp.protocol.rfc6750_bearer import BearerRequest
from keys import KeyPurpose

FOR_GRANTING = frozenset({"sub", "acr", "auth_time", "amr", "nonce", "sid"})
"""Claims of the ID token that are not the account's; they are never taken from a profile."""


def decide(request: BearerRequest, facts: Facts, policy: Policy) -> Decision[ClaimsAnswer | ProtocolError]:
    """The person's claims, or why not; a release is on the log before it leaves."""
    try:
        shown = rfc6750_bearer.proven(request, facts, policy, scope="openid")
    except ProtocolError as refused:
        return Decision(refused)
    account, client = facts.account, facts.client
    # CVE-2023-22492: a locked account's tokens answer nothing, whatever their own life; nor do those of a client
    # that was disabled or deleted.
    if account is None or not account.usable or client is None or client.disabled:
        return Decision(rfc6750_bearer.refused("invalid_token", request.scheme), shown.writes)
    try:
        grant = withdrawn_rights.grant_left(shown.grant, client)
        scopes = withdrawn_rights.scopes_left(shown.scopes, client)
    except ProtocolError:
        return Decision(rfc6750_bearer.refused("insufficient_scope", request.scheme, "openid"), shown.writes)
    claims = released(grant, account, scopes, facts.now)
    event = AuditEvent(
        AuditKind.CLAIMS_RELEASED,
        account.account_id,
        grant.client_id,
        grant.grant_id,
        grant.acr,
        disclosed(claims),
    )
    if not (client.userinfo_signed_response_alg or client.userinfo_encrypted_response_alg):
        return Decision(ClaimsAnswer(claims), shown.writes, (event,))
    try:
        answer = ClaimsAnswer(claims, enclosed(claims, client, facts, policy))
    except ProtocolError as refused:
        return Decision(refused, shown.writes)
    return Decision(answer, shown.writes, (event,))


def enclosed(claims: dict[str, object], client: Client, facts: Facts, policy: Policy) -> AnswerJwt:
    """The answer as a JWT. Raises ProtocolError temporarily_unavailable when it cannot be encrypted as registered."""
    envelope = oidc_encryption.envelope(
        client.userinfo_encrypted_response_alg, client.userinfo_encrypted_response_enc, facts.client_keys
    )
    if client.userinfo_signed_response_alg is None:
        return AnswerJwt(claims, None, envelope)
    # 5.3.2: "If signed, the UserInfo Response MUST contain the Claims iss (issuer) and aud (audience) as members. The
    # iss value MUST be the OP's Issuer Identifier URL. The aud value MUST be or include the RP's Client ID value."
    signed = {**claims, "iss": policy.issuer, "aud": client.client_id}
    return AnswerJwt(signed, client.userinfo_signed_response_alg, envelope)


def disclosed(claims: Mapping[str, object]) -> tuple[str, ...]:
    """The names for the log: claims of the person, and ``verified:<name>`` for those the registry vouched for."""
    plain = [name for name in claims if name not in FOR_GRANTING and name != "verified_claims"]
    elements = claims.get("verified_claims", ())
    confirmed = [
        VERIFIED_ITEM + name
        for element in (elements if isinstance(elements, list) else [elements])
        if isinstance(element, Mapping)
        for name in element["claims"]
    ]
    return (*plain, *dict.fromkeys(confirmed))


def released(grant: Grant, account: Account, scopes: tuple[str, ...], now: int) -> dict[str, object]:
    """Claims of the granted scopes, those asked by name, and those that the registry vouches for."""
    known = available(grant, account)
    # 5.3.2: "The sub (subject) Claim MUST always be returned in the UserInfo Response."
    made: dict[str, object] = {"sub": grant.subject}
    for scope in scopes:
        for name in CLAIMS_OF_SCOPE.get(scope, ()):
            if name in known:
                made[name] = known[name]
    for name, value in named_claims(grant, account, grant.claims.userinfo).items():
        made.setdefault(name, value)
    return with_verified(made, grant, account, grant.claims.verified_userinfo, now)


def with_verified(
    made: dict[str, object],
    grant: Grant,
    account: Account,
    elements: tuple[Mapping[str, object], ...],
    now: int,
) -> dict[str, object]:
    """The claims with ``verified_claims`` where they were asked for and can be given (Identity Assurance 1.0)."""
    if elements:
        confirmed = oidc_identity_assurance.verified(elements, account, available(grant, account), now)
        if confirmed is not None:
            made["verified_claims"] = confirmed
    return made


def available(grant: Grant, account: Account) -> dict[str, object]:
    """Everything that could be said of this person in this grant."""
    known = {name: value for name, value in account.profile.items() if name not in FOR_GRANTING}
    known["vn_account_level"] = account.level
    known["vn_account_type"] = account.account_type.value
    known["vn_auth_level"] = authentication_level(grant.amr)
    if account.account_type is AccountType.OFFICER:
        known |= {"vn_role": account.role, "vn_agency": account.agency}
    if account.personal_number:
        known["pid"] = account.personal_number
    return known


def named_claims(grant: Grant, account: Account, asked: Mapping[str, ClaimRequest]) -> dict[str, object]:
    """Claims asked by name that are there and are as asked."""
    if not asked:
        return {}
    known = available(grant, account)
    # 5.5.1: "the Authorization Server MUST NOT generate an error when Claims are not returned, whether they are
    # Essential or Voluntary".
    return {name: known[name] for name, wish in asked.items() if name in known and fits(known[name], wish)}


def fits(value: object, wish: ClaimRequest) -> bool:
    """Whether a value is one of the requested, where values were requested (5.5.1)."""
    if wish.value is not None and wish.value != value:
        return False
    return not wish.values or value in wish.values


def metadata(offer: Offer) -> dict[str, object]:
    """OpenID Connect Discovery 1.0 section 3."""
    return {
        "userinfo_endpoint": offer.at(paths.USERINFO),
        "userinfo_signing_alg_values_supported": offer.of(KeyPurpose.USERINFO),
        "claims_supported": sorted({claim for claims in CLAIMS_OF_SCOPE.values() for claim in claims}),
    }
