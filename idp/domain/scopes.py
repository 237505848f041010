"""Scopes and the claims behind them; what a consent names (OIDC Core section 5.4; domain facts: e-ID accounts, 7)."""

from collections.abc import Mapping
from typing import Final

from idp.domain.authorization import AuthorizationRequest

OPENID: Final = "openid"
OFFLINE_ACCESS: Final = "offline_access"
DELEGATION: Final = "delegation"
"""Somebody else may act for the person at this client, in their own name (RFC 8693); no claim belongs to it."""
REPRESENTATION: Final = "representation"
"""The person acts, at this client, for those whose parent or guardian the registry says they are; no claim either."""

CLAIMS_OF_SCOPE: Final[Mapping[str, tuple[str, ...]]] = {
    "openid": ("sub", "vn_account_level", "vn_auth_level", "vn_account_type"),
    "profile": ("name", "family_name", "middle_name", "given_name", "birthdate", "gender", "updated_at"),
    "office": ("vn_role", "vn_agency"),
    "address": ("address", "address_permanent", "address_temporary", "address_current"),
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_number_verified"),
    "pid": ("pid",),
    "old_id": ("cmnd9",),
}
"""Scopes that ask for claims about the person; ``openid`` claims need no consent of their own."""

SCOPES_FOR_PEOPLE: Final = (*CLAIMS_OF_SCOPE, OFFLINE_ACCESS, DELEGATION, REPRESENTATION)
"""Every scope that a person can grant, as the metadata lists them."""

SCOPE_OF_CLAIM: Final[Mapping[str, str]] = {
    claim: scope for scope, claims in CLAIMS_OF_SCOPE.items() for claim in claims
}
CLAIM_ITEM: Final = "claim:"
VERIFIED_ITEM: Final = "verified:"


def consent_items(request: AuthorizationRequest) -> frozenset[str]:
    """What the person must agree to: scopes but ``openid``, and claims asked by name only.

    These are ``claim:<name>``, and ``verified:<name>`` for a claim that the registry is to vouch for.
    """
    items = {scope for scope in request.scopes if scope != OPENID}
    named = {*request.claims.id_token, *request.claims.userinfo}
    covered = {OPENID, *items}
    for claim in named:
        scope = SCOPE_OF_CLAIM.get(claim)
        if scope is not None and scope not in covered:
            items.add(CLAIM_ITEM + claim)
    for element in (*request.claims.verified_id_token, *request.claims.verified_userinfo):
        claims = element["claims"]
        if isinstance(claims, Mapping):
            items.update(VERIFIED_ITEM + claim for claim in claims)
    return frozenset(items)
