"""A health facility's own system: a token for itself from the provider, a card looked up at the registry."""

from __future__ import annotations

import runpy
from typing import Any

import httpx2
import pytest
from starlette.concurrency import run_in_threadpool

from keys import KeyRing
from tests.idp_endpoints.provider import ISSUER
from tests.two_bodies.conftest import ROOT, State

pytestmark = pytest.mark.engine
EXAMPLE = ROOT / "docs" / "examples" / "health_facility.py"
CARD = {"shown": "9900000101", "name": "Nguyễn Thị Lan", "birth_date": "1994-05-17"}
VISIT = "2026-11-21"


async def token(state: State, **changes: str) -> httpx2.Response:
    """What the provider answers to the facility's system; the example's own request, sent without a socket."""
    example = runpy.run_path(str(EXAMPLE))
    ring = KeyRing.open(state.keys / "health_facility", mode="demo")
    sent: list[dict[str, str]] = []

    class Recording:
        """Keeps what the example would post."""

        def post(self, url: str, data: dict[str, str]) -> httpx2.Response:
            """One request."""
            sent.append(data)
            return httpx2.Response(200, json={"access_token": ""}, request=httpx2.Request("POST", url))

    example["access_token"](Recording(), ISSUER, state.registry, ring)
    return await state.provider.token(sent[0] | changes)


async def test_a_facility_checks_somebody_in(state: State) -> None:
    """docs/examples/health_facility.py as it stands: its own key, its own token, an answer with a receipt."""
    granted = await token(state)
    assert granted.status_code == 200, granted.text
    assert granted.json()["scope"] == "registry:verify"
    example = runpy.run_path(str(EXAMPLE))

    def asked() -> Any:
        with httpx2.Client(timeout=300) as http:
            return example["check_in"](http, state.registry, granted.json()["access_token"], CARD, VISIT)

    answer = await run_in_threadpool(asked)
    assert (answer["code"], answer["pays"], answer["identity"]) == ("000", True, "established")
    assert answer["receipt"].count(".") == 2


@pytest.mark.attack
async def test_a_facility_gets_no_more(state: State) -> None:
    """Attack 18: no other scope, no other place, no page; and at the registry nothing but check-ins."""
    for changes in ({"scope": "registry:decide"}, {"resource": "https://elsewhere.example"}):
        refused = await token(state, **changes)
        assert refused.status_code == 400, refused.text
    async with state.provider.client() as browser:
        query = {
            "client_id": "health-facility",
            "response_type": "code",
            "redirect_uri": "https://x.example/",
        }
        assert (await browser.get("/authorize", params=query)).status_code == 400
    granted = (await token(state)).json()["access_token"]
    body = {
        "purpose": "Xem người bệnh",
        "procedure_code": "1.004194",
        "dossier_code": "G01.899.05-261121-010042",
        "subject": {"number": "099194000101"},
        "claims": {"name": "Nguyễn Thị Lan", "birth_date": "1994-05-17"},
    }
    refused = await state.post("/v1/verifications", granted, body)
    assert (refused.status_code, refused.json()["code"]) == (403, "procedure-not-allowed")
    assert (await state.get("/v1/dossiers", granted)).status_code == 403
