"""The residence portal's tokens: one procedure, one key; worth nothing to whoever takes them from its database."""

from __future__ import annotations

import asyncpg
import httpx2
import orjson
import pytest
from jose import jwt
from playwright.async_api import Page

from clients.relying_party import SignedIn
from keys import KeyRing
from tests.journeys.acts import Acts
from tests.journeys.country import Country

PURPOSE = "Tiếp nhận và kiểm tra hồ sơ đăng ký tạm trú nộp trực tuyến"


async def kept(country: Country) -> SignedIn:
    """The newest session of the residence portal, opened with the portal's own keys."""
    connection = await asyncpg.connect(country.place.database("residence_portal").replace("+asyncpg", ""))
    try:
        row = await connection.fetchrow(
            "SELECT digest, sealed FROM portal_session ORDER BY created_at DESC LIMIT 1"
        )
    finally:
        await connection.close()
    ring = KeyRing.open(country.place.keys("residence_portal"), mode="demo")
    opened = orjson.loads(ring.sealer("portal.session").open(row["sealed"], row["digest"].hex()))
    return SignedIn(**opened["signed_in"])


@pytest.mark.attack
async def test_a_token_for_these_procedures_and_one_key(page: Page, country: Country, acts: Acts) -> None:
    """Attack 30: the browser sees a reference (PAR), the token opens its procedures (RAR), a thief nothing (DPoP)."""
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url) if "/authorize?" in sent.url else None)
    await acts.sign_in(page, country.residence, "lan")
    await acts.start_filing(page, country.residence, "/temporary-residence", "lan")
    assert asked
    assert all("request_uri=" in url and "scope=" not in url for url in asked)

    signed_in = await kept(country)
    claims = jwt.get_unverified_claims(signed_in.access_token)
    key = signed_in.held.key
    assert key is not None
    assert claims["cnf"] == {"jkt": key.jkt}
    agreed = {each["procedure"]: each["purpose"] for each in claims["authorization_details"]}
    assert agreed["1.004194"] == PURPOSE
    assert "bhyt.household" not in agreed  # the procedures of this portal, and nothing beside them

    body = {"purpose": PURPOSE, "procedure_code": "1.004194", "fields": ["name"]}
    body["dossier_code"] = "G01.899.05-261121-010042"
    url = f"{country.registry}/v1/releases"
    async with httpx2.AsyncClient(timeout=300) as thief:
        stolen = {"Authorization": f"Bearer {signed_in.access_token}"}
        assert (await thief.post(url, json=body, headers=stolen)).json()["code"] == "invalid-token"
        asked_nonce = await thief.post(url, json=body, headers=signed_in.held.headers("POST", url))
        nonce = asked_nonce.headers["DPoP-Nonce"]
        assert asked_nonce.headers["Date"]
        own = await thief.post(url, json=body, headers=signed_in.held.headers("POST", url, nonce))
        assert own.status_code == 200, own.text
        body["purpose"] = "Something that nobody agreed to"
        other = await thief.post(url, json=body, headers=signed_in.held.headers("POST", url, nonce))
        assert (other.status_code, other.json()["code"]) == (403, "outside-authorization-details")
