"""The portal of docs/portals.md works as printed: fewer than sixty lines of code, a real sign-in, a real receipt."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import httpx2
import pytest

from clients.portal_kit.registry import RegistryClient
from keys import KeyRing
from tests.clients.conftest import LAN, REGISTRY, Wire, access_token
from tests.clients.provider import ISSUER, Provider

FILE = Path(__file__).parents[2] / "docs" / "examples" / "minimal_portal.py"
HERE = "http://localhost:8300"
CLIENT = "residence-portal"


@pytest.fixture
def portal(
    folders: dict[str, Path],
    provider: Provider,
    registry: Wire,
    rings: dict[str, KeyRing],
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, Any]:
    """The file, run as it is; only its wires lead to the test's provider and registry."""
    for name, value in {
        "ISSUER": ISSUER,
        "REGISTRY_URL": REGISTRY,
        "PUBLIC_URL": HERE,
        "CLIENT_ID": CLIENT,
        "KEYS_DIR": str(folders["residence_portal"]),
        "DINHDANH_MODE": "demo",
    }.items():
        monkeypatch.setenv(name, value)
    found = runpy.run_path(str(FILE))
    found["party"]._app.client_kwargs["transport"] = provider.transport()
    wired = RegistryClient(REGISTRY, CLIENT, httpx2.AsyncClient(transport=registry.transport()))
    vars(found["registry"]).update(vars(wired))
    provider.token_answer = {"access_token": access_token(provider.ring, CLIENT, LAN, "pairwise-lan")}
    return found


def test_it_is_small() -> None:
    """Under sixty lines that are neither blank nor a docstring."""
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(lines) < 60


async def test_it_signs_in_verifies_and_is_signed_out(portal: dict[str, Any], provider: Provider) -> None:
    """401 before, the registry's flags and a checked receipt after, 401 again when the provider says so."""
    transport = httpx2.ASGITransport(portal["app"])
    async with httpx2.AsyncClient(transport=transport, base_url=HERE) as http:
        assert (await http.get("/")).status_code == 401
        begun = await http.get("/sign-in")
        back = await http.get(f"/callback?{provider.authorize(begun.headers['location'])}")
        assert back.status_code == 303, back.text
        right = (await http.get("/")).json()
        wrong = (await http.get("/?born=1994-05-18")).json()
        flags = [answer["results"]["birth_date"]["flag"] for answer in (right, wrong)]
        assert flags == ["match", "mismatch"]
        token = provider.logout_token(CLIENT)
        out = await http.post("/backchannel-logout", data={"logout_token": token})
        assert (out.status_code, out.headers["cache-control"]) == (200, "no-store")
        assert (await http.get("/")).status_code == 401
        assert (await http.get("/callback?code=x")).status_code == 403
