"""RFC 7591 and RFC 7592 over HTTP: a stranger registers, uses, changes and leaves; on the real engines."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from demo.embedded import EmbeddedRedis, running
from idp.domain.client import PartyKind
from idp.domain.needs import Needs
from idp.domain.policy import Registration
from idp.endpoints.registration import may_fetch
from tests.engines import MakeDatabase
from tests.idp_endpoints.conftest import served, settings_of
from tests.idp_endpoints.people import CALLBACK
from tests.idp_endpoints.provider import ISSUER, Provider, basic
from tests.idp_endpoints.registering import GOOD, call, consent_page, own, publishing, register, tokens_of
from web import Mode, SettingsError, UnsafeSetting

pytestmark = pytest.mark.engine

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture(scope="session")
def registration_redis(engines_folder: Path):
    """A Redis of these tests alone."""
    server = EmbeddedRedis(engines_folder / "redis-registration", durable=False)
    with running(server):
        yield server.url()


@pytest.fixture(scope="session")
async def opened(
    make_database: MakeDatabase, registration_redis: str, endpoint_keys: Path
) -> AsyncIterator[Provider]:
    """A provider that lets everybody register."""
    database = await make_database("idp_registration")
    open_to_all = {"registration": Registration.OPEN, "registrations_an_hour": 10_000}
    async with served(database, registration_redis, endpoint_keys, **open_to_all) as made:
        yield made


async def test_a_stranger_registers_signs_people_in_changes_and_leaves(opened: Provider) -> None:
    """The whole life (RFC 7591 3, RFC 7592 2): after the end every token of the client is dead, everywhere."""
    told = await register(
        opened, grant_types=["authorization_code", "refresh_token"], scope="openid profile offline_access"
    )
    path, token = own(told)
    tokens = await tokens_of(opened, told)
    assert (await opened.userinfo(tokens["access_token"])).status_code == 200
    read = await call(opened, "GET", path, token=token)
    assert read.status_code == 200
    assert read.json()["client_name"] == "Cửa hàng"
    changed = await call(
        opened, "PUT", path, GOOD | {"client_id": told["client_id"], "client_name": "Shop"}, token
    )
    assert changed.status_code == 200, changed.text
    assert changed.json()["client_name"] == "Shop"
    # What was issued before a change of name lives on; what was issued to a client that is gone does not.
    assert (await opened.userinfo(tokens["access_token"])).status_code == 200
    gone = await call(opened, "DELETE", path, token=token)
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await opened.userinfo(tokens["access_token"])).status_code == 401
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refreshed = await opened.token(form, headers=basic(told["client_id"], told["client_secret"]))
    assert (refreshed.status_code, refreshed.json()["error"]) == (401, "invalid_client")
    for method in ("GET", "PUT", "DELETE"):
        again = await call(opened, method, path, GOOD if method == "PUT" else None, token)
        assert (again.status_code, again.json()["error"]) == (401, "invalid_token")
        assert again.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.attack
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b'{"redirect_uris":["https://a.example/cb"],"redirect_uris":["https://evil.example/cb"]}',
        b'{"redirect_uris":["https://a.example/cb"],"jwks":{"keys":[],"keys":[]}}',
        b'{"a":' * 2_500 + b"1" + b"}" * 2_500,
        b'{"client_name":"\xff"}',
        b'{"default_max_age":NaN}',
        b"redirect_uris=https://a.example/cb",
    ],
)
async def test_a_body_that_is_no_plain_object_is_refused(opened: Provider, body: bytes) -> None:
    """RFC 7591 section 3.2.2: 400 in JSON; a member twice is one parser's word against another's."""
    response = await call(opened, "POST", "/register", body)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_client_metadata")
    assert "no-store" in response.headers["cache-control"]


async def test_a_huge_body_is_not_read(opened: Provider) -> None:
    """Bounded before parsing."""
    response = await call(opened, "POST", "/register", b'{"a":"' + b"x" * 70_000 + b'"}')
    assert response.status_code == 413


async def test_other_methods_and_other_kinds(opened: Provider) -> None:
    """RFC 9110 15.5.6: 405 with the methods that there are; a form is no registration."""
    assert (await call(opened, "GET", "/register")).status_code == 405
    assert (await call(opened, "POST", "/register/x")).headers["allow"] == "GET, HEAD, PUT, DELETE"
    async with opened.client() as client:
        response = await client.post("/register", data={"redirect_uris": CALLBACK})
    assert response.json()["error"] == "invalid_client_metadata"


async def test_discovery_names_the_endpoint(opened: Provider, provider: Provider) -> None:
    """OIDC Discovery 3: only where one may register; elsewhere there is nothing at that address."""
    document = (await call(opened, "GET", "/.well-known/openid-configuration")).json()
    assert document["registration_endpoint"] == ISSUER + "/register"
    closed = (await call(provider, "GET", "/.well-known/openid-configuration")).json()
    assert "registration_endpoint" not in closed
    assert (await call(provider, "POST", "/register", GOOD)).status_code == 404


async def test_an_initial_access_token_works_as_often_as_it_says(
    make_database: MakeDatabase, registration_redis: str, endpoint_keys: Path
) -> None:
    """RFC 7591 section 3: racing uses never exceed the count; a broken request uses nothing."""
    database = await make_database("idp_initial")
    choice = {"registration": Registration.INITIAL_TOKEN}
    async with served(database, registration_redis, endpoint_keys, **choice) as provider:
        tokens = provider.app.state.storage.initial_access
        token = await tokens.make("a partner", uses=3, seconds=60)
        assert (await call(provider, "POST", "/register", GOOD)).status_code == 401
        assert (await call(provider, "POST", "/register", GOOD, "x" * 43)).status_code == 401
        assert (await call(provider, "POST", "/register", {}, token)).status_code == 400
        answers = await asyncio.gather(*(call(provider, "POST", "/register", GOOD, token) for _ in range(8)))
        assert sorted(each.status_code for each in answers) == [201] * 3 + [401] * 5
        dead = await tokens.make("too late", uses=3, seconds=0)
        assert (await call(provider, "POST", "/register", GOOD, dead)).status_code == 401


@pytest.mark.attack
async def test_one_address_registers_so_often_only(
    make_database: MakeDatabase, registration_redis: str, endpoint_keys: Path
) -> None:
    """RFC 7591 section 5: parallel attempts cannot outrun the limit; what is refused counts too."""
    database = await make_database("idp_limit")
    limit = {"registration": Registration.OPEN, "registrations_an_hour": 5}
    async with served(database, registration_redis, endpoint_keys, **limit) as provider:
        # The other provider on this Redis counts under keys of the same ring, so another address is used here.
        transport = httpx2.ASGITransport(app=provider.app, client=("198.51.100.7", 1))
        async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as client:
            answers = await asyncio.gather(
                *(client.post("/register", json=GOOD if number % 2 else {}) for number in range(12))
            )
        codes = sorted(each.status_code for each in answers)
        assert codes.count(429) == 7
        assert all(each.headers["retry-after"] for each in answers if each.status_code == 429)


@pytest.mark.attack
async def test_a_disabled_client_stays_disabled_whatever_races(opened: Provider) -> None:
    """Keycloak CVE-2026-9705: an update that was decided before the operator's act does not undo it."""
    told = await register(opened)
    path, token = own(told)
    storage = opened.app.state.storage
    client = (await storage.loading.load(Needs(client_id=told["client_id"]))).client
    body = GOOD | {"client_id": told["client_id"]}
    await asyncio.gather(
        storage.clients.save(replace(client, disabled=True)),
        *(call(opened, "PUT", path, body | {"client_name": f"Name {number}"}, token) for number in range(8)),
    )
    assert (await storage.loading.load(Needs(client_id=told["client_id"]))).client.disabled
    for method in ("GET", "PUT", "DELETE"):
        response = await call(opened, method, path, body if method == "PUT" else None, token)
        assert (response.status_code, response.json()["error"]) == (403, "access_denied")
    assert (await storage.loading.load(Needs(client_id=told["client_id"]))).client.disabled


@pytest.mark.attack
async def test_a_deleted_client_is_not_saved_again_by_a_late_update(opened: Provider) -> None:
    """Check-then-act: among updates and the end of a client, the end is last."""
    told = await register(opened)
    path, token = own(told)
    body = GOOD | {"client_id": told["client_id"]}
    await asyncio.gather(
        *(call(opened, "PUT", path, body, token) for _ in range(4)),
        call(opened, "DELETE", path, token=token),
        *(call(opened, "PUT", path, body, token) for _ in range(4)),
    )
    assert (await opened.app.state.storage.loading.load(Needs(client_id=told["client_id"]))).client is None


@pytest.mark.attack
async def test_a_stranger_is_private_whatever_it_says(opened: Provider) -> None:
    """Keycloak #53079: people see that it is private, are always asked, and never give their number away."""
    told = await register(
        opened, party_kind="state", require_consent=False, scope="openid pid", agency_code="G01"
    )
    assert told["scope"] == "openid"
    client = (await opened.app.state.storage.loading.load(Needs(client_id=told["client_id"]))).client
    assert client.party_kind is PartyKind.PRIVATE
    browser = opened.browser()
    response = await browser.authorize(told["client_id"], scope="openid pid profile")
    (waiting,) = parse_qs(urlsplit(response.headers["location"]).query)["i"]
    facts = await opened.app.state.storage.loading.load(Needs(interaction_id=waiting))
    assert facts.interaction.request.scopes == ("openid",)


async def test_an_assertion_under_a_shared_secret_signs_a_client_in_once(opened: Provider) -> None:
    """OIDC Core 9, client_secret_jwt; of concurrent replays one at most passes (esignet#2418)."""
    told = await register(opened, token_endpoint_auth_method="client_secret_jwt")
    now = int(time.time())
    claims = {
        "iss": told["client_id"],
        "sub": told["client_id"],
        "aud": ISSUER,
        "jti": "j",
        "iat": now,
        "exp": now + 60,
    }
    text = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(told["client_secret"]))
    form = {
        "grant_type": "refresh_token",
        "refresh_token": "x",
        "client_assertion": text,
        "client_assertion_type": TYPE,
    }
    answers = await asyncio.gather(*(opened.token(form) for _ in range(10)))
    errors = sorted(each.json()["error"] for each in answers)
    # The one that passed hears of its grant type; the others that they are replays.
    assert errors.count("invalid_client") == 9, errors


async def test_keys_are_found_at_the_clients_own_address(opened: Provider) -> None:
    """OIDC Core 10.1.1: a rotated key is found by its unknown kid; strangers' kids do not make us hammer the host."""
    keys = [ECKey.generate_key("P-256", {"kid": "one"}), ECKey.generate_key("P-256", {"kid": "two"})]
    async with publishing({"keys": [keys[0].as_dict(private=False)]}) as published:
        told = await register(
            opened, token_endpoint_auth_method="private_key_jwt", jwks_uri=published.url + "/jwks"
        )

        async def error(key: ECKey, kid: str) -> str:
            now = int(time.time())
            claims = {
                "iss": told["client_id"],
                "sub": told["client_id"],
                "aud": ISSUER,
                "iat": now,
                "exp": now + 60,
            }
            text = jwt.encode({"alg": "ES256", "kid": kid}, claims | {"jti": f"{kid}{time.time_ns()}"}, key)
            form = {"grant_type": "refresh_token", "refresh_token": "x"}
            form |= {"client_assertion": text, "client_assertion_type": TYPE}
            return str((await opened.token(form)).json()["error"])

        assert await error(keys[0], "one") != "invalid_client"
        assert await error(keys[1], "two") == "invalid_client"
        asked = published.asked
        assert asked == 2
        for number in range(10):
            assert await error(keys[1], f"invented-{number}") == "invalid_client"
        assert published.asked == asked


async def test_a_sector_is_proven_by_its_document(opened: Provider) -> None:
    """OpenID Registration 5: fetched once, after everything else was found right."""
    several = [CALLBACK, "https://other.example/callback"]
    async with publishing(several) as published:
        told = await register(
            opened, redirect_uris=several, sector_identifier_uri=published.url + "/sector.json"
        )
        assert published.asked == 1
        assert told["sector_identifier_uri"] == published.url + "/sector.json"
        published.document = several[:1]
        for members in ({"sector_identifier_uri": published.url + "/x"}, {"jwks": {"keys": []}}):
            body = GOOD | {"redirect_uris": several, "sector_identifier_uri": published.url + "/y"} | members
            assert (await call(opened, "POST", "/register", body)).status_code == 400
        assert published.asked == 2


@pytest.mark.attack
def test_registration_leads_nobody_into_our_network(endpoint_keys: Path) -> None:
    """SSRF (CVE-2026-1180, CVE-2026-4366): a production service refuses by name, before anything is asked."""
    judge = may_fetch(settings_of("x", "x", endpoint_keys, mode=Mode.PRODUCTION).egress())
    for address in (
        *("https://127.0.0.1/x", "https://10.0.0.1/x", "http://app.example/x", "https://localhost/x"),
        *("https://[::1]/x", "https://2130706433/x", "https://app.example:8443/x", "file:///etc/passwd"),
    ):
        assert not judge(address)
    assert judge("https://app.example/x")


@pytest.mark.attack
async def test_people_see_who_asks_and_no_link_that_acts(opened: Provider) -> None:
    """Attack list 4 (CVE-2026-9086): judged at registration and again on the page; nothing is loaded."""
    pages = {
        "client_uri": "https://shop.example/?a=1&b=2",
        "policy_uri": "https://shop.example/chinh-sach",
        "tos_uri": "https://shop.example/dieu-khoan",
        "logo_uri": "https://shop.example/logo.png",
    }
    told = await register(opened, client_name="<b>Cửa hàng</b>", **pages)
    page = await consent_page(opened, told["client_id"])
    assert "Ứng dụng này tự đăng ký" in page
    assert "portal.example" in page
    assert "<b>Cửa hàng" not in page
    for name in ("policy_uri", "tos_uri"):
        assert f'href="{pages[name]}" target="_blank" rel="noopener noreferrer nofollow"' in page
    assert 'href="https://shop.example/?a=1&amp;b=2"' in page
    assert "logo.png" not in page
    # A row that never went through registration.
    storage = opened.app.state.storage
    client = (await storage.loading.load(Needs(client_id=told["client_id"]))).client
    await storage.clients.save(
        replace(
            client,
            client_uri="javascript:alert(1)//https://x",
            policy_uri="data:text/html,x",
            tos_uri="https://user@shop.example/",
        )
    )
    page = await consent_page(opened, told["client_id"])
    assert "javascript:" not in page
    assert "data:text" not in page
    assert "user@shop" not in page


def test_production_is_never_open(endpoint_keys: Path) -> None:
    """Open registration is a demo's; a deployment with people names who may register."""
    unsafe = settings_of(
        "postgresql://x", "redis://x", endpoint_keys, mode=Mode.PRODUCTION, registration=Registration.OPEN
    ).unsafe()
    assert "REGISTRATION" in {each.name for each in unsafe if isinstance(each, UnsafeSetting | SettingsError)}
