"""Everything at every place where it does not belong, over HTTP on the real engines."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from demo.embedded import EmbeddedRedis, running
from idp.domain.policy import Registration
from idp.domain.writes import NotifyLogout
from idp.endpoints.exchange import Exchange
from idp.endpoints.notices import logout_signer
from keys import KeyPurpose, KeyRing, base64url
from tests.engines import MakeDatabase
from tests.idp_endpoints.conftest import served
from tests.idp_endpoints.dpop import Holder
from tests.idp_endpoints.people import AN, CALLBACK, REGISTRY, portal
from tests.idp_endpoints.provider import ISSUER, Provider, answer_of, basic, challenge
from tests.idp_endpoints.registering import call, own, register, tokens_of

pytestmark = [pytest.mark.engine, pytest.mark.attack]
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ACCESS_TYPE = "urn:ietf:params:oauth:token-type:access_token"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
CIBA = "urn:openid:params:grant-type:ciba"
KEY = ECKey.generate_key("P-256", {"kid": "all-1", "use": "sig", "alg": "ES256"})
EVERYTHING = portal(
    "everything",
    token_endpoint_auth_method="private_key_jwt",
    secret_hash=None,
    jwks={"keys": [KEY.as_dict(private=False)]},
    grant_types=frozenset({"authorization_code", "refresh_token", EXCHANGE, CIBA}),
    scopes=frozenset({"openid", "profile", "delegation", "introspection"}),
    backchannel_token_delivery_mode="poll",
    backchannel_authentication_request_signing_alg="ES256",
    userinfo_signed_response_alg="ES256",
)


@pytest.fixture(scope="module", autouse=True)
async def _client(provider: Provider) -> None:
    await provider.app.state.storage.clients.save(EVERYTHING)


@pytest.fixture
def redis_alone(engines_folder: Path) -> Iterator[str]:
    """A Redis for one provider of its own."""
    server = EmbeddedRedis(engines_folder / "redis-confusion", durable=False)
    with running(server):
        yield server.url()


def of_client(typ: str | None = None, **changes: Any) -> str:
    """A JWT of the client."""
    now = int(time.time())
    claims = {"iss": "everything", "aud": ISSUER, "iat": now, "nbf": now, "exp": now + 200} | changes
    header = {"alg": "ES256", "kid": "all-1"} | ({"typ": typ} if typ else {})
    return jwt.encode(header, {"jti": secrets.token_urlsafe(16)} | claims, KEY)


def assertion() -> dict[str, str]:
    """The client proves itself."""
    return {
        "client_assertion": of_client(sub="everything"),
        "client_assertion_type": ASSERTION_TYPE,
    }


async def post(provider: Provider, path: str, form: dict[str, str], **headers: str) -> httpx2.Response:
    """One form."""
    async with provider.client() as client:
        return await client.post(path, data=form, headers=headers)


async def every_jwt(provider: Provider) -> dict[str, str]:
    """One good JWT of each kind: ours as they were issued, the client's as it would send them."""
    browser = provider.browser()
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code_verifier": "v" * 43}
    code = await browser.code(AN, "everything", scope="openid profile")
    ours = (await post(provider, "/token", form | {"code": code, "resource": REGISTRY} | assertion())).json()
    code = await browser.code(AN, "everything", scope="openid profile")
    opaque = (await post(provider, "/token", form | {"code": code} | assertion())).json()
    claims = await provider.userinfo(opaque["access_token"])
    code_jwt = (await browser.authorize("everything", response_mode="query.jwt")).headers["location"]
    introspected = await post(
        provider,
        "/introspect",
        {"token": ours["access_token"]} | assertion(),
        Accept="application/token-introspection+jwt",
    )
    services = provider.app.state.services
    sign = logout_signer(services.ring, services.policy, {"everything": EVERYTHING}.get)
    request = {
        "client_id": "everything", "response_type": "code", "redirect_uri": CALLBACK, "scope": "openid",
        "code_challenge": challenge(), "code_challenge_method": "S256",
    }  # a table, read by rows  # fmt: skip
    return {
        "id_token": ours["id_token"],
        "access_token": ours["access_token"],
        "userinfo": claims.text,
        "response": answer_of(await browser.authorize("everything", response_mode="query.jwt"))["response"]
        if code_jwt
        else "",
        "introspection": introspected.text,
        "logout_token": await sign(NotifyLogout("everything", "http://127.0.0.1:9", "s" * 43, "sid")),
        "assertion": of_client(sub="everything"),
        "request_object": of_client("oauth-authz-req+jwt", **request),
        "untyped_request_object": of_client(**request),
        "ciba_request": of_client(scope="openid", login_hint="s" * 43, binding_message="4821"),
        "hint_token": of_client(sub_id={"format": "opaque", "id": "s" * 43}),
        "proof": Holder(provider).proof(),
    }


PLACES: dict[str, tuple[set[str], Any]] = {
    "id_token_hint at /par": (
        {"id_token"},
        lambda token: ("/par", {"response_type": "code", "redirect_uri": CALLBACK, "scope": "openid",
                                "code_challenge": challenge(), "code_challenge_method": "S256",
                                "id_token_hint": token} | assertion()),
    ),
    "request at /par": (
        {"request_object", "untyped_request_object"},
        lambda token: ("/par", {"request": token} | assertion()),
    ),
    "client_assertion": (
        {"assertion"},
        lambda token: ("/par", {"response_type": "code", "redirect_uri": CALLBACK, "scope": "openid",
                                "code_challenge": challenge(), "code_challenge_method": "S256",
                                "client_assertion": token, "client_assertion_type": ASSERTION_TYPE}),
    ),
    "request at /bc-authorize": (
        {"ciba_request"},
        lambda token: ("/bc-authorize", {"request": token} | assertion()),
    ),
    "login_hint_token": (
        {"hint_token"},
        lambda token: ("/bc-authorize", {"request": of_client(scope="openid", binding_message="4821",
                                                              login_hint_token=token)} | assertion()),
    ),
    "id_token_hint at /bc-authorize": (
        {"id_token"},
        lambda token: ("/bc-authorize", {"request": of_client(scope="openid", binding_message="4821",
                                                              id_token_hint=token)} | assertion()),
    ),
    "refresh_token": (
        set(),
        lambda token: ("/token", {"grant_type": "refresh_token", "refresh_token": token} | assertion()),
    ),
    "code": (
        set(),
        lambda token: ("/token", {"grant_type": "authorization_code", "code": token,
                                  "redirect_uri": CALLBACK, "code_verifier": "v" * 43} | assertion()),
    ),
    "auth_req_id": (set(), lambda token: ("/token", {"grant_type": CIBA, "auth_req_id": token} | assertion())),
    "subject_token and actor_token": (
        set(),
        lambda token: ("/token", {"grant_type": EXCHANGE, "subject_token": token, "actor_token": token,
                                  "subject_token_type": ACCESS_TYPE, "actor_token_type": ACCESS_TYPE}
                       | assertion()),
    ),
}  # a table, read by rows  # fmt: skip
"""Where a JWT may be shown: which kinds count there, and the request."""


@pytest.fixture
async def shown(provider: Provider) -> dict[str, str]:
    """One good JWT of each kind, made for this test: they live for minutes, which the others may take too."""
    return await every_jwt(provider)


@pytest.mark.parametrize("place", PLACES)
async def test_every_jwt_counts_at_its_own_place_only(
    provider: Provider, shown: dict[str, str], place: str
) -> None:
    """RFC 8725 3.11 and 3.12, attack 21: twelve kinds at ten places; what does not belong is refused, never a 500."""
    belongs, made = PLACES[place]
    # What is spent where it belongs is made anew; the others are shown first.
    for kind in sorted(shown, key=lambda each: each in belongs):
        path, form = made(shown[kind])
        answer = await post(provider, path, form)
        assert answer.status_code < 500, (kind, answer.text)
        if kind in belongs:
            assert answer.is_success, (kind, answer.text)
        else:
            assert 400 <= answer.status_code < 500, (kind, answer.text)


async def test_no_other_jwt_opens_a_resource_or_says_anything(
    provider: Provider, shown: dict[str, str]
) -> None:
    """RFC 9068 section 5: at UserInfo, introspection, revocation and a client's own registration."""
    for kind, token in shown.items():
        assert (await provider.userinfo(token)).status_code == 401, kind
        told = await post(provider, "/introspect", {"token": token} | assertion())
        assert told.json()["active"] is (kind == "access_token"), kind
        for method in ("GET", "PUT", "DELETE"):
            assert (await call(provider, method, "/register/everything", {}, token)).status_code == 401, kind
    for kind, token in shown.items():
        if kind != "access_token":
            assert (await post(provider, "/revoke", {"token": token} | assertion())).status_code == 200
    alive = await post(provider, "/introspect", {"token": shown["access_token"]} | assertion())
    assert alive.json()["active"] is True, "no revocation of anything else reached its grant"


async def bottomless(size: int) -> AsyncIterator[bytes]:
    """A body without a length."""
    for _ in range(size // 8_192):
        yield b"a=" + b"x" * 8_189 + b"&"


@pytest.mark.parametrize(
    "path",
    ["/token", "/par", "/introspect", "/revoke", "/device_authorization", "/bc-authorize", "/register",
     "/userinfo", "/authorize", "/continue", "/device", "/device/answer", "/logout", "/sign-in", "/consent",
     "/account/approvals"],
)  # a table, read by rows  # fmt: skip
async def test_no_endpoint_reads_a_huge_or_bottomless_body(provider: Provider, path: str) -> None:
    """Attack 58: before anything is parsed, with a length and without, whoever asks."""
    kind = "application/json" if path == "/register" else "application/x-www-form-urlencoded"
    async with provider.client() as client:
        for body in (b"a=" + b"x" * 2_000_000, bottomless(2_000_000)):
            answer = await client.post(path, content=body, headers={"Content-Type": kind})
            assert answer.status_code in {404, 405, 413}, (path, answer.status_code)
        deep = await client.post(path, content=b'{"a":' * 12_000, headers={"Content-Type": kind})
        assert deep.status_code < 500, deep.text


async def test_a_turn_of_the_keys_in_the_middle_loses_nothing(
    make_database: MakeDatabase, redis_alone: str, tmp_path: Path
) -> None:
    """Attack 60: code, refresh token, JWT and hint of before the turn are as good as ever after it."""
    folder = tmp_path / "turning"
    KeyRing.create(folder, profile="idp", mode="demo")
    async with served(await make_database("idp_turning"), redis_alone, folder) as provider:
        browser = provider.browser()
        first = (await provider.redeem(await browser.code(AN), resource=REGISTRY)).json()
        code = await browser.code(AN)
        before = provider.app.state.services.ring.jwks()["keys"]
        elsewhere = KeyRing.open(folder, mode="demo")
        for purpose in (KeyPurpose.ID_TOKEN, KeyPurpose.ACCESS_TOKEN, KeyPurpose.REQUEST_OBJECT):
            elsewhere.rotate(purpose)
        assert elsewhere.rotate_due(now=datetime.now(UTC) + timedelta(hours=25))
        second = (await provider.redeem(code)).json()
        assert header_of(second["id_token"])["kid"] != header_of(first["id_token"])["kid"]
        published = {key["kid"] for key in provider.app.state.services.ring.jwks()["keys"]}
        assert {key["kid"] for key in before if key["use"] == "sig"} <= published, (
            "whoever verifies later still finds the key"
        )
        told = await introspection(provider, first["access_token"])
        assert told["active"] is True
        assert (await provider.refresh(first["refresh_token"])).status_code == 200
        hinted = await browser.authorize(prompt="none", id_token_hint=first["id_token"])
        assert "code" in answer_of(hinted)


def header_of(token: str) -> dict[str, Any]:
    """What a JWT says of itself."""
    return dict(orjson.loads(base64url.decode(token.partition(".")[0].encode())))


async def introspection(provider: Provider, token: str) -> dict[str, Any]:
    """What the token's own client learns."""
    async with provider.client() as client:
        response = await client.post("/introspect", data={"token": token}, headers=basic("portal"))
    return dict(response.json())


async def test_a_client_that_ends_takes_what_is_being_issued_along(
    make_database: MakeDatabase, redis_alone: str, endpoint_keys: Path
) -> None:
    """RFC 7592 2.3, attack 53: DELETE against refreshes and introspection at the same moment."""
    database = await make_database("idp_ending")
    async with served(database, redis_alone, endpoint_keys, registration=Registration.OPEN) as provider:
        for _ in range(5):
            told = await register(provider, grant_types=["authorization_code", "refresh_token"])
            tokens = await tokens_of(provider, told)
            headers = basic(told["client_id"], told["client_secret"])
            form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
            path, token = own(told)
            *refreshed, deleted = await asyncio.gather(
                *(provider.token(form, headers=headers) for _ in range(8)),
                call(provider, "DELETE", path, token=token),
            )
            assert deleted.status_code == 204
            given = [each.json()["access_token"] for each in refreshed if each.status_code == 200]
            assert all(each.status_code in {200, 400, 401, 503} for each in refreshed)
            for each in (*given, tokens["access_token"]):
                assert (await provider.userinfo(each)).status_code == 401
            assert (await provider.token(form, headers=headers)).status_code == 401
            assert (await call(provider, "GET", path, token=token)).status_code == 401


async def test_no_key_of_a_stranger_is_more_than_the_stores_can_hold(
    make_database: MakeDatabase, redis_alone: str, endpoint_keys: Path
) -> None:
    """Attacks 24 and 58: a NUL in a kid, which PostgreSQL's JSON cannot hold, and clients of 60 kB each."""
    public = KEY.as_dict(private=False)
    database = await make_database("idp_holding")
    async with served(database, redis_alone, endpoint_keys, registration=Registration.OPEN) as provider:
        for odd in ({"kid": "a\0b"}, {"x5c": ["\0"]}, {"use": "\0"}, {"x5t#S256": {"a": "\0"}}):
            body = {"redirect_uris": [CALLBACK], "jwks": {"keys": [public | odd]}}
            answer = await call(provider, "POST", "/register", body)
            assert answer.status_code == 400, (odd, answer.text)
            assert answer.json()["error"] == "invalid_client_metadata"
        for size in (9_000, 20_000, 60_000):
            body = {"redirect_uris": [CALLBACK], "jwks": {"keys": [public | {"x5c": ["A" * size]}]}}
            answer = await call(provider, "POST", "/register", body)
            assert answer.status_code in ({400} if size < 16_384 else {413}), (size, answer.text)
        assert (await call(provider, "POST", "/register", {"redirect_uris": [CALLBACK]})).status_code == 201


def test_lines_of_a_forwarded_header_are_one_list(provider: Provider) -> None:
    """RFC 9110 5.3, attack 10: a client that writes the header itself moves nobody into the proxy's own bucket."""

    def address(*lines: bytes, hops: int = 1) -> str:
        services = provider.app.state.services
        behind = replace(services, settings=replace(services.settings, forwarded_hops=hops))
        scope = {"headers": [(b"x-forwarded-for", line) for line in lines], "client": ("10.0.0.1", 1)}
        return Exchange(scope, lambda: None, behind).address  # type: ignore[arg-type, return-value]  # nothing is received

    assert address(b"203.0.113.9") == "203.0.113.9"
    assert address(b"198.51.100.7", b"203.0.113.9") == "203.0.113.9", "the proxy's own line is the last"
    assert address(b"198.51.100.7, 203.0.113.9") == "203.0.113.9"
    assert address(b"203.0.113.9, 192.0.2.1", hops=2) == "203.0.113.9"
    for wrong in ((), (b"",), (b"nonsense",), (b"203.0.113.9", b"x")):
        assert address(*wrong) == "10.0.0.1"
    assert address(b"203.0.113.9", hops=0) == "10.0.0.1"
