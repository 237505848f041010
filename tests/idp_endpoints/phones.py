"""Fresh accounts with a phone, over HTTP."""

from __future__ import annotations

import hashlib
import secrets
import time
from typing import Any

import httpx2

from idp.authentication.password import Passwords, Profile
from idp.domain.grant import AccessState, Grant
from idp.domain.writes import CreateGrant
from idp.storage import Storage
from idp.storage.accounts import Secrets
from tests.idp_endpoints.people import Person, portal
from tests.idp_endpoints.provider import ISSUER, PASSWORD, Provider
from tests.idp_storage.samples import commit, fresh_number
from tests.software_phone import PIN, Phone

APP = "eid-app-of-the-test"
SCOPE = "eid:device"
HASHED = Passwords(Profile.CHEAPEST).hash(PASSWORD)


async def citizen(storage: Storage, **columns: Any) -> Person:
    """A fresh citizen of level 2 with an authenticator app and a mailbox."""
    account_id, number = secrets.token_urlsafe(16), fresh_number()
    values = {
        "level": 2,
        "status": "active",
        "lock_reasons": [],
        "password_hash": HASHED,
        "account_type": "citizen",
    } | columns
    await storage.accounts.save(account_id, number, Secrets(b"t" * 20, "a@example.vn.test", None), **values)
    await storage.accounts.save_profile(account_id, {"name": "Vũ Thị Mơ", "birthdate": "1991-04-07"})
    return Person(account_id, number, 2, b"t" * 20)


async def token_of(
    storage: Storage,
    account_id: str,
    *,
    amr: tuple[str, ...] = ("pwd", "otp"),
    ago: int = 10,
    scope: str = SCOPE,
) -> str:
    """An access token of this account at the app, from a sign-in ``ago`` seconds ago."""
    await storage.clients.save(portal(APP, scopes=frozenset({"openid", SCOPE})))
    grant_id, now = secrets.token_urlsafe(16), int(time.time())
    token = f"{grant_id}.{secrets.token_urlsafe(32)}"
    grant = Grant(
        *(grant_id, APP, account_id, "pairwise", (scope,), now, now + 900),
        acr="urn:example:vn:acr:l2-a2",
        amr=amr,
        auth_time=now - ago,
    )
    access = AccessState(hashlib.sha256(token.encode()).digest(), (scope,), (ISSUER,), now, now + 900)
    await commit(storage, CreateGrant(grant, access=access))
    return token


async def challenge(client: httpx2.AsyncClient, token: str) -> httpx2.Response:
    """Ask for a challenge."""
    return await client.post("/eid/v1/device-challenges", headers={"Authorization": f"Bearer {token}"})


async def registered(provider: Provider, person: Person, pin: str = PIN) -> Phone:
    """A phone of this person."""
    phone = Phone(ISSUER)
    token = await token_of(provider.app.state.storage, person.account_id)
    async with provider.client() as client:
        asked = (await challenge(client, token)).json()
        answer = await client.post("/eid/v1/devices", json=phone.enrolment(asked, pin))
    assert answer.status_code == 201, answer.text
    return phone
