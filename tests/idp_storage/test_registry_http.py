"""The registry seen from the provider: against the registry's real application, and when it does not answer."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from idp.ports import Unavailable
from idp.registry import HttpRegistry
from idp.registry.claims import openid_claims
from keys import KeyRing
from population_registry.app import create_app
from population_registry.settings import RegistrySettings
from population_registry.storage import migrate
from population_registry.storage.connections import connect
from population_registry.synthesis import populate
from tests.engines import MakeDatabase

ISSUER = "http://localhost:8000"
REGISTRY = "http://localhost:8100"
PERSONAS = Path(__file__).parents[2] / "demo" / "personas.toml"
LAN, NOBODY = "099194000101", "099199999999"


@pytest.fixture(scope="session")
async def population(make_database: MakeDatabase) -> str:
    """A registry database with the personas."""
    url = await make_database("registry_of_idp")
    await migrate(url)
    await populate(url, seed=1, size=0, personas=PERSONAS.read_text(encoding="utf-8"))
    return url


@pytest.fixture
async def registry(
    population: str, ring: KeyRing, tmp_path: Path, present: Callable[[], datetime]
) -> AsyncIterator[HttpRegistry]:
    """The adapter, talking to the registry's application, which fetches our keys."""
    KeyRing.create(tmp_path / "registry", profile="registry", mode="demo")

    async def metadata(_: Request) -> JSONResponse:
        return JSONResponse({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"})

    async def jwks(_: Request) -> JSONResponse:
        return JSONResponse(ring.jwks())

    issuer = Starlette(routes=[Route("/.well-known/openid-configuration", metadata), Route("/jwks", jwks)])
    settings = RegistrySettings(
        public_url=REGISTRY,
        database_url=population,
        issuer=ISSUER,
        keys_dir=tmp_path / "registry",
        log_level="WARNING",
    )
    app = create_app(settings, clock=present, transport=httpx2.ASGITransport(issuer))
    async with app.router.lifespan_context(app):
        adapter = HttpRegistry(REGISTRY, ISSUER, ring, transport=httpx2.ASGITransport(app))
        yield adapter
        await adapter.close()


@pytest.fixture
def present() -> Callable[[], datetime]:
    """The present."""
    return lambda: datetime.now(UTC)


async def test_a_living_person_has_openid_claims(registry: HttpRegistry) -> None:
    """OIDC Core section 5.1: name parts, birth date, gender, addresses as the registry has them today."""
    claims = await registry.profile(LAN)
    assert claims is not None
    assert claims["name"] == "Nguyễn Thị Lan"
    assert (claims["family_name"], claims["middle_name"], claims["given_name"]) == ("Nguyễn", "Thị", "Lan")
    assert (claims["birthdate"], claims["gender"]) == ("1994-05-17", "female")
    assert isinstance(claims["address"], dict)
    assert isinstance(claims["address_current"], dict)
    assert claims["address_current"]["commune_code"] == "00166"
    assert abs(int(str(claims["updated_at"])) - time.time()) < 60


async def test_nobody_has_none(registry: HttpRegistry) -> None:
    """An unknown number gives nothing to sign in with."""
    assert await registry.profile(NOBODY) is None


def adapter(ring: KeyRing, handler: Callable[[httpx2.Request], httpx2.Response]) -> HttpRegistry:
    """The adapter in front of a handler."""
    return HttpRegistry(REGISTRY, ISSUER, ring, transport=httpx2.MockTransport(handler))


@pytest.mark.parametrize("status", [302, 401, 403, 429, 500, 503])
async def test_a_refusal_is_an_outage(ring: KeyRing, status: int) -> None:
    """Whatever is wrong between us and the registry, the sign-in goes on without a new profile."""
    with pytest.raises(Unavailable):
        await adapter(ring, lambda _: httpx2.Response(status)).profile(LAN)


@pytest.mark.parametrize(
    "body", [b"", b"not json", b"[]", b'{"values": {}, "x": 1}', b'{"values": {"alive": true}}']
)
async def test_an_odd_answer_is_no_profile(ring: KeyRing, body: bytes) -> None:
    """Reading never raises anything but Unavailable; without the word that the person lives there is no profile."""
    odd = adapter(ring, lambda _: httpx2.Response(200, content=body))
    if body == b'{"values": {}, "x": 1}':
        assert await odd.profile(LAN) is None
    else:
        with pytest.raises(Unavailable):
            await odd.profile(LAN)


async def test_a_registry_that_does_not_answer_is_an_outage(ring: KeyRing) -> None:
    """A broken line."""

    def broken(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("away", request=request)

    with pytest.raises(Unavailable):
        await adapter(ring, broken).profile(LAN)


async def test_our_token_is_for_the_registry_alone_and_short(ring: KeyRing) -> None:
    """RFC 9068 section 2.2, RFC 8707: audience the registry, one scope, five minutes; reused while it lasts."""
    heard: list[httpx2.Request] = []

    def hear(request: httpx2.Request) -> httpx2.Response:
        heard.append(request)
        return httpx2.Response(404)

    asking = adapter(ring, hear)
    await asking.profile(LAN)
    await asking.profile(LAN)
    first, second = (request.headers["authorization"].removeprefix("Bearer ") for request in heard)
    assert first == second
    claims = ring.public_keys().verify(first, algorithms=["ES256"], typ="at+jwt")
    assert (claims["iss"], claims["aud"], claims["client_id"]) == (ISSUER, REGISTRY, "idp")
    assert claims["scope"] == "registry:release"
    assert int(str(claims["exp"])) - int(str(claims["iat"])) == 300
    assert LAN not in first
    assert orjson.loads(heard[0].content)["procedure_code"] == "eid.profile"


def test_partial_birth_dates_and_the_dead() -> None:
    """OIDC Core section 5.1: a year alone where the day is unknown; nothing for the dead."""
    values = {
        "alive": True,
        "name": {"full": "Thạch Thị Sen", "family": "Thạch", "middle": "Thị", "given": "Sen"},
        "birth_date": "1952-03",
        "sex": "female",
        "old_numbers": ["099000112"],
        "permanent_address": None,
    }
    claims = openid_claims(values, 1)
    assert claims is not None
    assert (claims["birthdate"], claims["cmnd9"]) == ("1952", "099000112")
    assert "address" not in claims
    assert openid_claims(values | {"alive": False}, 1) is None


async def test_the_registry_takes_a_hold(registry: HttpRegistry, population: str) -> None:
    """Decree 69/2024, Art. 16: what the provider tells is kept, twice is once, and a number of nobody is no fault."""
    held = "SELECT count(*) FROM person_hold h JOIN person p USING (person_id) WHERE p.personal_number = $1"
    connection = await connect(population)
    try:
        for locked, count in ((True, 1), (True, 1), (False, 0), (False, 0)):
            await registry.hold(LAN, locked=locked)
            assert await connection.fetchval(held, LAN) == count
    finally:
        await connection.close()
    await registry.hold(NOBODY, locked=True)
    await registry.hold("0100109106", locked=True)


async def test_a_registry_that_refuses_a_hold_is_asked_again(ring: KeyRing) -> None:
    """Whatever is no answer to the question is no delivery."""
    for status in (200, 302, 401, 403, 500, 503):
        transport = httpx2.MockTransport(lambda _, status=status: httpx2.Response(status))
        adapter = HttpRegistry(REGISTRY, ISSUER, ring, transport=transport)
        with pytest.raises(Unavailable):
            await adapter.hold(LAN, locked=True)
        await adapter.close()
