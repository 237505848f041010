"""Provider, registry and residence portal on ports of their own, with one clock that all of them read."""

from __future__ import annotations

import base64
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import orjson
import pytest
from fastapi import FastAPI

import clients.portal_kit.portal
import idp.app
from clients.portal_kit.storage.migrating import migrate as migrate_portal
from clients.residence_portal.app import create_app as create_portal
from idp.authentication.password import Passwords, Profile
from idp.domain.decision import Decision
from idp.domain.writes import KeepDependant
from idp.registry import HttpRegistry
from idp.storage import open_storage
from idp.storage.accounts import Secrets
from idp.storage.postgres.migrating import migrate as migrate_provider
from idp.storage.provisioning import provision_clients
from keys import KeyRing
from population_registry.app import create_app as create_registry
from population_registry.settings import RegistrySettings
from population_registry.storage import migrate as migrate_registry
from population_registry.synthesis import populate
from tests.browser import serving
from tests.engines import MakeDatabase
from tests.idp_endpoints.conftest import settings_of
from tests.journeys.country import ROOT, Persona
from web.formatting import VIETNAM

PORTAL = "residence_portal"


class AheadClock:
    """The machine's clock, so many seconds ahead; it runs."""

    def __init__(self, read: Callable[[], float]) -> None:
        self._read, self._ahead = read, 0.0

    def __call__(self) -> float:
        """Seconds since 1970."""
        return self._read() + self._ahead

    def now(self, zone: object = VIETNAM) -> datetime:
        """The time in Viet Nam."""
        return datetime.fromtimestamp(self(), VIETNAM)

    def utc(self) -> datetime:
        """The time."""
        return datetime.fromtimestamp(self(), UTC)

    def go_to(self, moment: datetime) -> None:
        """It is that moment now; never earlier than it was."""
        assert moment.timestamp() >= self()
        self._ahead += moment.timestamp() - self()


@dataclass(frozen=True, slots=True)
class Bodies:
    """The three, their clock, and what a story does with them."""

    clock: AheadClock
    provider: FastAPI
    issuer: str
    portal: str
    registry_database: str

    async def account(self, who: Persona, profile: dict[str, str]) -> None:
        """Somebody at level 2 with an authenticator."""
        storage = self.provider.state.storage
        await storage.accounts.save(
            f"acc-{who.key}",
            who.number,
            Secrets(base64.b32decode(who.totp_secret), who.email, None),
            level=2,
            status="active",
            lock_reasons=[],
            password_hash=Passwords(Profile.CHEAPEST).hash(who.password),
            account_type="citizen",
        )
        await storage.accounts.save_profile(f"acc-{who.key}", {"name": who.name, **profile})

    async def named(self, who: Persona, number: str, name: str, born: date, relation: str) -> None:
        """The registry confirmed this dependant once."""
        services = self.provider.state.services
        reference = services.own.reference(f"acc-{who.key}", number)
        write = KeepDependant(f"acc-{who.key}", reference, number, name, born.isoformat(), relation)
        await services.loop.committing.commit(Decision(None, (write,)))


@contextlib.asynccontextmanager
async def three_bodies(
    personas: str,
    make_database: MakeDatabase,
    redis: str,
    folder: Path,
    ports: Sequence[int],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Bodies]:
    """Start them with the people of ``personas``."""
    issuer, registry, portal = (f"http://localhost:{port}" for port in ports)
    clock = AheadClock(time.time)
    monkeypatch.setattr(time, "time", clock)
    monkeypatch.setattr(idp.app, "open_storage", partial(open_storage, now=clock))
    monkeypatch.setattr(idp.app, "HttpRegistry", partial(HttpRegistry, now=clock))
    monkeypatch.setattr(clients.portal_kit.portal, "now", clock.now)
    names = ("idp", "registry", PORTAL)
    for name, profile in zip(names, ("idp", "registry", "client"), strict=True):
        ring = KeyRing.create(folder / name, profile=profile, mode="demo")
        (folder / name / "jwks.json").write_bytes(orjson.dumps(ring.jwks()))
    databases = {name: await make_database(f"birthday_{name}") for name in names}
    await migrate_provider(databases["idp"])
    await migrate_registry(databases["registry"])
    await migrate_portal(databases[PORTAL])
    await populate(databases["registry"], seed=1, size=0, personas=personas)
    for name, value in (_environment(issuer, registry, portal) | {"KEYS_DIR": str(folder / PORTAL)}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DATABASE_URL", databases[PORTAL])
    settings = settings_of(databases["idp"], redis, folder / "idp", issuer, registry_url=registry)
    provider = idp.app.create_app(settings)
    async with contextlib.AsyncExitStack() as stack:
        known = RegistrySettings(
            public_url=registry,
            database_url=databases["registry"],
            issuer=issuer,
            keys_dir=folder / "registry",
            log_level="WARNING",
        )
        await stack.enter_async_context(serving(create_registry(known, clock=clock.utc), port=ports[1]))
        await stack.enter_async_context(serving(provider, port=ports[0]))
        addresses = _environment(issuer, registry, portal) | {"CLIENT_KEYS": str(folder)}
        await provision_clients(
            provider.state.storage.clients, _manifest(folder), addresses, lambda _client: None
        )
        await stack.enter_async_context(serving(create_portal(), port=ports[2]))
        yield Bodies(clock, provider, issuer, portal, databases["registry"])


def _environment(issuer: str, registry: str, portal: str) -> dict[str, str]:
    return {
        "DINHDANH_MODE": "demo",
        "PUBLIC_URL": portal,
        "ISSUER": issuer,
        "REGISTRY_URL": registry,
        "RESIDENCE_PORTAL_URL": portal,
        "CLIENT_ID": "residence-portal",
        "SESSION_SECRET": "a-secret-of-at-least-thirty-two-characters",
        "LOG_LEVEL": "CRITICAL",
    }


def _manifest(folder: Path) -> Path:
    """A folder with the residence portal's manifest alone."""
    alone = folder / "manifests"
    alone.mkdir()
    name = f"{PORTAL}.toml"
    (alone / name).write_bytes((ROOT / "clients" / "manifests" / name).read_bytes())
    return alone


def birthday_ahead() -> date:
    """A birthday that is not today and that every year has."""
    day = datetime.now(VIETNAM).date() + timedelta(days=2)
    return day + timedelta(days=1) if (day.month, day.day) == (2, 29) else day
