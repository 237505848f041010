"""``/registry-events`` through HTTP: only the registry's signature counts."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from idp.accounts.registry_events import PREFIX
from idp.registry import HttpRegistry
from idp.shell import Services
from tests.idp_endpoints.people import AN
from tests.idp_endpoints.provider import ISSUER, Provider, answer_of
from tests.tampering import altered

KEY = ECKey.generate_key("P-256", {"kid": "registry-1", "use": "sig", "alg": "ES256"})
STRANGER = ECKey.generate_key("P-256", {"kid": "registry-1", "use": "sig", "alg": "ES256"})
REGISTRY = "http://127.0.0.1:9"
DEATH = f"{PREFIX}death"
WITHDRAWN, RETURNED = f"{PREFIX}card-withdrawn", f"{PREFIX}card-returned"


@pytest.fixture
def heard(provider: Provider) -> Iterator[Provider]:
    """The provider, with a registry that publishes its key."""
    services: Services = provider.app.state.services
    transport = httpx2.MockTransport(
        lambda _: httpx2.Response(200, json={"keys": [KEY.as_dict(private=False)]})
    )
    registry = HttpRegistry(REGISTRY, ISSUER, services.ring, transport=transport)
    provider.app.state.services = replace(services, registry=registry)
    yield provider
    provider.app.state.services = services


def token(*kinds: str, key: ECKey = KEY, typ: str = "secevent+jwt", **changes: Any) -> bytes:
    """A signed event."""
    claims = {
        "iss": REGISTRY,
        "aud": ISSUER,
        "iat": int(time.time()),
        "jti": secrets.token_urlsafe(16),
        "sub_id": {"format": "opaque", "id": AN.number},
        "events": {kind: {} for kind in kinds},
    } | changes
    header = {"alg": "ES256", "kid": "registry-1", "typ": typ}
    return jws.serialize_compact(header, json.dumps(claims), key).encode()


async def push(provider: Provider, body: bytes, kind: str = "application/secevent+jwt") -> Any:
    """Post it."""
    async with provider.client() as client:
        return await client.post("/registry-events", content=body, headers={"content-type": kind})


@pytest.mark.attack
async def test_a_withdrawn_card_ends_everything_until_it_is_back(heard: Provider) -> None:
    """Attack 28; Law on Identity 26/2023, Art. 34(1)(c): at once; new sign-ins when it is back."""
    browser = heard.browser()
    tokens = (await heard.redeem(await browser.code(AN))).json()
    answer = await push(heard, token(WITHDRAWN))
    assert (answer.status_code, answer.content) == (202, b"")
    assert (await heard.userinfo(tokens["access_token"])).status_code == 401
    assert (await heard.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert answer_of(await browser.authorize(prompt="none"))["error"] == "login_required"
    assert (await push(heard, token(RETURNED))).status_code == 202
    assert (await heard.userinfo(tokens["access_token"])).status_code == 401, "what ended stays ended"
    assert (await heard.redeem(await heard.browser().code(AN))).status_code == 200


@pytest.mark.attack
async def test_only_the_registry_is_believed(heard: Provider) -> None:
    """RFC 8935 section 2.4: another key, type, issuer or audience moves nothing."""
    tokens = (await heard.redeem(await heard.browser().code(AN))).json()
    for body, err in (
        (token(DEATH, key=STRANGER), "invalid_key"),
        (token(DEATH, typ="identity-receipt+jwt"), "invalid_key"),
        (altered(token(DEATH).decode()).encode(), "invalid_key"),
        (b"\xff\xfe", "invalid_key"),
        (b"", "invalid_key"),
        (token(DEATH, iss=ISSUER), "invalid_issuer"),
        (token(DEATH, aud=[ISSUER]), "invalid_audience"),
        (token(DEATH, sub_id={"format": "opaque", "id": "1"}), "invalid_request"),
    ):
        answer = await push(heard, body)
        assert (answer.status_code, answer.json()["err"]) == (400, err)
    assert (await push(heard, token(DEATH), "application/jwt")).json()["err"] == "invalid_request"
    assert (await push(heard, b"x" * 20_000)).status_code == 413
    assert (await heard.userinfo(tokens["access_token"])).status_code == 200


async def test_nobody_learns_who_has_an_account(heard: Provider) -> None:
    """RFC 8935 section 2.2: about nobody with an account, or of an unknown kind: taken all the same."""
    stranger = {"format": "opaque", "id": "099194999999"}
    assert (await push(heard, token(DEATH, sub_id=stranger))).status_code == 202
    assert (await push(heard, token("https://elsewhere.example/event"))).status_code == 202


async def test_a_registry_without_keys_is_asked_again(provider: Provider) -> None:
    """RFC 8935 section 2: not a refusal, for the registry must send it again."""
    assert (await push(provider, token(DEATH))).status_code == 503
