"""The whole provider on the real engines, with three people, one portal and a mail catcher."""

import base64
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2 as httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import delete

from idp.app import create_app
from idp.authentication.password import Passwords, Profile
from idp.domain.client import Client, PartyKind
from idp.settings import Settings
from idp.storage.accounts import Secrets
from idp.storage.postgres.migrating import migrate
from idp.storage.postgres.tables import CONSENT
from keys import KeyRing
from tests.engines import MakeDatabase
from web import Mode

ISSUER = "http://localhost:8000"
CALLBACK = "http://localhost:8999/callback"
REGISTRY = "http://localhost:9"
SCOPES = (
    *("openid", "profile", "pid", "email", "phone", "address", "old_id", "offline_access"),
    *("registry:verify", "own:scope"),
)
"""Every kind of item that the consent page can name."""
DETAIL = {
    "type": "vn_identity_verification", "procedure": "1.004194", "purpose": "Đăng ký tạm trú tại phường Bến Nghé",
    "dossier": "H29.50.05.13-261122-0975", "claims": ["name", "birth_date", "permanent_commune", "dwelling_owner"],
}  # a table, read by rows  # fmt: skip
"""An authorization detail that the portal may ask for (RFC 9396)."""
TOTP = b"12345678901234567890"
PERSONAS = f"""
[[persona]]
key = "lan"
number = "099194000101"
full_name = "Nguyễn Thị Lan"
email = "lan@example.vn.test"
special = ["first", "level_2", "tenant"]
story.vi = "Thuê nhà ở Hà Nội."
story.en = "Rents in Hà Nội."
[persona.account]
type = "citizen"
level = 2
password = "Demo-lan-2026!"
second_factor = "totp"
state = "active"
totp_secret = "{base64.b32encode(TOTP).decode()}"

[[persona]]
key = "hoa"
number = "099170000103"
full_name = "Đỗ Thị Hòa"
email = "hoa@example.vn.test"
special = ["level_1", "co_owner"]
story.vi = "Đồng sở hữu."
story.en = "Co-owner."
[persona.account]
type = "citizen"
level = 1
password = "Demo-hoa-2026!"
second_factor = "email"
state = "active"

[[persona]]
key = "loc"
number = "099041000107"
full_name = "Hoàng Văn Lộc"
email = "loc@example.vn.test"
special = ["deceased"]
story.vi = "Đã mất."
story.en = "Deceased."
[persona.account]
type = "citizen"
level = 2
password = "Demo-loc-2026!"
second_factor = "email"
state = "closed"

[[persona]]
key = "can-xa"
number = "099083000131"
full_name = "Phạm Đức Cường"
email = "can-xa@example.vn.test"
special = ["officer", "commune_officer"]
story.vi = "Cán bộ."
story.en = "Officer."
[persona.account]
type = "officer"
level = 2
password = "Demo-can-xa-2026!"
second_factor = "totp"
state = "active"
totp_secret = "{base64.b32encode(TOTP[::-1]).decode()}"
"""
PROFILE = {
    "name": "Nguyễn Thị Lan", "birthdate": "1994-05-17", "gender": "female",
    "address_permanent": {"text": "Thôn 1, Xã Yên Thành, Tỉnh Nghệ An"},
}  # a table, read by rows  # fmt: skip


@dataclass(frozen=True)
class Provider:
    """The running provider and the folder of caught mail."""

    app: FastAPI
    settings: Settings
    outbox: Path


@pytest.fixture(scope="session")
def provider_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys of a provider, made for this session."""
    folder = tmp_path_factory.mktemp("idp-keys") / "idp"
    KeyRing.create(folder, profile="idp", mode="demo")
    return folder


@pytest.fixture(scope="session")
async def pages_database(make_database: MakeDatabase) -> str:
    """A migrated database that the tests of the pages share."""
    url = await make_database("idp_pages")
    await migrate(url)
    return url


@asynccontextmanager
async def running_provider(settings: Settings) -> AsyncIterator[Provider]:
    """The provider with its stores open and its people and portal registered."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        await furnish(app)
        assert settings.demo_outbox is not None
        yield Provider(app, settings, settings.demo_outbox)


@pytest.fixture
def provider_settings(provider_keys: Path, pages_database: str, redis_clean: str, tmp_path: Path) -> Settings:
    """Settings of a demo provider with cheap hashing."""
    people = tmp_path / "personas.toml"
    people.write_text(PERSONAS, encoding="utf-8")
    (tmp_path / "outbox").mkdir()
    return Settings(
        mode=Mode.DEMO,
        public_url=ISSUER,
        database_url=pages_database,
        redis_url=redis_clean,
        keys_dir=provider_keys,
        registry_url=REGISTRY,
        smtp_url="smtp://localhost:9",
        demo_personas=people,
        demo_outbox=tmp_path / "outbox",
        password_profile=Profile.CHEAPEST,
        eid_app_url="http://localhost:8205",
    )


@pytest.fixture
async def provider(provider_settings: Settings) -> AsyncIterator[Provider]:
    """The provider, running."""
    async with running_provider(provider_settings) as running:
        yield running


async def furnish(app: FastAPI) -> None:
    """Register the portal and everybody of the personas file."""
    storage = app.state.storage
    async with storage.engine.begin() as connection:
        await connection.execute(
            delete(CONSENT)
        )  # the database is shared by the tests; what people agreed to is not
    passwords = Passwords(Profile.CHEAPEST)
    for persona in app.state.personas:
        await storage.accounts.save(
            f"acc-{persona.key}",
            persona.number,
            Secrets(persona.secret, persona.email, None),
            level=persona.level,
            status=persona.state,
            lock_reasons=[],
            password_hash=passwords.hash(persona.password),
            account_type="officer" if persona.officer else "citizen",
        )
        await storage.accounts.save_profile(f"acc-{persona.key}", PROFILE | {"name": persona.name})
    await storage.clients.save(
        Client(
            "portal",
            "Cổng mẫu",
            "Sample portal",
            PartyKind.PRIVATE,
            (CALLBACK,),
            scopes=frozenset(SCOPES),
            resources=frozenset({REGISTRY}),
            authorization_details_types=frozenset({"vn_identity_verification"}),
            token_endpoint_auth_method="none",
            home_uri="http://localhost:8999",
            backchannel_logout_uri="http://localhost:9/backchannel-logout",
        )
    )


class Visitor(httpx.AsyncClient):
    """A browser without a screen: keeps cookies, follows nothing, sends forms as a page of ours would."""

    async def form(self, path: str) -> dict[str, str]:
        """The hidden fields of the first form on a page."""
        return fields_of((await self.get(path)).text)

    async def answer(self, path: str, page: str, **values: str) -> httpx.Response:
        """Open ``page`` and post its form with these values to ``path``."""
        return await self.post(path, data=await self.form(page) | values)

    async def sign_in(self, number: str, password: str, page: str | None = None) -> httpx.Response:
        """Answer the password page."""
        page = page or (await self.get("/sign-in")).headers["location"]
        form = await self.main_form(page)
        return await self.post("/sign-in", data=form | {"personal_number": number, "password": password})

    async def main_form(self, page: str) -> dict[str, str]:
        """The hidden fields of the page's own form (the demo's quick form stands before it)."""
        text = (await self.get(page)).text
        path = urlsplit(page).path
        start = text.find(f'<form method="post" action="{path}"')
        assert start >= 0, text[:500]
        return fields_of(text[start:])


def fields_of(text: str) -> dict[str, str]:
    """Names and values of hidden fields of the first form in a text."""
    form = text[text.index("<form") : text.index("</form>", text.index("<form"))]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


def step_of(location: str) -> str:
    """The path that a redirect leads to, without its interaction."""
    return urlsplit(location).path


def interaction_of(location: str) -> str:
    """The interaction that a redirect names."""
    return parse_qs(urlsplit(location).query)["i"][0]


@pytest.fixture
async def visitor(provider: Provider) -> AsyncIterator[Callable[..., Visitor]]:
    """Makes visitors, each with their own cookies and address."""
    made: list[Visitor] = []

    def make(address: str = "203.0.113.7") -> Visitor:
        transport = httpx.ASGITransport(app=provider.app, client=(address, 50_000))
        each = Visitor(
            transport=transport, base_url=ISSUER, headers={"accept": "text/html", "accept-language": "vi"}
        )
        made.append(each)
        return each

    yield make
    for each in made:
        await each.aclose()
