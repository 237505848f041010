"""A registry of its own whose records a test may change, with the keys that seal papers."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx2

from tests.registry_api.conftest import Registry

HUNG = "099079000104"
ORDER = {
    "purpose": "Bổ sung hồ sơ nhập học cho con",
    "procedure_code": "1.010041",
    "dossier_code": "G01.899.05-261121-020001",
}


async def confirmed(registry: Registry, number: str = HUNG, **changed: Any) -> dict[str, Any]:
    """A paper that was issued to that person."""
    answer = await registry.post("/v1/confirmations", ORDER | changed, registry.issuer.personal(number))
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a token, unverified."""
    middle = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return found


async def check(registry: Registry, code: str, ending: str) -> httpx2.Response:
    """Ask publicly, without a token."""
    body = {"code": code, "number_ending": ending}
    return await registry.http.post("/v1/confirmations/checks", json=body)


async def state_of(registry: Registry, paper: dict[str, Any], number: str = HUNG) -> str:
    """The state that the public check answers."""
    answer = await check(registry, claims_of(paper["confirmation"])["code"], number[-4:])
    assert answer.status_code == 200, answer.text
    state: str = answer.json()["state"]
    return state
