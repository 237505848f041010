"""What the registry decides ends at the provider, and what the provider locks stops at the registry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from idp.accounts import acts
from idp.accounts.life import Actor, LockReason
from tests.idp_endpoints.people import Person
from tests.idp_endpoints.provider import FIELD, Browser, answer_of, basic
from tests.idp_endpoints.test_token_exchange import claims_of
from tests.two_bodies.conftest import (
    ANH,
    CIBA,
    DEVICE,
    EXCHANGE,
    HAN,
    HOA,
    LAN,
    LEVEL,
    TAM,
    State,
)

pytestmark = [pytest.mark.engine, pytest.mark.attack]
ACCESS = "urn:ietf:params:oauth:token-type:access_token"


def yesterday() -> str:
    """A day on which something may have been decided."""
    return (datetime.now(UTC) - timedelta(days=1)).date().isoformat()


async def locks(state: State, person: Person) -> list[str]:
    """The reasons that lock the account, from the audit log: the newest first."""
    history = await state.storage.records.history(person.account_id)
    return [each.reason or "" for each in history if each.kind == "account_locked"]


async def device(state: State, browser: Browser) -> str:
    """A device code that the person approved and nobody redeemed yet."""
    async with state.provider.client() as television:
        form = {"scope": "openid profile"}
        codes = (await television.post("/device_authorization", data=form, headers=basic("eid-app"))).json()
    page = await browser.http.get("/device", params={"user_code": codes["user_code"]})
    form = dict(FIELD.findall(page.text)) | {"user_code": codes["user_code"]}
    page = await browser.http.post("/device", data=form)
    form = dict(FIELD.findall(page.text)) | {"answer": "approve"}
    done = await browser.http.post("/device/answer", data=form)
    assert "approve" in done.headers["location"], done.text
    return str(codes["device_code"])


async def decoupled(state: State, browser: Browser, person: Person) -> str:
    """A CIBA request to which the person said yes, and whose tokens nobody fetched yet."""
    async with state.provider.client() as client:
        form = {"scope": "openid", "login_hint": person.number, "binding_message": "Q3-4821"}
        asked = await client.post("/bc-authorize", data=form, headers=basic("eid-app"))
    assert asked.status_code == 200, asked.text
    page = await browser.http.get("/account/approvals")
    form = dict(FIELD.findall(page.text)) | {"answer": "approve"}
    done = await browser.http.post("/account/approvals", data=form)
    assert "done=approve" in done.headers["location"], done.text
    return str(asked.json()["auth_req_id"])


async def everything(state: State, person: Person, deputy: Person) -> dict[str, Any]:
    """Whatever can live on: a session, each kind of token, each grant that is not redeemed yet."""
    browser, code = await state.signed_in(
        person, scope="openid profile offline_access", prompt="consent", acr_values=LEVEL
    )
    tokens = (await state.provider.redeem(code, "eid-app")).json()
    _, unspent = await state.signed_in(person)
    _, at_counter = await state.signed_in(person, "one-stop", scope="openid pid delegation registry:verify")
    counter = (await state.provider.redeem(at_counter, "one-stop")).json()
    _, clerk = await state.signed_in(deputy, "one-stop", scope="openid")
    return {
        "browser": browser,
        "tokens": tokens,
        "unspent": unspent,
        "device": await device(state, browser),
        "decoupled": await decoupled(state, browser, person),
        "counter": counter,
        "clerk": (await state.provider.redeem(clerk, "one-stop")).json(),
        "registry": await state.registry_token(person),
    }


async def test_a_withdrawn_card_ends_everything_everywhere(state: State) -> None:
    """Attack 28; Law on Identity Art. 34(1)(c): from the officer's act to every session, token and grant."""
    held = await everything(state, LAN, HOA)
    assert (await state.get("/v1/dossiers", held["registry"])).status_code == 200
    dossier = await state.ex_officio("identity.card-withdraw", LAN, ground="custody", since=yesterday())
    assert dossier["state"] == 10, dossier
    await state.told()
    assert (await locks(state, LAN))[0] == "document_revoked"

    provider, tokens = state.provider, held["tokens"]
    assert (await provider.userinfo(tokens["access_token"])).status_code == 401
    refused = [
        await provider.redeem(held["unspent"], "eid-app"),
        await provider.token({"grant_type": DEVICE, "device_code": held["device"]}, headers=basic("eid-app")),
        await provider.token(
            {"grant_type": CIBA, "auth_req_id": held["decoupled"]}, headers=basic("eid-app")
        ),
        await provider.token(
            {
                "grant_type": EXCHANGE,
                "subject_token": held["counter"]["access_token"],
                "subject_token_type": ACCESS,
                "actor_token": held["clerk"]["access_token"],
                "actor_token_type": ACCESS,
            },
            headers=basic("one-stop"),
        ),
    ]
    refused.append(await provider.refresh(tokens["refresh_token"], "eid-app"))
    errors = [answer.json().get("error") for answer in refused]
    assert errors == [*["invalid_grant"] * 3, "invalid_request", "invalid_grant"]
    async with provider.client() as client:
        for token in (tokens["access_token"], held["counter"]["access_token"], held["registry"]):
            seen = await client.post("/introspect", data={"token": token}, headers=basic("one-stop"))
            assert seen.json() == {"active": False}
    silent = await held["browser"].authorize("eid-app", scope="openid", prompt="none")
    assert answer_of(silent)["error"] == "login_required"
    await state.held(LAN, locked=True)
    assert (await state.get("/v1/dossiers", held["registry"])).status_code == 401

    returned = await state.ex_officio("identity.card-return", LAN, ground="measure_ended", since=yesterday())
    assert returned["state"] == 10, returned
    await state.told()
    await state.held(LAN, locked=False)
    assert (await provider.userinfo(tokens["access_token"])).status_code == 401, "what ended stays ended"
    assert (await state.get("/v1/dossiers", await state.registry_token(LAN))).status_code == 200


async def test_locked_between_filing_and_decision(state: State) -> None:
    """Attack 53; issue "between 1 and 6": one's own lock stops the decision until one's own unlock."""
    token = await state.registry_token(HAN, acr_values=LEVEL)
    filed = await state.post(
        "/v1/dossiers",
        token,
        {
            "procedure_code": "residence.declare-current",
            "purpose": "Khai báo thông tin về cư trú",
            "inputs": {"dwelling": {"commune": "00166", "address": "Số 9, ngõ 9"}},
        },
    )
    assert filed.status_code == 201, filed.text
    code = filed.json()["dossier_code"]
    assert (await state.officer_act(code, "receive")).status_code == 200
    await state.storage.lives.apply(HAN.account_id, acts.lock(LockReason.OWN_REQUEST, Actor.SUBJECT))
    await state.held(HAN, locked=True)
    refused = await state.officer_act(code, "approve")
    assert (refused.status_code, refused.json()["code"]) == (409, "dossier-checks"), refused.text
    assert "account_open" in {check["code"] for check in refused.json()["checks"]}
    assert (await state.post(f"/v1/dossiers/{code}/withdrawal", token, {})).status_code == 401
    await state.storage.lives.apply(HAN.account_id, acts.unlock(LockReason.OWN_REQUEST, Actor.OFFICER))
    await state.held(HAN, locked=False)
    again = await state.officer_act(code, "approve")
    assert "account_open" not in {check["code"] for check in again.json().get("checks", ())}, again.text


async def test_a_number_set_anew_keeps_the_account(state: State) -> None:
    """Domain facts 11: `sub` stays, the number changes, the former one still signs in; events reach the account."""
    before = claims_of(await state.registry_token(ANH))
    dossier = await state.ex_officio("identity.number", ANH, ground="falsified_file")
    await state.officer_act(dossier["dossier_code"], "receive")
    done = await state.officer_act(dossier["dossier_code"], "approve", confirmed=["ground"])
    assert done.status_code == 200, done.text
    await state.told()
    after = claims_of(await state.registry_token(ANH))
    assert after["sub"] == before["sub"]
    assert (before["pid"], after["pid"] == before["pid"]) == (ANH.number, False)
    (row,) = await state.rows(
        "SELECT personal_number FROM person JOIN personal_number_alias a USING (person_id) WHERE a.number = $1",
        ANH.number,
    )
    assert after["pid"] == row[0]


async def test_a_lost_nationality_closes_the_account(state: State) -> None:
    """Domain facts 11: any → CLOSED with the nationality; for good, and the card goes with it."""
    await state.ex_officio("identity.status", TAM, status="nationality_lost", since=yesterday())
    await state.told()
    found = await state.storage.accounts.read(TAM.account_id)
    assert found is not None
    assert found.account.status == "closed"
