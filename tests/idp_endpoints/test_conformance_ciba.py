"""The modules of the FAPI-CIBA (implementer's draft 1) plan in poll mode, and those of ping that judge a request.

The suite's clients sign every request (FAPI-CIBA 5.2.2) and authenticate by private_key_jwt; certificate-bound tokens
are in ``tests/idp_endpoints/test_mtls.py``, the ping itself in ``tests/idp_pages/test_approvals.py``.
"""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey

from idp.authentication.password import Passwords, Profile
from idp.protocol.decoupled_grant import CIBA
from idp.storage.accounts import Secrets
from tests.idp_endpoints.fapi_client import ASSERTION_TYPE
from tests.idp_endpoints.people import portal
from tests.idp_endpoints.provider import FIELD, ISSUER, PASSWORD, Provider
from tests.idp_storage.samples import fresh_number
from tests.tampering import altered

pytestmark = pytest.mark.engine


@dataclass
class Counter:
    """A client of the suite and the one person whom it asks; every part of what it sends may be spoiled."""

    provider: Provider
    client_id: str
    key: ECKey = field(repr=False)
    number: str = field(default_factory=fresh_number)

    @classmethod
    async def register(cls, provider: Provider, **changes: Any) -> Counter:
        """A client of its own."""
        key = ECKey.generate_key("P-256", {"kid": "ciba-1", "use": "sig", "alg": "ES256"})
        made = cls(provider, f"ciba-{secrets.token_hex(4)}", key)
        values = {
            "redirect_uris": (),
            "response_types": frozenset(),
            "grant_types": frozenset({CIBA, "refresh_token"}),
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": "ES256",
            "secret_hash": None,
            "jwks": {"keys": [key.as_dict(private=False)]},
            "backchannel_token_delivery_mode": "poll",
            "backchannel_authentication_request_signing_alg": "ES256",
        } | changes
        storage = provider.app.state.storage
        await storage.clients.save(portal(made.client_id, **values))
        # At most three requests may wait for one person, so each test has its own.
        await storage.accounts.save(
            f"acc-{made.number}",
            made.number,
            Secrets(None, None, None),
            level=2,
            status="active",
            lock_reasons=[],
            password_hash=Passwords(Profile.CHEAPEST).hash(PASSWORD),
            account_type="citizen",
        )
        return made

    def signed(self, claims: dict[str, Any], header: dict[str, Any] | None = None, key: Any = None) -> str:
        """A JWT of this client; None removes a claim."""
        kept = {name: value for name, value in claims.items() if value is not None}
        head = {"alg": "ES256", "kid": "ciba-1"} | (header or {})
        return jwt.encode(head, kept, key or self.key, algorithms=[head["alg"]])

    def assertion(self, **changes: Any) -> dict[str, str]:
        """RFC 7523."""
        now = int(time.time())
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": ISSUER, "iat": now, "exp": now + 60}
        text = self.signed(claims | {"jti": secrets.token_urlsafe(16)} | changes)
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": text}

    def request(self, header: dict[str, Any] | None = None, key: Any = None, **changes: Any) -> str:
        """CIBA 7.1.1."""
        now = int(time.time())
        claims = {
            "iss": self.client_id,
            "aud": ISSUER,
            "iat": now,
            "nbf": now,
            "exp": now + 300,
            "jti": secrets.token_urlsafe(16),
            "scope": "openid profile",
            "login_hint": self.number,
            "binding_message": "1234",
        }
        return self.signed(claims | changes, header, key)

    async def ask(self, request: str | None = None, **form: str) -> httpx2.Response:
        """The backchannel authentication endpoint."""
        body = {"request": request or self.request()} | (form or self.assertion())
        async with self.provider.client() as http:
            return await http.post("/bc-authorize", data=body)

    async def poll(self, auth_req_id: str, **form: str) -> httpx2.Response:
        """The token endpoint."""
        return await self.provider.token(
            {"grant_type": CIBA, "auth_req_id": auth_req_id} | (form or self.assertion())
        )


@pytest.fixture
async def counter(provider: Provider) -> Counter:
    """A registered client."""
    return await Counter.register(provider)


async def answered(counter: Counter, answer: str) -> None:
    """The person answers on the page of the account."""
    browser = counter.provider.browser()
    sent = await browser.http.get("/account/approvals")
    page = await browser.http.get(sent.headers["location"])
    start = page.text.index('<form method="post" action="/sign-in"')
    form = dict(FIELD.findall(page.text[start:])) | {"personal_number": counter.number, "password": PASSWORD}
    assert (await browser.http.post("/sign-in", data=form)).status_code == 303
    page = await browser.http.get("/account/approvals")
    start = page.text.index('action="/account/approvals"')
    form = dict(FIELD.findall(page.text[start:])) | {"answer": answer}
    done = await browser.http.post("/account/approvals", data=form)
    assert done.headers["location"].endswith(f"done={answer}"), done.text


async def test_the_happy_flow(counter: Counter) -> None:
    """fapi-ciba-id1: pending, then tokens; JSON, no-store, an ID token with kid, at_hash and no c_hash (10.1)."""
    said = await counter.ask()
    assert said.status_code == 200, said.text
    assert said.headers["content-type"] == "application/json"
    assert said.headers["cache-control"] == "no-store"
    document = said.json()
    assert len(document["auth_req_id"]) >= 64
    assert document["expires_in"] > 0
    assert document["interval"] >= 1
    pending = await counter.poll(document["auth_req_id"])
    assert (pending.status_code, pending.json()["error"]) == (400, "authorization_pending")
    # -multiple-call-to-token-endpoint: at once again.
    hasty = await counter.poll(document["auth_req_id"])
    assert hasty.json()["error"] in {"slow_down", "authorization_pending", "invalid_request"}
    await answered(counter, "approve")
    issued = await counter.poll(document["auth_req_id"])
    assert issued.status_code == 200, issued.text
    assert issued.headers["cache-control"] == "no-store"
    token = jws.extract_compact(issued.json()["id_token"].encode())
    claims = json.loads(token.payload)
    assert token.headers()["kid"]
    assert (claims["iss"], claims["aud"]) == (ISSUER, counter.client_id)
    assert not claims.keys() & {"c_hash", "s_hash", "urn:openid:params:jwt:claim:auth_req_id"}
    assert (await counter.provider.userinfo(issued.json()["access_token"])).json()["sub"] == claims["sub"]
    again = await counter.poll(document["auth_req_id"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


async def test_a_person_says_no(counter: Counter) -> None:
    """-user-rejects-authentication: access_denied (CIBA 11)."""
    waiting = (await counter.ask()).json()["auth_req_id"]
    await answered(counter, "deny")
    refused = await counter.poll(waiting)
    assert (refused.status_code, refused.json()["error"]) == (400, "access_denied")


async def test_an_auth_req_id_of_another_client(counter: Counter) -> None:
    """-ensure-wrong-auth-req-id-in-token-endpoint-request: invalid_grant (CIBA 11)."""
    waiting = (await counter.ask()).json()["auth_req_id"]
    other = await Counter.register(counter.provider)
    refused = await other.poll(waiting)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


SPOILED: dict[str, dict[str, Any]] = {
    "missing-iss": {"iss": None},
    "bad-iss": {"iss": "another"},
    "missing-aud": {"aud": None},
    "bad-aud": {"aud": "https://suite.example"},
    "missing-exp": {"exp": None},
    "expired-exp": {"exp": -300, "nbf": -600},
    "exp-is-70-minutes-in-future": {"exp": 4_200},
    "missing-iat": {"iat": None},
    "missing-nbf": {"nbf": None},
    "nbf-is-10-minutes-in-future": {"nbf": 600},
    "nbf-is-70-minutes-in-past": {"nbf": -4_200},
    "missing-jti": {"jti": None},
    "multiple-hints": {"id_token_hint": "e30.e30.x"},
}


@pytest.mark.parametrize("name", SPOILED)
async def test_request_objects_that_are_refused(counter: Counter, name: str) -> None:
    """-ensure-request-object-<name>-fails, -with-multiple-hints-fails: 400 invalid_request (7.1.1, 13)."""
    now = int(time.time())
    changes = {
        member: now + value if isinstance(value, int) else value for member, value in SPOILED[name].items()
    }
    refused = await counter.ask(counter.request(**changes))
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    assert set(refused.json()) <= {"error", "error_description", "error_uri"}


async def test_signatures_of_request_objects(counter: Counter) -> None:
    """-signature-algorithm-is-none/-rs256/-bad-fails, -signed-by-other-client-fails, -without-request-fails."""
    other = await Counter.register(counter.provider)
    weak = RSAKey.generate_key(2048, {"kid": "ciba-1"})
    good = counter.request()
    _, body, _ = good.split(".")
    for text in (
        f"eyJhbGciOiJub25lIn0.{body}.",
        altered(good),
        counter.request({"alg": "RS256"}, weak),
        counter.request(key=other.key),
    ):
        refused = await counter.ask(text)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    plain = {"scope": "openid", "login_hint": counter.number, "binding_message": "1234"} | counter.assertion()
    async with counter.provider.client() as http:
        refused = await http.post("/bc-authorize", data=plain)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")


async def test_assertions(counter: Counter) -> None:
    """-without-client-assertion-…-fails, -invalid-client-assertions-…-fail, -with-iss-aud-succeeds (CIBA 7.1)."""
    for audience in (ISSUER, ISSUER + "/token", ISSUER + "/bc-authorize"):
        assert (await counter.ask(**counter.assertion(aud=audience))).status_code == 200
    now = int(time.time())
    for changes in ({"aud": "https://suite.example"}, {"exp": now - 300}, {"sub": None}, {"jti": None}):
        refused = await counter.ask(**counter.assertion(**changes))
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client"), changes
    bare = await counter.ask(client_id=counter.client_id)
    assert (bare.status_code, bare.json()["error"]) == (401, "invalid_client")
    bare = await counter.poll("x" * 64, client_id=counter.client_id)
    assert (bare.status_code, bare.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"binding_message": "1234"}, None),
        ({"binding_message": "1234 \U0001f44d\U0001f3ff 品川 Lor"}, "invalid_binding_message"),
        ({"scope": "profile openid"}, None),
        ({"requested_expiry": 30}, None),
        ({"requested_expiry": "30"}, None),
        ({"login_hint": None}, "invalid_request"),
        ({"acr_values": "urn:example:vn:acr:l2-a1"}, None),
    ],
)
async def test_parameters(counter: Counter, changes: dict[str, Any], error: str | None) -> None:
    """-with-binding-message-succeeds, -potentially-bad-binding-message, -scope-order, -requested-expiry-as-string."""
    said = await counter.ask(counter.request({"typ": "oauth-authz-req+jwt"}, **changes))
    assert (said.status_code, said.json().get("error")) == (200 if error is None else 400, error)
    if "requested_expiry" in changes:
        assert said.json()["expires_in"] == 30


async def test_ping_clients_bring_a_token(provider: Provider) -> None:
    """The ping variant: client_notification_token is REQUIRED there (CIBA 7.1)."""
    address = "http://127.0.0.1:9/ciba-notification-endpoint"
    counter = await Counter.register(
        provider, backchannel_token_delivery_mode="ping", backchannel_client_notification_endpoint=address
    )
    refused = await counter.ask()
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")


async def test_the_document(provider: Provider) -> None:
    """fapi-ciba-id1-discovery-end-point-verification: CIBA 4's members; PS256 or ES256; the grant type."""
    async with provider.client() as http:
        document = (await http.get("/.well-known/openid-configuration")).json()
    assert document["backchannel_authentication_endpoint"] == f"{ISSUER}/bc-authorize"
    assert {"poll", "ping"} <= set(document["backchannel_token_delivery_modes_supported"])
    assert CIBA in document["grant_types_supported"]
    algorithms = set(document["backchannel_authentication_request_signing_alg_values_supported"])
    assert {"PS256", "ES256"} <= algorithms
    assert not algorithms & {"none", "RS256"}
    assert document["backchannel_user_code_parameter_supported"] is False
