"""What is measured: each scenario prepares its requests for one side, unmeasured, and the runner sends them."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from benchmarks.clients import CALLBACK, CHALLENGE, PLAIN, REFRESHING, SERVICE, SIGNING, VERIFIER, BenchClient
from benchmarks.load import Prepared, prepare, run

CODE: Final = re.compile(rb"[?&]code=([A-Za-z0-9_.~-]+)")


@dataclass(frozen=True, slots=True)
class Side:
    """One provider: issuer, port, endpoint paths, a signed-in browser's Cookie header, the registry's audience."""

    issuer: str
    port: int
    paths: Mapping[str, str]
    cookie: str
    registry: str
    redirect_status: int = 303

    def url(self, name: str) -> str:
        """The address of an endpoint."""
        return self.issuer + self.paths[name]

    def authorize(self, client: BenchClient, resource: str | None) -> Prepared:
        """An authorization request by the signed-in browser."""
        url = self.authorize_url(client, resource)
        return prepare(url, headers=[("Cookie", self.cookie)], status=self.redirect_status)

    def authorize_url(self, client: BenchClient, resource: str | None) -> str:
        """The address of an authorization request."""
        query = {
            "client_id": client.client_id,
            "response_type": "code",
            "scope": "openid profile registry:verify" if resource else "openid profile",
            "redirect_uri": CALLBACK,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            "state": "mot-gia-tri-trang-thai",
            "nonce": "mot-gia-tri-nonce",
        }
        if resource:
            query["resource"] = resource
        return f"{self.url('authorize')}?{urlencode(query)}"

    def post(self, name: str, client: BenchClient, **values: str) -> Prepared:
        """A form post by a client."""
        body = client.form(self.issuer, **values)
        return prepare(self.url(name), method="POST", headers=client.headers(), body=body)

    async def codes(self, client: BenchClient, count: int, resource: str | None = None) -> list[str]:
        """Fresh authorization codes."""
        done = await run(self.port, [self.authorize(client, resource)] * count, keep=True)
        found = [CODE.search(head) for head in done.heads]
        if not all(found):
            refusal = next(head for head, match in zip(done.heads, found, strict=True) if match is None)
            raise RuntimeError(f"no code at {self.issuer}: {refusal.decode()}")
        return [match.group(1).decode() for match in found if match is not None]

    async def code_requests(
        self, client: BenchClient, count: int, resource: str | None = None
    ) -> list[Prepared]:
        """Token requests, one for each fresh code."""
        extra = {"resource": resource} if resource else {}
        return [
            self.post(
                "token",
                client,
                grant_type="authorization_code",
                code=code,
                redirect_uri=CALLBACK,
                code_verifier=VERIFIER,
                **extra,
            )
            for code in await self.codes(client, count, resource)
        ]

    async def tokens(self, client: BenchClient, count: int) -> list[Mapping[str, Any]]:
        """Token answers for fresh codes."""
        done = await run(self.port, await self.code_requests(client, count), keep=True)
        return [json.loads(body) for body in done.bodies]


Prepare = Callable[[Side, int], Awaitable[list[Prepared]]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row of the report."""

    name: str
    title: str
    prepare: Prepare


async def authorize_with_session(side: Side, count: int) -> list[Prepared]:
    """A signed-in browser gets a code at once."""
    return [side.authorize(PLAIN, None)] * count


async def code_for_tokens(side: Side, count: int) -> list[Prepared]:
    """Code and PKCE for an opaque access token and an ES256 ID token."""
    return await side.code_requests(PLAIN, count)


async def code_with_refresh(side: Side, count: int) -> list[Prepared]:
    """The same with a refresh token."""
    return await side.code_requests(REFRESHING, count)


async def code_for_jwt(side: Side, count: int) -> list[Prepared]:
    """A JWT access token for the registry, with a refresh token."""
    return await side.code_requests(REFRESHING, count, side.registry)


async def code_with_assertion(side: Side, count: int) -> list[Prepared]:
    """private_key_jwt instead of a secret, with a refresh token."""
    return await side.code_requests(SIGNING, count)


async def refresh(side: Side, count: int) -> list[Prepared]:
    """Each refresh token is used once and rotates."""
    return [
        side.post("token", REFRESHING, grant_type="refresh_token", refresh_token=each["refresh_token"])
        for each in await side.tokens(REFRESHING, count)
    ]


async def client_credentials(side: Side, count: int) -> list[Prepared]:
    """A JWT access token for the portal itself."""
    values = {"grant_type": "client_credentials", "scope": "registry:verify", "resource": side.registry}
    return [side.post("token", SERVICE, **values)] * count


async def introspect(side: Side, count: int) -> list[Prepared]:
    """Is this opaque token alive?"""
    tokens = await side.tokens(PLAIN, 50)
    return [
        side.post("introspect", PLAIN, token=tokens[each % len(tokens)]["access_token"])
        for each in range(count)
    ]


async def userinfo(side: Side, count: int) -> list[Prepared]:
    """Claims by an opaque token."""
    tokens = await side.tokens(PLAIN, 50)
    return [
        prepare(
            side.url("userinfo"),
            headers=[("Authorization", f"Bearer {tokens[each % len(tokens)]['access_token']}")],
        )
        for each in range(count)
    ]


async def revoke(side: Side, count: int) -> list[Prepared]:
    """Each access token is revoked once."""
    return [
        side.post("revoke", PLAIN, token=each["access_token"]) for each in await side.tokens(PLAIN, count)
    ]


async def jwks(side: Side, count: int) -> list[Prepared]:
    """The public keys."""
    return [prepare(side.url("jwks"))] * count


async def discovery(side: Side, count: int) -> list[Prepared]:
    """The metadata document."""
    return [prepare(side.url("discovery"))] * count


SCENARIOS: Final = (
    Scenario("authorize", "authorize with a session", authorize_with_session),
    Scenario("code", "code + PKCE → opaque AT + ID token", code_for_tokens),
    Scenario("code-refresh", "… + refresh token", code_with_refresh),
    Scenario("code-jwt", "code → JWT AT + refresh token + ID token", code_for_jwt),
    Scenario("code-assertion", "code by private_key_jwt, + refresh token", code_with_assertion),
    Scenario("refresh", "refresh with rotation", refresh),
    Scenario("client-credentials", "client credentials → JWT AT", client_credentials),
    Scenario("introspect", "introspection of an opaque AT", introspect),
    Scenario("userinfo", "userinfo", userinfo),
    Scenario("revoke", "revocation", revoke),
    Scenario("jwks", "JWKS", jwks),
    Scenario("discovery", "discovery", discovery),
)
