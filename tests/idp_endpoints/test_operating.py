"""``/eid/v1/acts``: what officers may do, by whom they are, and what everybody involved may see of it."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from sqlalchemy import update

from idp.domain.grant import AccessState, Grant
from idp.domain.needs import Needs
from idp.domain.writes import CreateGrant
from idp.registry import HttpRegistry
from idp.storage import Storage
from idp.storage.accounts import Secrets
from idp.storage.postgres.tables import ACCOUNT
from tests.idp_endpoints.people import portal
from tests.idp_endpoints.provider import ISSUER, Provider
from tests.idp_storage.samples import commit, fresh_number

CONSOLE = "officers-console"
SCOPE = "eid:operate"


async def account(storage: Storage, role: str | None = None, **columns: Any) -> tuple[str, str]:
    """A fresh account, an officer's with a role; its id and number."""
    account_id, number = secrets.token_urlsafe(16), fresh_number()
    values = {
        "level": 1,
        "status": "active",
        "lock_reasons": [],
        "password_hash": "$argon2id$sample",
        "account_type": "officer" if role else "citizen",
        "role": role,
    } | columns
    await storage.accounts.save(account_id, number, Secrets(None, "a@example.vn.test", None), **values)
    return account_id, number


async def token_of(storage: Storage, account_id: str, *, acr: str = "l2-a2", scope: str = SCOPE) -> str:
    """An access token of this account at the console."""
    await storage.clients.save(portal(CONSOLE, scopes=frozenset({"openid", SCOPE})))
    grant_id = secrets.token_urlsafe(16)
    token = f"{grant_id}.{secrets.token_urlsafe(32)}"
    now = int(time.time())
    acr = f"urn:example:vn:acr:{acr}"
    grant = Grant(grant_id, CONSOLE, account_id, "pairwise", (scope,), now, now + 900, acr=acr)
    access = AccessState(hashlib.sha256(token.encode()).digest(), (scope,), (ISSUER,), now, now + 900)
    await commit(storage, CreateGrant(grant, access=access))
    return token


async def order(provider: Provider, token: str, **body: Any) -> httpx2.Response:
    """Ask for an act."""
    async with provider.client() as client:
        return await client.post(
            "/eid/v1/acts", json={"case": "TK03-1/2026"} | body, headers={"Authorization": f"Bearer {token}"}
        )


async def status(storage: Storage, account_id: str) -> str:
    """How the account stands."""
    facts = await storage.loading.load(Needs(account_id=account_id))
    assert facts.account is not None
    return facts.account.status.value


async def test_an_officer_locks_and_unlocks_at_the_persons_request(provider: Provider) -> None:
    """Domain facts 5: at police, at once after checking; officer and case stand in the person's own history."""
    storage = provider.app.state.storage
    officer, _ = await account(storage, "commune_officer")
    person, number = await account(storage)
    token = await token_of(storage, officer)
    assert (await order(provider, token, act="lock", number=number)).json()["status"] == "locked"
    assert (await order(provider, token, act="unlock", number=number)).json()["status"] == "active"
    newest = (await storage.records.history(person))[0]
    assert newest.claims == (f"actor:{officer}", "dossier:TK03-1/2026")
    seen = await order(provider, token, act="look", number=number)
    assert (seen.json()["status"], seen.json()["level"]) == ("active", 1)
    assert (await storage.records.history(person))[0].kind == "account_looked_at"


@pytest.mark.attack
async def test_the_centre_decides_with_four_eyes(provider: Provider) -> None:
    """Attack 49, Decree 69/2024, Art. 16: requested, forwarded, approved; never by who asked, never twice."""
    storage = provider.app.state.storage
    commune, _ = await account(storage, "commune_officer")
    centre, _ = await account(storage, "centre_officer")
    person, number = await account(storage)
    local, central = await token_of(storage, commune), await token_of(storage, centre)
    asked = await order(provider, local, act="request", number=number, kind="lock", reason="judicial_request")
    case_id = asked.json()["case_id"]
    assert (await order(provider, local, act="approve", case_id=case_id)).json()["error"] == "centre_only"
    assert (await order(provider, central, act="approve", case_id=case_id)).json()[
        "error"
    ] == "case_requested"
    assert (await order(provider, local, act="forward", case_id=case_id)).json()["state"] == "forwarded"
    assert await status(storage, person) == "active", "nothing has happened yet"
    approved = await order(provider, central, act="approve", case_id=case_id)
    assert (approved.json()["state"], approved.json()["status"]) == ("approved", "locked")
    assert (await order(provider, central, act="reject", case_id=case_id)).json()["error"] == "case_approved"
    own = await order(
        provider, central, act="request", number=number, kind="unlock", reason="judicial_request"
    )
    await order(provider, local, act="forward", case_id=own.json()["case_id"])
    mine = await order(provider, central, act="approve", case_id=own.json()["case_id"])
    assert mine.json()["error"] == "four_eyes"
    assert (await order(provider, local, act="unlock", number=number)).status_code == 200
    assert await status(storage, person) == "locked", "one's own request opens nothing that the centre closed"


@pytest.mark.attack
async def test_who_is_no_officer_does_nothing(provider: Provider) -> None:
    """No token, a citizen, an auditor, one factor, another scope, a locked officer, their own account."""
    storage = provider.app.state.storage
    officer, own = await account(storage, "commune_officer")
    citizen, number = await account(storage)
    auditor, _ = await account(storage, "auditor")
    wanted = {"act": "lock", "number": number}
    async with provider.client() as client:
        assert (await client.post("/eid/v1/acts", json=wanted)).status_code == 401
    for token in (
        await token_of(storage, citizen),
        await token_of(storage, officer, acr="l2-a1"),
        await token_of(storage, officer, scope="openid"),
    ):
        assert (await order(provider, token, **wanted)).status_code == 403
    assert (await order(provider, await token_of(storage, auditor), **wanted)).status_code == 409
    token = await token_of(storage, officer)
    assert (await order(provider, token, act="unlock", number=own)).json()["error"] == "own_account"
    await storage.lives.lock(officer, "security_incident")
    assert (await order(provider, token, **wanted)).status_code == 401
    assert await status(storage, citizen) == "active"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"act": "lock"},
        {"act": "lock", "number": "099194000101", "case": "a b"},
        {"act": "lock", "number": "99"},
        {"act": "erase", "number": "099194000101"},
        {"act": "lock", "number": 99194000101},
        {"act": "lock", "number": "099194000101", "more": "x"},
        {"act": "request", "number": "099194000101", "kind": "lock"},
        {"act": "request", "number": "099194000101", "kind": "close", "reason": "death"},
        {"act": "approve"},
    ],
)
async def test_an_unclear_order_is_refused(provider: Provider, body: dict[str, Any]) -> None:
    """Bad input names its member and moves nothing."""
    storage = provider.app.state.storage
    officer, _ = await account(storage, "commune_officer")
    answer = await order(provider, await token_of(storage, officer), **body)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_contacts_change_in_person_and_end_sessions(provider: Provider) -> None:
    """Domain facts 11: phone or e-mail in person; every token of the person ends."""
    storage = provider.app.state.storage
    officer, _ = await account(storage, "commune_officer")
    person, number = await account(storage)
    theirs = await token_of(storage, person)
    token = await token_of(storage, officer)
    answer = await order(provider, token, act="contact", number=number, email="moi@example.vn.test")
    assert answer.json() == {"status": "active", "changed": ["email"]}
    held = await storage.accounts.credentials(person)
    assert held is not None
    assert held.email == "moi@example.vn.test"
    facts = await storage.loading.load(Needs(grant_id=theirs.partition(".")[0]))
    assert facts.grant is None


@pytest.mark.attack
async def test_whoever_was_quicker_gains_nothing_by_the_raise(provider: Provider) -> None:
    """Attack 47: a stranger's level-1 account in somebody's name is theirs no more once the person came in person."""
    storage = provider.app.state.storage
    officer, _ = await account(storage, "commune_officer")
    person, number = await account(storage)
    theirs = await token_of(storage, person)
    services = provider.app.state.services
    card = {"kind": "can_cuoc", "issued": "2025-03-11", "expires": "2034-05-17"}
    values = {"alive": True, "name": dict.fromkeys(("full", "family", "middle", "given"), "An"), "card": card}
    values |= {"birth_date": "1994-05-17", "sex": "female"}
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, json={"values": values}))
    registry = HttpRegistry("http://registry.example", ISSUER, services.ring, transport=transport)
    provider.app.state.services = replace(services, registry=registry)
    try:
        token = await token_of(storage, officer)
        assert (await order(provider, token, act="issue", number=number)).status_code == 400
        raised = await order(provider, token, act="issue", number=number, email="that@example.vn.test")
    finally:
        provider.app.state.services = services
    assert (raised.json()["level"], raised.json()["mailed"]) == (2, True)
    held = await storage.accounts.credentials(person)
    assert held is not None
    assert (held.email, held.totp_secret, held.recovery) == ("that@example.vn.test", None, frozenset())
    assert held.password_hash != "$argon2id$sample"
    facts = await storage.loading.load(Needs(grant_id=theirs.partition(".")[0]))
    assert facts.grant is None


async def test_a_late_activation_is_opened_again(provider: Provider) -> None:
    """Decree 69/2024, Art. 14: after seven days only through an officer or the hotline."""
    storage = provider.app.state.storage
    officer, _ = await account(storage, "commune_officer")
    person, number = await account(storage, status="issued", noticed_at=1)
    async with storage.engine.begin() as connection:
        await connection.execute(update(ACCOUNT).where(ACCOUNT.c.account_id == person).values(email=None))
    answer = await order(provider, await token_of(storage, officer), act="reopen_activation", number=number)
    assert answer.json()["mailed"] is False
    async with provider.client() as browser:
        page = await browser.get(answer.json()["link"], headers={"accept": "text/html"})
    assert page.status_code == 200
