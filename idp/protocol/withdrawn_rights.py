"""What a client was granted and is still registered for, asked at every issue and release of claims.

A grant may live for a month. An operator who takes a scope, a claim or a type of details from a client, or a client
that gives it up (RFC 7592 section 2.2), means the grants too: RFC 6749 section 6 lets a refreshed token hold at most
what "was originally granted", and here at most what the client may be granted today. Resources are judged by
:mod:`idp.protocol.rfc8707_resource_indicators`, keys by :mod:`idp.protocol.sender_constraint`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from idp.domain.authorization import ClaimRequest, ClaimsRequest
from idp.domain.client import Client
from idp.domain.grant import Grant
from idp.protocol.errors import refusal
from idp.protocol.oidc_core.claims_parameter import OWN, permitted


def scopes_left(granted: tuple[str, ...], client: Client) -> tuple[str, ...]:
    """The scopes that the client still has. Raises ProtocolError invalid_scope when none of them is left."""
    if client.scopes.issuperset(granted):
        return granted
    kept = tuple(scope for scope in granted if scope in client.scopes)
    if not kept:
        raise refusal("invalid_scope", "withdrawn from the client")
    return kept


def grant_left(grant: Grant, client: Client) -> Grant:
    """The grant with the claims by name that the client may still ask for.

    Raises ProtocolError invalid_authorization_details when it may have no such details any more: a token without
    them would open more than the person read.
    """
    if any(
        each.get("type") not in client.authorization_details_types for each in grant.authorization_details
    ):
        raise refusal("invalid_authorization_details", "type withdrawn from the client")
    asked = grant.claims
    if not (asked.id_token or asked.userinfo or asked.verified_id_token or asked.verified_userinfo):
        return grant
    claims = ClaimsRequest(
        named(asked.id_token, client),
        named(asked.userinfo, client),
        vouched(asked.verified_id_token, client),
        vouched(asked.verified_userinfo, client),
    )
    return grant if claims == asked else replace(grant, claims=claims)


def named(asked: Mapping[str, ClaimRequest], client: Client) -> dict[str, ClaimRequest]:
    """Claims asked by name (OIDC Core 5.5)."""
    return {name: wish for name, wish in asked.items() if name in OWN or permitted(name, client)}


def vouched(elements: tuple[Mapping[str, object], ...], client: Client) -> tuple[Mapping[str, object], ...]:
    """Elements of ``verified_claims``; one that holds a claim which is not left is not answered."""
    return tuple(
        each
        for each in elements
        if isinstance(claims := each.get("claims"), Mapping) and client.verified_claims.issuperset(claims)
    )
