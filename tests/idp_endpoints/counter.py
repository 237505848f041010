"""A one-stop counter of the tests: its client, a helper, a citizen, and the acts between them."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import httpx2
from sqlalchemy import select

from idp.domain.grant import AccessState, Grant
from idp.domain.writes import CreateGrant
from idp.protocol.decoupled_grant import CIBA
from idp.protocol.rfc8693_token_exchange import ACCESS_TOKEN, GRANT_TYPE
from idp.storage import Storage, codecs
from idp.storage.accounts import Secrets
from idp.storage.postgres.tables import MAIL_OUTBOX
from tests.idp_endpoints.people import REGISTRY, portal
from tests.idp_endpoints.provider import ISSUER, Provider, basic
from tests.idp_storage.samples import commit, fresh_number, serial

COUNTER = "one-stop-of-the-tests"
SCOPES = frozenset({"openid", "profile", "pid", "representation", "registry:dossiers", "registry:release"})


@dataclass
class Somebody:
    """An account of the tests with a mailbox of its own, and a token at the counter."""

    account_id: str
    number: str
    email: str
    token: str = field(default="", repr=False)
    subject: str = ""


def detail(**changes: Any) -> dict[str, Any]:
    """What is agreed to: one procedure, one dossier."""
    code = f"H26.17.05.13-261122-{serial():04d}"
    return {
        "type": "vn_identity_verification",
        "procedure": "1.004194",
        "purpose": "Đăng ký tạm trú tại quầy",
        "dossier": code,
        "claims": ["name"],
    } | changes


async def client(storage: Storage) -> None:
    """The counter's registration."""
    made = portal(
        COUNTER,
        scopes=SCOPES,
        grant_types=frozenset({"authorization_code", GRANT_TYPE, CIBA}),
        backchannel_token_delivery_mode="poll",
        authorization_details_types=frozenset({"vn_identity_verification"}),
    )
    await storage.clients.save(made)


async def somebody(
    provider: Provider, name: str = "Lê Thị Thử", acr: str = "l2-a2", born: str = "1980-01-01", **columns: Any
) -> Somebody:
    """A fresh citizen, or with ``role`` a helper; with an opaque token at the counter."""
    storage: Storage = provider.app.state.storage
    await client(storage)
    account_id, number = secrets.token_urlsafe(16), fresh_number()
    made = Somebody(account_id, number, f"{account_id.lower().strip('-_')}@example.vn.test")
    values = {
        "level": 2,
        "status": "active",
        "lock_reasons": [],
        "password_hash": "$argon2id$sample",
        "account_type": "officer" if "role" in columns else "citizen",
    } | columns
    await storage.accounts.save(account_id, number, Secrets(None, made.email, None), **values)
    await storage.accounts.save_profile(account_id, {"name": name, "birthdate": born, "updated_at": 1})
    grant_id = secrets.token_urlsafe(16)
    token = f"{grant_id}.{secrets.token_urlsafe(32)}"
    now = int(time.time())
    scopes = tuple(sorted(SCOPES))
    made.subject = f"pairwise-{account_id}"
    grant = Grant(
        *(grant_id, COUNTER, account_id, made.subject, scopes, now, now + 3_600),
        acr=f"urn:example:vn:acr:{acr}",
    )
    access = AccessState(hashlib.sha256(token.encode()).digest(), scopes, (ISSUER,), now, now + 900)
    await commit(storage, CreateGrant(grant, access=access))
    made.token = token
    return made


async def helper(provider: Provider, **columns: Any) -> Somebody:
    """Staff of a counter."""
    values = {"role": "counter_clerk", "agency": "Trung tâm phục vụ hành chính công thử nghiệm"} | columns
    return await somebody(provider, "Trần Văn Quầy", **values)


async def post(
    provider: Provider, path: str, form: dict[str, Any], client_id: str = COUNTER
) -> httpx2.Response:
    """One form of the counter."""
    kept = {name: value for name, value in form.items() if value is not None}
    async with provider.client() as http:
        return await http.post(path, data=kept, headers=basic(client_id))


async def opened(
    provider: Provider, staff: Somebody, citizen: Somebody, way: str = "code", **changes: Any
) -> httpx2.Response:
    """The helper asks for a citizen."""
    form = {
        "scope": "openid pid registry:dossiers registry:release",
        "login_hint": citizen.number,
        "binding_message": "Quay 3",
        "authorization_details": json.dumps([detail()]),
        "resource": REGISTRY,
        "acr_values": "urn:example:vn:acr:l2-a2",
        "actor_token": staff.token,
        "actor_token_type": ACCESS_TOKEN,
        "confirmation": way,
    } | changes
    return await post(provider, "/bc-authorize", form)


async def act(provider: Provider, staff: Somebody, request: str, said: str, **more: Any) -> httpx2.Response:
    """One act of confirming."""
    form = {"auth_req_id": request, "actor_token": staff.token, "act": said} | more
    return await post(provider, "/eid/v1/assistance", form)


async def redeemed(provider: Provider, request: str, **changes: Any) -> httpx2.Response:
    """What the token endpoint says of a request."""
    return await post(provider, "/token", {"grant_type": CIBA, "auth_req_id": request} | changes)


async def active(provider: Provider, token: str) -> bool:
    """What introspection says to the counter."""
    answer = await post(provider, "/introspect", {"token": token})
    return bool(answer.json()["active"])


async def mails(provider: Provider, to: str, template: str) -> list[dict[str, str]]:
    """What was mailed to somebody, oldest first."""
    storage: Storage = provider.app.state.storage
    async with storage.engine.connect() as connection:
        rows = (await connection.execute(select(MAIL_OUTBOX).order_by(MAIL_OUTBOX.c.id))).mappings().all()
    found = [codecs.read_message(storage.vault.mail.open(row["message"], row["record_id"])) for row in rows]
    return [dict(each.values) for each in found if (each.to, each.template) == (to, template)]
