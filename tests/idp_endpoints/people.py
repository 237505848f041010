"""Clients and people of the endpoint tests."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass, field

from joserfc.jwk import ECKey

from idp.domain.client import Client, PartyKind

SECRET = "a-secret-of-a-portal"
REGISTRY = "http://127.0.0.1:9"
CALLBACK = "https://portal.example/callback"
SIGNED_OUT = "https://portal.example/signed-out"


@functools.cache
def assertion_keys() -> ECKey:
    """The key that the client ``signer`` signs its assertions with."""
    return ECKey.generate_key("P-256", {"kid": "signer-1", "use": "sig", "alg": "ES256"})


def portal(client_id: str, **changes: object) -> Client:
    """A confidential portal of the State that needs no consent page."""
    values: dict[str, object] = {
        "client_id": client_id,
        "name_vi": "Cổng thử nghiệm",
        "name_en": "Test portal",
        "party_kind": PartyKind.STATE,
        "redirect_uris": (CALLBACK, "https://portal.example/callback?kept=a%20b"),
        "post_logout_redirect_uris": (SIGNED_OUT,),
        "grant_types": frozenset({"authorization_code", "refresh_token"}),
        "scopes": frozenset({"openid", "profile", "offline_access", "pid"}),
        "resources": frozenset({REGISTRY}),
        "token_endpoint_auth_method": "client_secret_basic",
        "secret_hash": hashlib.sha256(SECRET.encode()).digest(),
        "require_consent": False,
        "sector_identifier": f"{client_id}.example",
        "agency_code": "BCA",
    }
    return Client(**(values | changes))  # type: ignore[arg-type]  # a plain builder


CLIENTS = {
    client.client_id: client
    for client in (
        portal("portal"),
        portal("other"),
        portal("poster", token_endpoint_auth_method="client_secret_post"),
        portal("app", token_endpoint_auth_method="none", secret_hash=None),
        portal(
            "signer",
            token_endpoint_auth_method="private_key_jwt",
            secret_hash=None,
            jwks={"keys": [assertion_keys().as_dict(private=False)]},
            id_token_signed_response_alg="RS256",
        ),
        portal("private", party_kind=PartyKind.PRIVATE, require_consent=True),
        portal(
            "machine",
            grant_types=frozenset({"client_credentials"}),
            scopes=frozenset({"registry:verify", "introspection"}),
            redirect_uris=(),
        ),
        portal(
            "counter",
            grant_types=frozenset(
                {"authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange"}
            ),
            scopes=frozenset({"openid", "profile", "pid", "delegation", "registry:verify", "introspection"}),
            authorization_details_types=frozenset({"vn_identity_verification"}),
        ),
        portal("listener", backchannel_logout_uri="http://127.0.0.1:9/logout"),
    )
}


@dataclass(frozen=True, slots=True)
class Person:
    """One account of the tests."""

    account_id: str
    number: str
    level: int
    totp: bytes | None = None
    email: str | None = None
    profile: dict[str, object] = field(default_factory=dict)


AN = Person(
    "acc-an",
    "097090000011",
    2,
    b"t" * 20,
    profile={"name": "Nguyễn Văn An", "birthdate": "1990-02-03", "updated_at": 1_790_000_000},
)
BINH = Person("acc-binh", "097190000012", 1, profile={"name": "Trần Thị Bình", "birthdate": "1988"})
LAN = Person("acc-lan", "097190000013", 2, b"u" * 20, profile={"name": "Lê Thị Lan"})
PEOPLE = (AN, BINH, LAN)
