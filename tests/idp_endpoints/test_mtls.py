"""RFC 8705 and RFC 9440 over HTTP: certificates of the TLS layer and of a trusted proxy, and of nobody else."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.types import ASGIApp, Receive, Scope, Send

from idp.app import create_app
from idp.storage.postgres.migrating import migrate
from keys import Algorithm
from keys.material import public_jwk
from keys.proof import x5t_s256
from tests.certificates import Certified
from tests.engines import MakeDatabase
from tests.https_service import running
from tests.idp_endpoints import conftest
from tests.idp_endpoints.people import AN, assertion_keys, portal
from tests.idp_endpoints.provider import ISSUER, Provider, basic
from tests.keys_proof.certificates import DN, Authority, pem
from web.serving import configuration

pytestmark = pytest.mark.engine

PROXY, STRANGER = ("10.9.0.7", 4_711), ("192.0.2.9", 4_711)
TODAY = datetime.now(UTC)
GRANTS = frozenset({"authorization_code", "refresh_token", "client_credentials"})
SCOPES = frozenset({"openid", "profile", "introspection"})
KEY = ec.generate_private_key(ec.SECP256R1())


class Recent(Authority):
    """An authority whose root is valid today."""

    def _begun(
        self, subject: x509.Name, public: Any, start: datetime = TODAY - timedelta(days=2), days: int = 30
    ) -> x509.CertificateBuilder:
        return super()._begun(subject, public, start, days)


AUTHORITY = Recent("Cơ quan gốc")
MINE = AUTHORITY.issue(key=KEY, start=TODAY - timedelta(days=1))
OTHER = AUTHORITY.issue("CN=Khác,C=VN", start=TODAY - timedelta(days=1))
CLIENTS = (
    portal(
        "pki",
        grant_types=GRANTS,
        scopes=SCOPES,
        secret_hash=None,
        token_endpoint_auth_method="tls_client_auth",
        tls_client_auth_subject_dn=DN,
        tls_client_certificate_bound_access_tokens=True,
    ),
    portal(
        "own",
        grant_types=GRANTS,
        scopes=SCOPES,
        secret_hash=None,
        token_endpoint_auth_method="self_signed_tls_client_auth",
        jwks={"keys": [public_jwk(KEY.public_key(), Algorithm.ES256)]},
    ),
    portal("secret", tls_client_certificate_bound_access_tokens=True),
)


@pytest.fixture(scope="module")
async def guarded(
    make_database: MakeDatabase,
    own_redis: str,
    endpoint_keys: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Provider]:
    """A provider behind a proxy at 10.9.0.0/24, which trusts one authority."""
    anchors = tmp_path_factory.mktemp("anchors") / "clients.pem"
    anchors.write_bytes(pem(AUTHORITY.root))
    database = await make_database("idp_mtls")
    await migrate(database)
    settings = replace(
        conftest.settings_of(database, own_redis, endpoint_keys),
        client_cert_proxies="10.9.0.0/24 2001:db8::/64",
        client_cert_anchors=anchors,
        mtls_url="http://mtls.localhost:8000/",
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        await conftest.furnish(app.state.storage)
        for client in CLIENTS:
            await app.state.storage.clients.save(client)
        yield Provider(app, assertion_keys())


@dataclass(slots=True)
class TlsLayer:
    """What serves https: the certificate of the connection in the scope."""

    app: ASGIApp
    der: bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        await self.app({**scope, "extensions": {"dinhdanh.client_certificate": self.der}}, receive, send)


def field(der: bytes) -> dict[str, str]:
    """RFC 9440 2.2."""
    return {"Client-Cert": f":{base64.b64encode(der).decode()}:"}


async def sent(
    provider: Provider,
    path: str = "/token",
    form: dict[str, str] | None = None,
    *,
    peer: tuple[str, int] = PROXY,
    tls: bytes | None = None,
    headers: Any = (),
) -> httpx2.Response:
    """A POST from this TCP peer; ``tls``: the certificate of the connection itself."""
    app: Any = provider.app if tls is None else TlsLayer(provider.app, tls)
    transport = httpx2.ASGITransport(app=app, client=peer)
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as client:
        return await client.post(path, data=form or own("pki"), headers=headers)


def own(client_id: str) -> dict[str, str]:
    """Client credentials, by name only."""
    return {"grant_type": "client_credentials", "scope": "introspection", "client_id": client_id}


@pytest.mark.parametrize("client_id", ["pki", "own"])
@pytest.mark.parametrize("way", ["proxy", "tls"])
async def test_a_certificate_authenticates(guarded: Provider, way: str, client_id: str) -> None:
    """Sections 2.1 and 2.2: from the trusted proxy's header, and from the TLS layer of a direct connection."""
    if way == "proxy":
        response = await sent(guarded, form=own(client_id), headers=field(MINE))
    else:
        response = await sent(guarded, form=own(client_id), peer=STRANGER, tls=MINE)
    assert response.status_code == 200, response.text
    token = response.json()["access_token"]
    answer = await sent(guarded, "/introspect", {"client_id": client_id, "token": token}, headers=field(MINE))
    assert answer.json()["active"] is True
    assert answer.json().get("cnf") == ({"x5t#S256": x5t_s256(MINE)} if client_id == "pki" else None)
    assert (
        await sent(guarded, "/revoke", {"client_id": client_id, "token": token}, headers=field(MINE))
    ).status_code == 200


SPOOFS: dict[str, dict[str, Any]] = {
    "header of a stranger": {"peer": STRANGER, "headers": field(MINE)},
    "header of a stranger beside its own certificate": {
        "peer": STRANGER,
        "tls": OTHER,
        "headers": field(MINE),
    },
    "forwarded by a stranger": {
        "peer": STRANGER,
        "headers": field(MINE) | {"X-Forwarded-For": "10.9.0.7", "Forwarded": "for=10.9.0.7"},
    },
    "the header's other names": {
        "headers": {
            "X-SSL-Client-Cert": field(MINE)["Client-Cert"],
            "client_cert": field(MINE)["Client-Cert"],
        }
    },
    "the proxy's own certificate": {"tls": MINE},
    "two fields": {"headers": [*field(MINE).items(), *field(MINE).items()]},
    "a list": {"headers": {"Client-Cert": f"{field(MINE)['Client-Cert']}, {field(OTHER)['Client-Cert']}"}},
    "not base64": {"headers": {"Client-Cert": ":%%%:"}},
    "a PEM text": {"headers": {"Client-Cert": base64.b64encode(MINE).decode()}},
    "not a certificate": {"headers": field(b"rubbish")},
    "another client's": {"headers": field(OTHER)},
    "a peer that is no address": {"peer": ("unix", 0), "headers": field(MINE)},
    "nothing": {},
}


@pytest.mark.attack
@pytest.mark.parametrize("endpoint", ["/token", "/introspect", "/revoke", "/par"])
@pytest.mark.parametrize("name", SPOOFS)
async def test_nobody_else_can_say_whose_certificate_it_is(
    guarded: Provider, name: str, endpoint: str
) -> None:
    """RFC 9440 section 4, attack 30: headers from anybody but the proxy are not even read, at every endpoint."""
    response = await sent(guarded, endpoint, own("pki") | {"token": "x"}, **SPOOFS[name])
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


@pytest.mark.attack
async def test_a_provider_without_proxies_reads_no_header(provider: Provider) -> None:
    """RFC 9440 section 4: the default trusts nobody, whatever the peer; and the metadata promises nothing."""
    for client in CLIENTS:
        await provider.app.state.storage.clients.save(client)
    for peer in (PROXY, STRANGER, ("127.0.0.1", 1)):
        response = await sent(provider, peer=peer, headers=field(MINE))
        assert response.json()["error"] == "invalid_client"
    async with provider.client() as client:
        document = (await client.get("/.well-known/openid-configuration")).json()
    assert not any("tls" in name for name in document)


async def test_a_bound_token_works_with_its_certificate_only(guarded: Provider) -> None:
    """Section 3: code, refresh and UserInfo of a client with another authentication method."""
    code = await guarded.browser().code(AN, "secret")
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "https://portal.example/callback",
        "code_verifier": "v" * 43,
    }
    refused = await sent(guarded, form=form, headers=basic("secret"))
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    answer = await sent(guarded, form=form, headers=basic("secret") | field(MINE))
    tokens = answer.json()
    assert tokens["token_type"] == "Bearer"
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await sent(guarded, "/userinfo", {"x": "y"}, headers=bearer | field(MINE))).status_code == 200
    assert (
        await sent(guarded, "/userinfo", {"x": "y"}, headers=bearer, peer=STRANGER, tls=MINE)
    ).status_code == 200
    for wrong in (bearer, bearer | field(OTHER)):
        response = await sent(guarded, "/userinfo", {"x": "y"}, headers=wrong)
        assert (response.status_code, response.json()["error"]) == (401, "invalid_token")
    spoofed = await sent(guarded, "/userinfo", {"x": "y"}, headers=bearer | field(MINE), peer=STRANGER)
    assert spoofed.status_code == 401
    again = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert (await sent(guarded, form=again, headers=basic("secret"))).json()["error"] == "invalid_request"
    renewed = await sent(guarded, form=again, headers=basic("secret") | field(OTHER))
    bearer = {"Authorization": f"Bearer {renewed.json()['access_token']}"}
    assert (await sent(guarded, "/userinfo", {"x": "y"}, headers=bearer | field(OTHER))).status_code == 200


async def test_the_metadata_names_the_other_host(guarded: Provider) -> None:
    """Sections 3.3 and 5."""
    async with guarded.client() as client:
        document = (await client.get("/.well-known/openid-configuration")).json()
    assert document["tls_client_certificate_bound_access_tokens"] is True
    assert document["mtls_endpoint_aliases"]["token_endpoint"] == "http://mtls.localhost:8000/token"
    assert {"tls_client_auth", "self_signed_tls_client_auth"} <= set(
        document["token_endpoint_auth_methods_supported"]
    )


async def test_a_disabled_clients_tokens_are_inactive(guarded: Provider) -> None:
    """RFC 7662 4: whoever asks, a token is no more alive than the client it was given to."""
    client = CLIENTS[1]
    token = (await sent(guarded, form=own("own"), headers=field(MINE))).json()["access_token"]
    asker = portal(
        "asker", scopes=frozenset({"openid", "introspection"}), resources=frozenset({ISSUER, "asker"})
    )
    storage = guarded.app.state.storage
    await storage.clients.save(asker)

    async def alive() -> bool:
        answer = await sent(guarded, "/introspect", {"token": token}, headers=basic("asker"))
        return bool(answer.json()["active"])

    assert await alive()
    await storage.clients.save(replace(client, disabled=True))
    assert not await alive()
    await storage.clients.save(client)
    assert await alive()


async def test_a_real_handshake_authenticates(guarded: Provider, tmp_path: Path) -> None:
    """Section 2.2 without a proxy: the provider serves https itself, and only what TLS proved counts."""
    authority, shown, other = Certified("authority", ca=True), Certified("client"), Certified("another")
    files = Certified("localhost", signer=authority, hosts=("localhost",)).write(tmp_path, "server")
    jwk = public_jwk(shown.key.public_key(), Algorithm.ES256)
    client = replace(CLIENTS[1], client_id="direct", jwks={"keys": [jwk]})
    await guarded.app.state.storage.clients.save(client)
    settings = replace(
        guarded.app.state.services.settings,
        client_cert_proxies="",
        tls_certificate=files[0],
        tls_key=files[1],
    )
    config = configuration(
        lambda: create_app(settings), host="127.0.0.1", port=0, certificate=files[0], key=files[1]
    )

    def asked(
        port: int, certificate: Certified | None, headers: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        context = ssl.create_default_context(cadata=authority.pem.decode())
        if certificate is not None:
            context.load_cert_chain(*certificate.write(tmp_path, "client"))
        with contextlib.closing(http.client.HTTPSConnection("localhost", port, context=context)) as line:
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            line.request("POST", "/token", urlencode(own("direct")), kind | headers)
            response = line.getresponse()
            return response.status, json.loads(response.read())

    with running(config) as port:
        status, tokens = await asyncio.to_thread(asked, port, shown, {})
        assert status == 200
        assert tokens["token_type"] == "Bearer"
        for certificate in (None, other):
            status, refused = await asyncio.to_thread(asked, port, certificate, field(shown.der))
            assert (status, refused["error"]) == (401, "invalid_client")
