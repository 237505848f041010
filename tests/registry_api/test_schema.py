"""Schemathesis over the registry's OpenAPI document: whatever is sent, no 5xx, and every answer is as documented."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from population_registry.app import create_app
from population_registry.settings import RegistrySettings
from tests.https_service import running
from tests.registry_api.conftest import ISSUER, L2A2, LAN, REGISTRY, Issuer

pytestmark = pytest.mark.engine
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # a table, read by rows  # fmt: skip
EXAMPLES = 4
"""For each operation, mode and caller: about half a minute of computing for the whole document."""
CALLERS = {
    "insurer": {"client_id": "insurance-portal"},
    "person": {"client_id": "residence-portal", "pid": LAN["number"], "acr": L2A2},
}
AUTHORITIES = {
    "/v1/holds": {"client_id": "idp"},
    "/v1/misuse-reports": {"client_id": "idp"},
    "/v1/synchronisation": {"client_id": "national-portal"},
    "/v1/searches": {"client_id": "residence-authority"},
    "/v1/access-reviews": {"client_id": "residence-authority"},
}
"""Whose endpoints these are: with another's token every request ends at the door."""
SCOPES = (
    "registry:verify registry:release registry:access-log registry:dossiers registry:decide registry:search "
    "registry:review"
)
BUSY = (429, 503)
"""Answers that say to come again: documented for all, and right in their place."""


@pytest.fixture
def service(
    saturday, key_rings, persona_database, budget_clean
) -> Iterator[tuple[str, Issuer, dict[str, Any]]]:
    """The registry behind a real server: its address, the issuer of tokens, its OpenAPI document."""
    folder, ring = key_rings
    issuer = Issuer(ring, saturday)
    values = {"public_url": REGISTRY, "database_url": persona_database, "issuer": ISSUER, "keys_dir": folder}
    app = create_app(
        RegistrySettings(**values, log_level="CRITICAL"),
        clock=saturday,
        transport=httpx2.ASGITransport(issuer.app),
    )
    with running(uvicorn.Config(app, access_log=False)) as port:
        yield f"http://127.0.0.1:{port}", issuer, app.openapi()


@pytest.mark.attack
@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "unfitting"]
)
def test_every_operation_answers_as_documented(service, caller, mode):
    """Fitting and unfitting requests of any content: never 5xx, always the documented status, type and shape."""
    address, issuer, document = service
    tokens = {
        start: issuer.token(**{"scope": SCOPES} | who)
        for start, who in AUTHORITIES.items()
        if caller == "insurer"
    }
    usual = issuer.token(**{"scope": SCOPES} | CALLERS[caller])
    names = []
    with httpx2.Client(base_url=address, timeout=300) as http:
        for found in from_dict(document).get_all_operations():
            operation = found.ok()
            names.append(operation.label)
            own = next((token for start, token in tokens.items() if operation.path.startswith(start)), usual)
            http.headers["Authorization"] = f"Bearer {own}"
            _exercise(operation, mode, http)
    assert "POST /v1/verifications" in names
    assert len(names) > 20


def _exercise(operation: Any, mode: GenerationMode, http: httpx2.Client) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def send(case: schemathesis.Case) -> None:
        request = case.as_transport_kwargs(base_url=str(http.base_url))
        answer = http.request(
            request["method"],
            request["url"],
            params=request.get("params"),
            headers={**dict(request.get("headers") or {}), "Authorization": http.headers["Authorization"]},
            json=request.get("json"),
            content=request.get("data") if request.get("json") is None else None,
        )
        if answer.status_code not in BUSY:
            case.validate_response(answer, checks=CHECKS)

    with contextlib.suppress(Unsatisfiable):  # an operation without any input has no unfitting request
        send()
