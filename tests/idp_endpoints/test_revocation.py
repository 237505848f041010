"""RFC 7009 over HTTP: what is promised for each kind of token, from the moment of the answer."""

from __future__ import annotations

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.idp_endpoints.people import AN, REGISTRY
from tests.idp_endpoints.provider import Provider, basic

pytestmark = pytest.mark.engine


async def grant(provider: Provider, **changes: Any) -> dict[str, Any]:
    """Tokens of a person at the portal."""
    code = await provider.browser().code(AN, **changes)
    tokens: dict[str, Any] = (await provider.redeem(code)).json()
    return tokens


async def machine(provider: Provider, **changes: Any) -> str:
    """A machine's own access token."""
    form = {"grant_type": "client_credentials", "scope": "registry:verify"} | changes
    return str((await provider.token(form, headers=basic("machine"))).json()["access_token"])


async def revoke(provider: Provider, token: str, client_id: str = "portal", **form: str) -> Any:
    """Revoke; the answer."""
    async with provider.client() as client:
        return await client.post("/revoke", data={"token": token} | form, headers=basic(client_id))


async def active(provider: Provider, token: str, client_id: str = "portal") -> bool:
    """What introspection says."""
    async with provider.client() as client:
        answer = await client.post("/introspect", data={"token": token}, headers=basic(client_id))
    return bool(answer.json()["active"])


@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "nonsense"])
async def test_an_opaque_access_token_dies_alone(provider: Provider, hint: str | None) -> None:
    """2.1: whatever the hint says; the refresh token still gives a new one."""
    tokens = await grant(provider)
    form = {} if hint is None else {"token_type_hint": hint}
    assert (await revoke(provider, tokens["access_token"], **form)).status_code == 200
    assert (await provider.userinfo(tokens["access_token"])).status_code == 401
    assert not await active(provider, tokens["access_token"])
    again = await provider.refresh(tokens["refresh_token"])
    assert await active(provider, again.json()["access_token"])


@pytest.mark.parametrize("which", ["current", "previous"])
async def test_a_refresh_token_takes_every_token_of_the_grant(provider: Provider, which: str) -> None:
    """2.1: "SHOULD also invalidate all access tokens"; also by the token before, whose answer may have been lost."""
    first = await grant(provider)
    second = (await provider.refresh(first["refresh_token"])).json()
    shown = second if which == "current" else first
    assert (await revoke(provider, shown["refresh_token"])).status_code == 200
    for tokens in (first, second):
        assert (await provider.userinfo(tokens["access_token"])).status_code == 401
        refused = await provider.refresh(tokens["refresh_token"])
        assert refused.json()["error"] == "invalid_grant"


async def test_a_jwt_access_token_takes_its_grant_and_expires_within_five_minutes(provider: Provider) -> None:
    """2.1 and RFC 9068: nobody can forget a signature, so its life is short; whoever asks hears it is over."""
    code = await provider.browser().code(AN, resource=REGISTRY)
    tokens = (await provider.redeem(code, resource=REGISTRY)).json()
    token = tokens["access_token"]
    assert await active(provider, token)
    assert (await revoke(provider, token)).status_code == 200
    assert not await active(provider, token)
    assert (await provider.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    async with provider.client() as client:
        keys = KeySet.import_key_set((await client.get("/jwks")).json())
    claims = jwt.decode(token, keys, algorithms=["ES256"]).claims
    assert claims["exp"] - claims["iat"] <= 300, "what a resource that never asks may still take"


@pytest.mark.parametrize("resource", [None, REGISTRY])
async def test_a_machines_token_dies(provider: Provider, resource: str | None) -> None:
    """2.1: tokens of client credentials too, opaque and JWT."""
    token = await machine(provider, **({} if resource is None else {"resource": resource}))
    assert await active(provider, token, "machine")
    assert (await revoke(provider, token, "machine")).status_code == 200
    assert not await active(provider, token, "machine")


async def test_what_is_no_token_changes_nothing(provider: Provider) -> None:
    """2.2: 200 for an ID token, a code and nonsense; everything lives on."""
    tokens = await grant(provider)
    code = await provider.browser().code(AN)
    for text in (tokens["id_token"], code, "nonsense", "a.b.c", "é" * 10, tokens["access_token"] + "x"):
        answer = await revoke(provider, text)
        assert (answer.status_code, answer.json()) == (200, {})
    assert await active(provider, tokens["access_token"])
    assert (await provider.redeem(code)).status_code == 200


@pytest.mark.attack
async def test_another_clients_token_lives_on(provider: Provider) -> None:
    """Zitadel GHSA-xqxv-4jc2-x56x: one client never ends what another one was given."""
    tokens = await grant(provider)
    for name in ("access_token", "refresh_token"):
        refused = await revoke(provider, tokens[name], "other")
        assert refused.status_code == 400
    assert await active(provider, tokens["access_token"])
    assert (await provider.refresh(tokens["refresh_token"])).status_code == 200


async def test_a_repeated_revocation_is_no_error(provider: Provider) -> None:
    """2.2: what is dead stays dead, and asking twice is answered as once."""
    tokens = await grant(provider)
    for _ in range(2):
        assert (await revoke(provider, tokens["refresh_token"])).status_code == 200
