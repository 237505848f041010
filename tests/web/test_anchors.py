"""A deployment with a PKI of its own: our clients believe the authorities of TRUST_ANCHORS, and no strangers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
from starlette.requests import Request

from clients.portal_kit.registry import RegistryClient, RegistryGone
from clients.portal_kit.sender_keys import SenderKeys
from clients.relying_party import RelyingParty, SignInFailed
from idp.ports import Unavailable
from idp.registry import HttpRegistry
from keys import KeyPurpose, KeyRing
from population_registry.api.issuer_keys import IssuerKeys, IssuerUnreachable
from tests.certificates import Certified
from tests.https_service import running
from web.anchors import trusting
from web.serving import configuration

Ask = Callable[[str, Path | None], Awaitable[object]]


@pytest.fixture(scope="module")
def ministry(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[str, Path]]:
    """An https service that plays provider and registry, and its authority's PEM file."""
    folder = tmp_path_factory.mktemp("ministry")
    authority = Certified("authority of a ministry", ca=True)
    files = Certified("localhost", signer=authority, hosts=("localhost",)).write(folder, "server")
    anchors = folder / "authority.pem"
    anchors.write_bytes(authority.pem)
    KeyRing.create(folder / "idp", profile="idp", mode="demo")
    ring = KeyRing.open(folder / "idp", mode="demo")
    address = ""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        said: dict[str, Any] = {"values": {}, "communes": [], "keys": ring.jwks()["keys"]}
        if "openid-configuration" in scope["path"]:
            said = {
                "issuer": address,
                "jwks_uri": f"{address}/jwks",
                "authorization_endpoint": f"{address}/authorize",
            }
        status = 404 if scope["path"] == "/v1/releases" else 200  # nobody of that number
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": orjson.dumps(said)})

    config = configuration(lambda: application, host="127.0.0.1", port=0, certificate=files[0], key=files[1])
    with running(config) as port:
        address = f"https://localhost:{port}"
        yield address, anchors


async def provider_to_registry(address: str, anchors: Path | None, folder: Path) -> None:
    """A profile of the registry."""
    ring = KeyRing.open(folder / "idp", mode="demo")
    registry = HttpRegistry(address, "https://id.example.vn", ring, anchors=anchors)
    try:
        await registry.profile("099194000101")
    finally:
        await registry.close()


async def registry_to_provider(address: str, anchors: Path | None, folder: Path) -> None:
    """A token judged by the provider's keys."""
    token = KeyRing.open(folder / "idp", mode="demo").signer(KeyPurpose.ACCESS_TOKEN).sign({}, typ="at+jwt")
    async with httpx2.AsyncClient(verify=trusting(anchors), trust_env=False) as client:
        await IssuerKeys(address, client).verify(token, algorithms=("ES256",), typ="at+jwt")


async def portal_to_registry(address: str, anchors: Path | None, _: Path) -> None:
    """Reference data of the registry."""
    client = RegistryClient(address, "residence-portal", anchors=anchors)
    try:
        await client.reference("/v1/references/communes?province=01")
    finally:
        await client.close()


async def portal_to_provider(address: str, anchors: Path | None, _: Path) -> None:
    """The beginning of a sign-in."""
    party = RelyingParty(
        issuer=address,
        client_id="residence-portal",
        redirect_uri="https://cutru.example.vn/callback",
        scopes=("openid",),
        sign=lambda _: "",
        anchors=anchors,
    )
    await party.begin(Request({"type": "http", "session": {}, "headers": []}))


async def portal_to_portal(address: str, anchors: Path | None, _: Path) -> None:
    """The keys of a portal that sends news."""
    await SenderKeys((address,), anchors).of(address, "none of them")


CLIENTS = [
    provider_to_registry,
    registry_to_provider,
    portal_to_registry,
    portal_to_provider,
    portal_to_portal,
]


@pytest.mark.parametrize("ask", CLIENTS)
async def test_an_authority_of_the_deployment_is_believed(ministry: tuple[str, Path], ask: Any) -> None:
    """TRUST_ANCHORS names it: the connection stands and the answer is used."""
    address, anchors = ministry
    await ask(address, anchors, anchors.parent)


@pytest.mark.attack
@pytest.mark.parametrize("ask", CLIENTS)
async def test_an_unknown_authority_is_not_believed(
    ministry: tuple[str, Path], tmp_path: Path, ask: Any
) -> None:
    """CVE-2014-0092 and its kin: without the setting, or with another's authority, nothing is sent."""
    address, anchors = ministry
    other = tmp_path / "other.pem"
    other.write_bytes(Certified("another authority", ca=True).pem)
    for believed in (None, other):
        with pytest.raises(
            (Unavailable, IssuerUnreachable, RegistryGone, SignInFailed, httpx2.ConnectError)
        ) as raised:
            await ask(address, believed, anchors.parent)
        cause = raised.value if isinstance(raised.value, httpx2.ConnectError) else raised.value.__cause__
        assert "CERTIFICATE_VERIFY_FAILED" in repr(cause) or isinstance(cause, httpx2.ConnectError)


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_file_without_certificates_is_refused_at_start(tmp_path: Path, content: bytes | None) -> None:
    """A deployment that names the wrong file hears it at once, not at the first sign-in."""
    file = tmp_path / "anchors.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(OSError, match=r"."):
        trusting(file)
