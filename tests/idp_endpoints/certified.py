"""Clients and a person as the OpenID Foundation's conformance suite wants them registered."""

from __future__ import annotations

from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import KeySet

from idp.authentication.password import Passwords, Profile
from idp.protocol.oidc_core.flows import HYBRID_TYPES, IMPLICIT_TYPES
from idp.storage.accounts import Secrets
from tests.idp_endpoints.people import CALLBACK, Person, portal
from tests.idp_endpoints.provider import FIELD, PASSWORD, Browser, Provider, basic

SCOPES = frozenset({"openid", "profile", "email", "address", "phone", "offline_access"})
BASIC, POST, OTHER, FRONT = "suite", "suite-post", "suite-second", "suite-front"
SUITE = {
    "scopes": SCOPES,
    "require_pkce": False,
    "require_consent": False,
    "id_token_signed_response_alg": "RS256",
    "backchannel_logout_uri": "http://127.0.0.1:9/backchannel_logout",
}
CLIENTS = (
    portal(BASIC, **SUITE),
    portal(OTHER, **SUITE),
    portal(POST, **SUITE, token_endpoint_auth_method="client_secret_post"),
    portal(
        FRONT,
        **SUITE,
        response_types=frozenset({"code", *HYBRID_TYPES, *IMPLICIT_TYPES}),
        grant_types=frozenset({"authorization_code", "refresh_token", "implicit"}),
    ),
)
NO_PKCE = {"code_challenge": None, "code_challenge_method": None}
MAI = Person(
    "acc-mai",
    "097190000099",
    2,
    email="mai@example.vn",
    profile={
        "name": "Phạm Thị Mai",
        "family_name": "Phạm",
        "middle_name": "Thị",
        "given_name": "Mai",
        "birthdate": "1992-07-08",
        "gender": "female",
        "updated_at": 1_790_000_000,
        "address": {"formatted": "1 Tràng Tiền, Hà Nội", "country": "VN"},
    },
)
PHONE = "+84900000099"


@dataclass(slots=True)
class Suite:
    """The suite's side of a test."""

    provider: Provider

    def browser(self) -> Browser:
        """A fresh browser."""
        return self.provider.browser()

    async def code(self, browser: Browser, **changes: object) -> str:
        """A code for the first client; the request carries no PKCE, as the suite's requests do."""
        return await browser.code(MAI, BASIC, **(NO_PKCE | changes))

    async def tokens(self, browser: Browser, **changes: object) -> dict[str, str]:
        """A whole flow."""
        answer = await self.redeemed(await self.code(browser, **changes))
        assert "access_token" in answer, answer
        return answer

    async def redeemed(self, code: str, client_id: str = BASIC) -> dict[str, str]:
        """What the token endpoint answers."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        answer: dict[str, str] = (await self.provider.token(form, headers=basic(client_id))).json()
        return answer

    async def front(self, browser: Browser, **changes: Any) -> dict[str, str]:
        """The answer of the front-channel client's request, wherever its response mode puts it."""
        response = await browser.authorize(FRONT, **(NO_PKCE | changes))
        if response.headers.get("location", "").startswith("/sign-in"):
            response = await browser.sign_in(MAI, response)
        return parameters_of(response)

    async def id_token(self, text: str) -> dict[str, Any]:
        """The claims of an ID token, by RS256 and the key that its header names."""
        async with self.provider.client() as client:
            keys = KeySet.import_key_set((await client.get("/jwks")).json())
        token = jwt.decode(text, keys, algorithms=["RS256"])
        assert token.header["kid"]
        return token.claims

    async def claims(self, tokens: dict[str, str]) -> dict[str, object]:
        """What UserInfo answers."""
        answer: dict[str, object] = (await self.provider.userinfo(tokens["access_token"])).json()
        return answer


def parameters_of(response: httpx2.Response) -> dict[str, str]:
    """The parameters of an answer in a fragment or in a form; neither leaves any of them in a query."""
    if response.status_code == 200:
        assert f'action="{CALLBACK}"' in response.text
        assert 'method="post"' in response.text
        return {name: unescape(value) for name, value in FIELD.findall(response.text)}
    parts = urlsplit(response.headers["location"])
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == CALLBACK
    # The suite's RejectAuthCodeInUrlQuery and RejectErrorInUrlQuery (OAuth 2.0 Multiple Response Types 5).
    assert parts.query == ""
    return dict(parse_qsl(parts.fragment, strict_parsing=True))


async def enrolled(provider: Provider) -> Suite:
    """The provider with the suite's clients and person."""
    storage = provider.app.state.storage
    for client in CLIENTS:
        await storage.clients.save(client)
    await storage.accounts.save(
        MAI.account_id,
        MAI.number,
        Secrets(None, MAI.email, PHONE),
        level=MAI.level,
        status="active",
        lock_reasons=[],
        password_hash=Passwords(Profile.CHEAPEST).hash(PASSWORD),
        account_type="citizen",
    )
    await storage.accounts.save_profile(MAI.account_id, MAI.profile)
    return Suite(provider)
