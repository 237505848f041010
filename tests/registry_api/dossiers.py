"""Steps on dossiers that several tests take."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

from population_registry.storage.connections import connect
from tests.registry_api.conftest import L2A2, LAN, PHUC

_SERIAL = itertools.count(1)
"""No two dossiers of these tests are the same, unless a test wants them to be."""
HOA = {"number": "099170000103", "name": "Đỗ Thị Hòa", "birth_date": "1970-11-30"}
SCOPES = "registry:dossiers registry:access-log"
OFFICER, PROVINCE, CENTRE, CLERK = "CA-00166-017", "CA-01-004", "C06-012", "MC-00166-005"
"""Offices of the demo's people: police of Cầu Giấy, of Hà Nội, of the centre; a clerk of the one-stop counter."""
INSURER = "BHXH-46-001"
"""Somebody of the insurer's own back office, whom the registry does not know."""
FLAT = {"commune": "00166", "address": "Căn hộ 12-05, số 8 ngõ 21, đường Hoa Sữa"}
TEMPORARY = {
    "commune": "00166",
    "from": "2026-12-01",
    "until": "2027-11-30",
    "tenure": "rented",
    "dwelling": FLAT,
    "owner": {"number": PHUC["number"], "name": PHUC["name"]},
}


def filing(code: str = "1.004194", **inputs: Any) -> dict[str, Any]:
    """The body that files a dossier; without further words temporary residence in the flat of Phúc and Hòa."""
    base: dict[str, Any] = {}
    if code == "1.004194":
        until = date(2027, 1, 31) + timedelta(days=next(_SERIAL))
        base = TEMPORARY | {"until": until.isoformat()}
    return {"procedure_code": code, "purpose": "Nộp hồ sơ trực tuyến", "inputs": base | inputs}


def citizen(registry, person, **changed):
    """The token of a signed-in citizen."""
    return registry.issuer.personal(person["number"], **{"scope": SCOPES, "acr": L2A2} | changed)


def officer(registry, **changed):
    """The token of the officers' console."""
    return registry.issuer.token(**{"client_id": "registry-console", "scope": "registry:decide"} | changed)


async def file(registry, person=LAN, code="1.004194", *, client="residence-portal", **inputs):
    """A dossier that was filed."""
    token = citizen(registry, person, client_id=client)
    answer = await registry.post("/v1/dossiers", filing(code, **inputs), token)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def parts_of(registry, dossier):
    """The parts of a linked dossier: procedure to what the officer reads, the last one of each."""
    found = await rows(
        registry,
        "SELECT procedure_code, dossier_code FROM dossier WHERE linked_to = $1 ORDER BY filed_at, dossier_code",
        dossier["dossier_code"],
    )
    return {row[0]: {"procedure_code": row[0], "dossier_code": row[1]} for row in found}


async def act(registry, dossier, act, token=None, *, version=None, by=OFFICER, **said):
    """An officer's act on the version that the dossier has now; answers the response."""
    token = token or officer(registry)
    if dossier.get("procedure_code", "").startswith(("bhyt.", "bhxh.")):
        by = INSURER  # the police decide nothing of the insurer's
    if version is None:
        read = await registry.get(f"/v1/dossiers/{dossier['dossier_code']}?officer={by}", token)
        assert read.status_code == 200, read.text
        version = read.json()["version"]
    body = {"act": act, "officer": by, "version": version} | said
    return await registry.post(f"/v1/dossiers/{dossier['dossier_code']}/acts", body, token)


async def act_of_centre(registry, dossier, act_of_theirs, *given, **said):
    """An act of an officer of the centre, whose territory is the country."""
    return await act(registry, dossier, act_of_theirs, *given, by=CENTRE, **said)


async def consent(registry, dossier, person, *, given=True, **said):
    """The answer to somebody's consent."""
    path = f"/v1/dossiers/{dossier['dossier_code']}/consents"
    return await registry.post(path, {"given": given} | said, citizen(registry, person))


async def pay(registry, dossier, amount=None, reference="PAY-20261123-000001", client="residence-portal"):
    """The answer to a payment that the portal reports."""
    path = f"/v1/dossiers/{dossier['dossier_code']}/payments"
    token = registry.issuer.token(scope="registry:dossiers", client_id=client)
    return await registry.post(
        path, {"amount": amount or dossier["fee"]["amount"], "reference": reference}, token
    )


async def rows(registry, query, *values):
    """Rows of the registry's database."""
    connection = await connect(registry.database_url)
    try:
        return await connection.fetch(query, *values)
    finally:
        await connection.close()
