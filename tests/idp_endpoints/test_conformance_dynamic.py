"""The modules of the OpenID Foundation's Dynamic OP and Third-Party-Initiated Login plans.

The suite registers by itself: private_key_jwt with one RSA key without ``kid``, no PKCE, contacts, one redirect URI.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from demo.embedded import EmbeddedRedis, running
from idp.domain.policy import Registration
from idp.protocol.oidc_id_token import half_hash
from tests.engines import MakeDatabase
from tests.idp_egress.servers import answering, serving
from tests.idp_endpoints.conftest import served
from tests.idp_endpoints.people import CALLBACK
from tests.idp_endpoints.provider import ISSUER, Provider
from tests.idp_endpoints.registered import Registered
from tests.idp_endpoints.registering import call, own, publishing

pytestmark = pytest.mark.engine
FRONT_TYPES = ("code id_token", "code token", "code id_token token", "id_token", "id_token token")


@pytest.fixture(scope="module")
async def opened(
    make_database: MakeDatabase, engines_folder: Path, endpoint_keys: Path
) -> AsyncIterator[Provider]:
    """A provider that lets everybody register."""
    database = await make_database("idp_conformance_dynamic")
    server = EmbeddedRedis(engines_folder / "redis-dynamic", durable=False)
    choice = {"registration": Registration.OPEN, "registrations_an_hour": 10_000}
    with running(server):
        async with served(database, server.url(), endpoint_keys, **choice) as made:
            yield made


async def test_a_client_of_the_suite(opened: Provider) -> None:
    """oidcc-server, oidcc-idtoken-rs256, -registration-jwks: RS256 is the default; nothing else was asked for."""
    client = await Registered(opened).register()
    tokens = await client.redeem(await client.code())
    claims = await client.verified(tokens["id_token"])
    assert (claims["aud"], claims["nonce"]) == (client.client_id, "nonce-1")
    async with opened.client() as http:
        document = (await http.get("/.well-known/openid-configuration")).json()
        assert document["registration_endpoint"] == f"{ISSUER}/register"
        # OIDC Discovery 3: what dynamic providers MUST support.
        kinds = {frozenset(kind.split()) for kind in document["response_types_supported"]}
        assert kinds >= {frozenset(kind.split()) for kind in ("code", "id_token", "id_token token")}
        assert {"authorization_code", "implicit"} <= set(document["grant_types_supported"])


@pytest.mark.parametrize("kind", FRONT_TYPES)
async def test_each_response_type_can_be_registered(opened: Provider, kind: str) -> None:
    """The plan's response_type variants: implicit is registered beside what needs it (Registration 2)."""
    grants = ["implicit"] + (["authorization_code"] if "code" in kind.split() else [])
    client = await Registered(opened).register(response_types=[kind], grant_types=grants)
    response = await client.visit(opened.browser(), response_type=kind)
    said = dict(parse_qsl(urlsplit(response.headers["location"]).fragment))
    assert "error" not in said, said
    assert {
        word.replace("token", "access_token") if word == "token" else word for word in kind.split()
    } <= set(said)
    if "id_token" in said:
        assert (await client.verified(said["id_token"]))["aud"] == client.client_id


async def test_signed_userinfo(opened: Provider) -> None:
    """oidcc-userinfo-rs256: application/jwt, iss and aud (Core 5.3.2)."""
    client = await Registered(opened).register(userinfo_signed_response_alg="RS256")
    tokens = await client.redeem(await client.code())
    response = await opened.userinfo(tokens["access_token"])
    assert response.headers["content-type"] == "application/jwt"
    claims = await client.verified(response.text)
    assert (claims["iss"], claims["aud"]) == (ISSUER, client.client_id)
    assert claims["sub"] == (await client.verified(tokens["id_token"]))["sub"]


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
async def test_every_advertised_signature_is_made(opened: Provider) -> None:
    """OIDC Discovery 3: whatever the lists name can be registered, and is then really what comes."""
    async with opened.client() as http:
        document = (await http.get("/.well-known/openid-configuration")).json()
        keys = KeySet.import_key_set((await http.get("/jwks")).json())
    for algorithm in document["id_token_signing_alg_values_supported"]:
        client = await Registered(opened).register(
            id_token_signed_response_alg=algorithm,
            userinfo_signed_response_alg=algorithm,
            authorization_signed_response_alg=algorithm,
        )
        response = await client.visit(opened.browser(), response_mode="jwt")
        said = dict(parse_qsl(urlsplit(response.headers["location"]).query))["response"]
        answer = jwt.decode(said, keys, algorithms=[algorithm])
        tokens = await client.redeem(answer.claims["code"])
        inside = jwt.decode(tokens["id_token"], keys, algorithms=[algorithm])
        outside = jwt.decode(
            (await opened.userinfo(tokens["access_token"])).text, keys, algorithms=[algorithm]
        )
        assert inside.claims["sub"] == outside.claims["sub"]
        assert inside.claims["at_hash"] == half_hash(tokens["access_token"], algorithm)
    for name in ("userinfo_signing_alg_values_supported", "authorization_signing_alg_values_supported"):
        assert document[name] == document["id_token_signing_alg_values_supported"]


async def test_auth_time_where_it_is_required(opened: Provider) -> None:
    """OIDC Registration 2: require_auth_time and default_max_age: auth_time is in the ID token (Core 2)."""
    for members in ({"require_auth_time": True}, {"default_max_age": 3_600}):
        began = int(time.time())
        client = await Registered(opened).register(**members)
        assert client.told.items() >= members.items()
        claims = await client.verified((await client.redeem(await client.code()))["id_token"])
        assert claims["auth_time"] >= began


async def test_unsigned_id_tokens_are_not_offered(opened: Provider) -> None:
    """oidcc-idtoken-unsigned is skipped, because ``none`` is not in the metadata; whoever registers it hears 400."""
    response = await Registered(opened).post(id_token_signed_response_alg="none")
    assert (response.status_code, response.json()["error"]) == (400, "invalid_client_metadata")


async def test_redirect_uris_with_a_query(opened: Provider) -> None:
    """oidcc-redirect-uri-query-ok, -mismatch, -added, oidcc-ensure-redirect-uri-in-authorization-request."""
    query = CALLBACK + "?foo=bar"
    client = await Registered(opened).register(redirect_uris=[query])
    response = await client.visit(opened.browser(), redirect_uri=query)
    assert response.headers["location"].startswith(query + "&")
    plain = await Registered(opened).register()
    for registered, uri in ((client, CALLBACK + "?foo=other"), (plain, query), (plain, None), (client, None)):
        page = await registered.visit(opened.browser(), redirect_uri=uri)
        assert page.status_code == 400
        assert "location" not in page.headers


async def test_a_fragment_is_no_redirect_uri(opened: Provider) -> None:
    """oidcc-redirect-uri-regfrag (RFC 6749 3.1.2: "MUST NOT include a fragment component")."""
    response = await Registered(opened).post(redirect_uris=[CALLBACK + "#fragment"])
    assert response.status_code == 400
    assert response.json()["error"] in {"invalid_redirect_uri", "invalid_client_metadata"}


@pytest.mark.parametrize("member", ["logo_uri", "policy_uri", "tos_uri"])
async def test_pages_of_a_client(opened: Provider, member: str) -> None:
    """oidcc-registration-logo-uri, -policy-uri, -tos-uri: accepted and echoed (Registration 2)."""
    client = await Registered(opened).register(**{member: "https://suite.example/page"})
    assert client.told[member] == "https://suite.example/page"


async def test_a_client_whose_keys_are_elsewhere_and_turn(opened: Provider) -> None:
    """oidcc-registration-jwks-uri, oidcc-refresh-token-rp-key-rotation: the new ``kid`` is found (Core 10.1.1)."""
    client = Registered(opened, kid="one")
    async with publishing(client.jwks) as published:
        grants = ["authorization_code", "refresh_token"]
        await client.register(jwks=None, jwks_uri=published.url + "/jwks", grant_types=grants)
        tokens = await client.redeem(await client.code(scope="openid offline_access", prompt="consent"))
        client.key = Registered(opened, kid="two").key
        published.document = client.jwks
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        again = await opened.token(form | client.credentials())
        assert again.status_code == 200, again.text
        assert (await client.verified(again.json()["id_token"]))["aud"] == client.client_id


async def test_sectors(opened: Provider) -> None:
    """oidcc-registration-sector-uri, -sector-bad: 400 invalid_client_metadata without our redirect URI (Core 8.1)."""
    async with publishing([CALLBACK, "https://suite.example/other"]) as published:
        members = {"subject_type": "pairwise", "sector_identifier_uri": published.url + "/redirect_uris.json"}
        client = await Registered(opened).register(**members)
        assert client.told["subject_type"] == "pairwise"
        assert "sub" in await client.verified((await client.redeem(await client.code()))["id_token"])
    async with publishing(["https://suite.example/other"]) as published:
        members["sector_identifier_uri"] = published.url + "/redirect_uris.json"
        bad = await Registered(opened).post(**members)
        assert (bad.status_code, bad.json()["error"]) == (400, "invalid_client_metadata")
        assert bad.headers["content-type"] == "application/json"


@pytest.mark.parametrize("kind", ["application/jose", "application/jwt", "application/oauth-authz-req+jwt"])
async def test_a_request_by_reference(opened: Provider, kind: str) -> None:
    """oidcc-request-uri-signed-rs256: as application/jose, no typ, no times; its redirect_uri wins (Core 6.2)."""
    client = Registered(opened)
    text = b""

    async def handle(writer: Any, request: bytes) -> None:
        await answering(text, kind=kind)(writer, request)

    async with serving(handle, None) as server:
        uri = f"http://127.0.0.1:{server.port}/requesturi/{secrets.token_hex(48)}"
        await client.register(request_uris=[uri], request_object_signing_alg="RS256")
        wishes = {
            "client_id": client.client_id,
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": "openid",
            "state": "state-inside",
            "nonce": "nonce-inside",
        }
        text = client.signed(wishes | {"aud": ISSUER, "iss": client.client_id}).encode()
        outside = {"request_uri": uri, "state": "state-inside", "nonce": "nonce-inside"}
        response = await client.visit(
            opened.browser(), **outside, redirect_uri="https://suite.example/invalid"
        )
        location = response.headers["location"]
        assert location.startswith(CALLBACK + "?"), location
        said = dict(parse_qsl(urlsplit(location).query))
        assert said["state"] == "state-inside"
        claims = await client.verified((await client.redeem(said["code"]))["id_token"])
        assert claims["nonce"] == "nonce-inside"


@pytest.mark.parametrize("audience", [ISSUER, [ISSUER], ISSUER + "/token", [ISSUER + "/token"]])
async def test_audiences_of_assertions(opened: Provider, audience: Any) -> None:
    """oidcc-ensure-client-assertion-with-iss-aud-succeeds (Core 9: the token endpoint's URL, or the issuer)."""
    client = await Registered(opened).register()
    assert "access_token" in await client.redeem(await client.code(), audience)


async def test_a_refresh_is_bound_to_its_client(opened: Provider) -> None:
    """oidcc-refresh-token: same iss, sub, aud; client one cannot use client two's (RFC 6749 5.2)."""
    grants = ["authorization_code", "refresh_token"]
    one = await Registered(opened).register(grant_types=grants)
    two = await Registered(opened).register(grant_types=grants)
    tokens = await two.redeem(await two.code(scope="openid offline_access", prompt="consent"))
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    stolen = await opened.token(form | one.credentials())
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    fresh = (await opened.token(form | two.credentials())).json()
    old, new = await two.verified(tokens["id_token"]), await two.verified(fresh["id_token"])
    assert [old[name] for name in ("iss", "sub", "aud")] == [new[name] for name in ("iss", "sub", "aud")]


async def test_third_party_initiated_login(opened: Provider) -> None:
    """oidcc-3rd_party-init-login, -nohttps: echoed, also when read; http is invalid_client_metadata (Core 4)."""
    client = await Registered(opened).register(initiate_login_uri="https://suite.example/initiate")
    assert client.told["initiate_login_uri"] == "https://suite.example/initiate"
    path, token = own(client.told)
    read = await call(opened, "GET", path, token=token)
    assert read.headers["content-type"] == "application/json"
    assert read.json()["initiate_login_uri"] == "https://suite.example/initiate"
    bad = await Registered(opened).post(initiate_login_uri="http://suite.example/initiate")
    assert (bad.status_code, bad.json()["error"]) == (400, "invalid_client_metadata")


async def test_clients_of_the_other_plans_register(opened: Provider) -> None:
    """The dynamic_client variants of FAPI-CIBA (poll, ping) and of the logout plans."""
    signed = {
        "grant_types": ["urn:openid:params:grant-type:ciba"],
        "response_types": [],
        "redirect_uris": None,
        "token_endpoint_auth_signing_alg": "PS256",
        "id_token_signed_response_alg": "PS256",
        "backchannel_authentication_request_signing_alg": "PS256",
        "backchannel_user_code_parameter": False,
        "tls_client_certificate_bound_access_tokens": True,
    }
    ping = "http://127.0.0.1:9/ciba-notification-endpoint"
    for members in (
        signed | {"backchannel_token_delivery_mode": "poll"},
        signed
        | {"backchannel_token_delivery_mode": "ping", "backchannel_client_notification_endpoint": ping},
        {
            "post_logout_redirect_uris": ["https://portal.example/post_logout_redirect"],
            "backchannel_logout_uri": "http://127.0.0.1:9/backchannel_logout",
            "backchannel_logout_session_required": True,
        },
        {
            "post_logout_redirect_uris": ["https://portal.example/post_logout_redirect"],
            "frontchannel_logout_uri": "https://portal.example/frontchannel_logout",
            "frontchannel_logout_session_required": True,
        },
    ):
        client = await Registered(opened).register(**members)
        said = {name: value for name, value in members.items() if value is not None}
        assert client.told.items() >= said.items()
