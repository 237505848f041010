"""What the documents print can be tried beside the demo: systems and people get tokens that the registry takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx2

from demo.tokens import Party

if TYPE_CHECKING:
    from clients.dpop import HeldToken
    from tests.journeys.country import Country

OFFICER = "C06-012"


async def asked(http: httpx2.AsyncClient, held: HeldToken, method: str, url: str, body: Any = None) -> Any:
    """The JSON of a right answer; a proof is made anew where the registry wants a nonce in it."""
    answer = await http.request(method, url, json=body, headers=held.headers(method, url))
    if "DPoP-Nonce" in answer.headers and answer.status_code == 401:
        headers = held.headers(method, url, answer.headers["DPoP-Nonce"])
        answer = await http.request(method, url, json=body, headers=headers)
    assert answer.is_success, answer.text
    return answer.json()


async def test_a_citizen_files_and_the_authority_receives(country: Country):
    """docs/procedures.md by API alone: a persona's own token files, the authority's system reads as its officer."""
    today = datetime.now(UTC).date()
    filing = {
        "procedure_code": "1.003677",
        "purpose": "Khai báo tạm vắng",
        "inputs": {
            "category": "administrative", "commune": "00166", "destination": "Đà Nẵng", "reason": "thăm người thân",
            "from": (today + timedelta(days=2)).isoformat(),
            "until": (today + timedelta(days=20)).isoformat(),
        },
    }  # a table, read by rows  # fmt: skip
    async with httpx2.AsyncClient(timeout=300) as http:
        portal = Party.of(country.place, "residence-portal")
        bound = await portal.own(http, "registry:verify")
        assert bound.key is not None, "tokens of this portal are bound to a key (RFC 9449)"
        national = Party.of(country.place, "national-portal")
        phuc = await national.of_persona(http, "phuc", "registry:dossiers", None)  # his code comes by mail
        filed = await asked(http, phuc, "POST", f"{country.registry}/v1/dossiers", filing)
        authority = await Party.of(country.place, "residence-authority").own(http, None)
        url = f"{country.registry}/v1/dossiers/{filed['dossier_code']}"
        read = await asked(http, authority, "GET", f"{url}?officer={OFFICER}")
        assert read["checks"], "an officer sees the checks"
