"""What a registration may ask for: of a stranger little, of an operator's manifest all that the provider can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from idp.domain.policy import Policy
from idp.domain.values import frozen
from idp.protocol import server
from idp.protocol.rfc6749_framework.authorization_code import AuthorizationCodeGrant
from keys import CONTENT_ENCRYPTION, KEY_MANAGEMENT

ENCRYPTION_ALGORITHMS: Final = KEY_MANAGEMENT
CONTENT_ENCRYPTIONS: Final = CONTENT_ENCRYPTION
REQUEST_ALGORITHMS: Final = ("ES256", "PS256", "RS256", "EdDSA")
"""What a client may sign its own objects with."""
DECOUPLED_ALGORITHMS: Final = tuple(name for name in REQUEST_ALGORITHMS if name != "RS256")
"""The same for back-channel requests: FAPI-CIBA 5.2.2 knows no RS256."""
FOR_STRANGERS: Final = frozenset(
    {
        *("authorization_code", "refresh_token", "implicit"),
        *("urn:ietf:params:oauth:grant-type:device_code", "urn:openid:params:grant-type:ciba"),
    }
)
"""Grants in which a person decides. Client credentials and token exchange are given by an operator only."""


@frozen
class Terms:
    """``may_fetch`` says whether the deployment would ever fetch from an address (the egress policy, no I/O).

    ``signing``: algorithms that the provider signs with. ``loopback_http``: plain http to this very machine is
    accepted from web clients too (a demo). ``trusted``: an operator's manifest.
    """

    may_fetch: Callable[[str], bool]
    signing: tuple[str, ...]
    scopes: frozenset[str] = frozenset()
    grant_types: frozenset[str] = frozenset()
    response_types: frozenset[str] = frozenset()
    authentication_methods: frozenset[str] = frozenset()
    authorization_details_types: frozenset[str] = frozenset()
    loopback_http: bool = False
    trusted: bool = False


def of_strangers(policy: Policy, signing: tuple[str, ...], may_fetch: Callable[[str], bool]) -> Terms:
    """The terms of the registration endpoint."""
    return Terms(
        may_fetch=may_fetch,
        signing=signing,
        scopes=policy.registration_scopes,
        grant_types=grant_types() & FOR_STRANGERS,
        response_types=frozenset(server.response_types()),
        authentication_methods=authentication_methods(),
        loopback_http=policy.demo,
    )


def of_operators() -> Terms:
    """The terms of a manifest: what an operator writes is meant, but must still be sound.

    Whether an address may be fetched is a setting of the service, which refuses at the fetch.
    """
    return Terms(
        may_fetch=lambda _: True,
        signing=REQUEST_ALGORITHMS,
        authorization_details_types=frozenset({"vn_identity_verification"}),
        grant_types=grant_types(),
        response_types=frozenset(server.response_types()),
        authentication_methods=authentication_methods(),
        loopback_http=True,
        trusted=True,
    )


def grant_types() -> frozenset[str]:
    """What is really served; the implicit grant has no token request and shows in the response types."""
    implicit = {"implicit"} if any("token" in kind for kind in server.response_types()) else set()
    return frozenset({*server.grant_types(), *implicit})


def authentication_methods() -> frozenset[str]:
    """What is really served at the token endpoint."""
    return frozenset(AuthorizationCodeGrant.TOKEN_ENDPOINT_AUTH_METHODS)
