"""A deputy at the counter acts for a citizen, over HTTP on the real engines (RFC 8693, decision 0016)."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from typing import Any

import httpx2
import orjson
import pytest

from idp.domain.decision import Decision
from idp.domain.writes import KillGrantsOf
from tests.idp_endpoints.people import AN, LAN, REGISTRY, Person
from tests.idp_endpoints.provider import FIELD, Browser, Provider, answer_of, basic

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"
SCOPE = "openid pid delegation registry:verify"
DETAIL = {
    "type": "vn_identity_verification",
    "procedure": "1.004194",
    "purpose": "Đăng ký tạm trú",
    "dossier": "H29.50.05.13-261122-0975",
    "claims": ["name", "permanent_commune"],
}


async def agreed(browser: Browser, at: httpx2.Response) -> httpx2.Response:
    """Say yes on the consent page that ``at`` leads to; the answer after ``/continue``."""
    page = await browser.http.get(at.headers["location"])
    assert page.status_code == 200, page.text
    response = await browser.http.post("/consent", data=dict(FIELD.findall(page.text)) | {"answer": "allow"})
    return await browser.http.get(response.headers["location"])


async def signed_in(provider: Provider, person: Person, **changes: Any) -> tuple[Browser, dict[str, Any]]:
    """A browser of this person, and the tokens that the counter got from it."""
    browser = provider.browser()
    response = await browser.authorize("counter", **changes)
    response = await browser.sign_in(person, response)
    if response.headers["location"].startswith("/consent"):
        response = await agreed(browser, response)
    tokens = (
        await provider.redeem(
            answer_of(response)["code"], "counter", resource=changes.get("resource", "http://localhost:8000")
        )
    ).json()
    assert "access_token" in tokens, tokens
    return browser, tokens


async def both(provider: Provider, **changes: Any) -> tuple[Browser, dict[str, Any], Browser, dict[str, Any]]:
    """The citizen, who agrees to it, and the deputy."""
    citizen = await signed_in(provider, AN, scope=SCOPE, **changes)
    return (*citizen, *(await signed_in(provider, LAN, scope="openid")))


async def exchanged(
    provider: Provider,
    citizen: dict[str, Any],
    deputy: dict[str, Any],
    client: str = "counter",
    **changes: Any,
) -> httpx2.Response:
    """The exchange."""
    form = {
        "grant_type": EXCHANGE,
        "subject_token": citizen["access_token"],
        "subject_token_type": ACCESS,
        "actor_token": deputy["access_token"],
        "actor_token_type": ACCESS,
    } | changes
    return await provider.token(form, headers=basic(client))


def claims_of(token: str) -> dict[str, Any]:
    """What a JWT says."""
    payload = token.split(".")[1]
    claims: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


async def active(provider: Provider, token: str) -> bool:
    """What introspection says."""
    async with provider.client() as client:
        answer = await client.post("/introspect", data={"token": token}, headers=basic("counter"))
    return bool(answer.json()["active"])


async def test_from_two_sign_ins_to_one_token(provider: Provider) -> None:
    """Sections 2.1 and 2.2.1: the citizen's dossier, the deputy's name; both find it in their history."""
    citizen, of_citizen, deputy, of_deputy = await both(provider, authorization_details=json.dumps([DETAIL]))
    answer = await exchanged(provider, of_citizen, of_deputy)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    tokens = answer.json()
    assert tokens["issued_token_type"] == ACCESS
    assert tokens["token_type"] == "Bearer"
    assert tokens["authorization_details"] == [DETAIL]
    assert not {"refresh_token", "id_token"} & tokens.keys()
    claims = claims_of(tokens["access_token"])
    assert claims["aud"] == REGISTRY
    assert claims["pid"] == AN.number
    assert claims["authorization_details"] == [DETAIL]
    assert claims["act"] == {"sub": claims_of(of_deputy["id_token"])["sub"]}
    assert claims["sub"] == claims_of(of_citizen["id_token"])["sub"]
    assert claims["exp"] - claims["iat"] <= 300
    assert await active(provider, tokens["access_token"])
    told = (await citizen.http.get("/account/history?lang=vi")).text
    assert "Người khác được làm thay bạn" in told
    assert "Người làm thay: Lê Thị Lan" in told
    assert "Hồ sơ: H29.50.05.13-261122-0975" in told
    told = (await deputy.http.get("/account/history?lang=vi")).text
    assert "Bạn làm thay người khác" in told
    assert "Nguyễn Văn An" not in told, "whom one acted for is masked"
    assert re.search(r"Làm thay cho: N•+", told)


@pytest.mark.attack
@pytest.mark.parametrize("end", ["citizen signs out", "deputy signs out", "token revoked", "deputy locked"])
async def test_the_token_dies_with_either_side(provider: Provider, end: str) -> None:
    """Attacks 28 and 52 (CVE-2023-22492): introspection says so at once, and no further exchange succeeds."""
    citizen, of_citizen, deputy, of_deputy = await both(provider)
    token = (await exchanged(provider, of_citizen, of_deputy)).json()["access_token"]
    assert await active(provider, token)
    if end == "token revoked":
        async with provider.client() as client:
            await client.post("/revoke", data={"token": of_citizen["access_token"]}, headers=basic("counter"))
    elif end == "deputy locked":
        kill = KillGrantsOf(LAN.account_id, "locked")
        await provider.app.state.storage.committing.commit(Decision(None, (kill,)))
    else:
        browser, tokens = (citizen, of_citizen) if end.startswith("citizen") else (deputy, of_deputy)
        await browser.http.get("/logout", params={"id_token_hint": tokens["id_token"]})
    assert not await active(provider, token)
    refused = await exchanged(provider, of_citizen, of_deputy)
    assert refused.status_code == 400
    assert refused.json()["error"] == "invalid_request"


@pytest.mark.attack
async def test_a_caught_token_is_worth_nothing_to_another_client(provider: Provider) -> None:
    """Attack 13 (GHSA-xqxv-4jc2-x56x): unauthorized_client without the grant type; ID tokens are no tokens here."""
    _, of_citizen, _, of_deputy = await both(provider)
    answer = await exchanged(provider, of_citizen, of_deputy, "portal")
    assert answer.json()["error"] == "unauthorized_client"
    for changes in (
        {"subject_token": of_citizen["id_token"]},
        {"actor_token": of_citizen["access_token"]},
        {"subject_token": of_citizen["access_token"][:-1]},
    ):
        answer = await exchanged(provider, of_citizen, of_deputy, **changes)
        assert answer.json()["error"] == "invalid_request"


@pytest.mark.attack
async def test_no_token_survives_a_race_with_the_deputys_end(provider: Provider) -> None:
    """Attack 53: exchanges against the deputy's sign-out; nothing delegated is alive afterwards."""
    _, of_citizen, deputy, of_deputy = await both(provider)
    results = await asyncio.gather(
        *(exchanged(provider, of_citizen, of_deputy) for _ in range(8)),
        deputy.http.get("/logout", params={"id_token_hint": of_deputy["id_token"]}),
        *(exchanged(provider, of_citizen, of_deputy) for _ in range(8)),
    )
    for answer in results:
        if answer.status_code == 200 and "issued_token_type" in answer.text:
            assert not await active(provider, answer.json()["access_token"])


async def test_passing_on_and_cutting_the_chain(provider: Provider) -> None:
    """Section 4.1: a JWT of ours is a subject token too; revoked in the middle, what follows is dead."""
    _, of_citizen, _, of_deputy = await both(provider)
    first = (await exchanged(provider, of_citizen, of_deputy, scope="delegation registry:verify")).json()
    answer = await exchanged(provider, first, of_deputy)
    assert answer.json()["error"] == "invalid_request", "the same deputy again is a circle"
    async with provider.client() as client:
        revoked = await client.post(
            "/revoke", data={"token": first["access_token"]}, headers=basic("counter")
        )
    assert revoked.status_code == 200
    assert not await active(provider, first["access_token"])
