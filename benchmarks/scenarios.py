"""What is measured: each scenario prepares its requests for one side, unmeasured, and the runner sends them."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from benchmarks.clients import (
    CALLBACK,
    CHALLENGE,
    PLAIN,
    REFRESHING,
    SERVICE,
    SIGNING,
    VERIFIER,
    BenchClient,
    dpop_proof,
)
from benchmarks.load import Prepared, prepare, run

NONCE: Final = re.compile(rb"(?i)dpop-nonce: *([A-Za-z0-9_.~+/=-]+)")
REQUEST_URI: Final = re.compile(rb'"request_uri":"([^"]+)"')
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
        return f"{self.url('authorize')}?{urlencode(self.query(client, resource))}"

    def query(self, client: BenchClient, resource: str | None) -> dict[str, str]:
        """The parameters of an authorization request."""
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
        return query

    def push(self, client: BenchClient) -> Prepared:
        """A pushed authorization request."""
        body = client.form(self.issuer, **self.query(client, None))
        return prepare(self.url("push"), method="POST", headers=client.headers(), body=body, status=201)

    def post(
        self, name: str, client: BenchClient, extra: tuple[tuple[str, str], ...] = (), **values: str
    ) -> Prepared:
        """A form post by a client, with ``extra`` headers."""
        body = client.form(self.issuer, **values)
        return prepare(self.url(name), method="POST", headers=(*client.headers(), *extra), body=body)

    async def codes(self, client: BenchClient, count: int, resource: str | None = None) -> list[str]:
        """Fresh authorization codes."""
        done = await run(self.port, [self.authorize(client, resource)] * count, keep=True)
        found = [CODE.search(head) for head in done.heads]
        if not all(found):
            refusal = next(head for head, match in zip(done.heads, found, strict=True) if match is None)
            raise RuntimeError(f"no code at {self.issuer}: {refusal.decode()}")
        return [match.group(1).decode() for match in found if match is not None]

    async def nonce(self) -> str | None:
        """The nonce that this side wants in proofs, None when it wants none (RFC 9449 section 8)."""
        proof = dpop_proof(self.url("token"), None)
        asking = self.post("token", PLAIN, (("DPoP", proof),), grant_type="authorization_code", code="none")
        done = await run(self.port, [Prepared(asking.raw, 400)], keep=True)
        found = NONCE.search(done.heads[0])
        return found.group(1).decode() if found and b"use_dpop_nonce" in done.bodies[0] else None

    async def code_requests(
        self, client: BenchClient, count: int, resource: str | None = None, *, bound: bool = False
    ) -> list[Prepared]:
        """Token requests, one for each fresh code; ``bound``: with a DPoP proof each."""
        extra = {"resource": resource} if resource else {}
        nonce = await self.nonce() if bound else None
        return [
            self.post(
                "token",
                client,
                (("DPoP", dpop_proof(self.url("token"), nonce)),) if bound else (),
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


async def code_with_dpop(side: Side, count: int) -> list[Prepared]:
    """Code and PKCE for an access token bound to a key by a fresh proof, and an ID token."""
    return await side.code_requests(PLAIN, count, bound=True)


async def push(side: Side, count: int) -> list[Prepared]:
    """A pushed authorization request (RFC 9126), authenticated by a secret."""
    return [side.push(PLAIN)] * count


async def push_with_assertion(side: Side, count: int) -> list[Prepared]:
    """The same by private_key_jwt."""
    return [side.push(SIGNING) for _ in range(count)]


async def authorize_pushed(side: Side, count: int) -> list[Prepared]:
    """A signed-in browser brings the request_uri of a pushed request and gets a code at once."""
    done = await run(side.port, [side.push(PLAIN)] * count, keep=True)
    uris = [found.group(1).decode() for body in done.bodies if (found := REQUEST_URI.search(body))]
    address = f"{side.url('authorize')}?client_id={PLAIN.client_id}&request_uri="
    headers = [("Cookie", side.cookie)]
    return [
        prepare(address + quote(uri, safe=""), headers=headers, status=side.redirect_status) for uri in uris
    ]


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


async def introspect_signed(side: Side, count: int) -> list[Prepared]:
    """The same, answered as a signed JWT (RFC 9701)."""
    tokens = await side.tokens(PLAIN, 50)
    accept = (("Accept", "application/token-introspection+jwt"),)
    return [
        side.post("introspect", PLAIN, accept, token=tokens[each % len(tokens)]["access_token"])
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
    Scenario("code-dpop", "code by DPoP → bound opaque AT + ID token", code_with_dpop),
    Scenario("push", "pushed authorization request", push),
    Scenario("push-assertion", "… by private_key_jwt", push_with_assertion),
    Scenario("authorize-pushed", "authorize via request_uri, with a session", authorize_pushed),
    Scenario("refresh", "refresh with rotation", refresh),
    Scenario("client-credentials", "client credentials → JWT AT", client_credentials),
    Scenario("introspect", "introspection of an opaque AT", introspect),
    Scenario("introspect-signed", "… answered as a JWT", introspect_signed),
    Scenario("userinfo", "userinfo", userinfo),
    Scenario("revoke", "revocation", revoke),
    Scenario("jwks", "JWKS", jwks),
    Scenario("discovery", "discovery", discovery),
)
