"""Requests of services (CIBA) answered on the phone: by key and PIN, to exactly what was shown."""

from __future__ import annotations

import secrets
from typing import Any

import httpx2
import pytest

from idp.protocol.decoupled_grant import CIBA
from tests.idp_endpoints.people import Person, portal
from tests.idp_endpoints.phones import citizen, registered
from tests.idp_endpoints.provider import Provider, basic
from tests.software_phone import PIN, Phone


async def desk_of(provider: Provider) -> str:
    """A fresh client that may ask for people by their number."""
    client_id = f"desk-{secrets.token_hex(4)}"
    made = portal(
        client_id,
        grant_types=frozenset({CIBA, "refresh_token"}),
        scopes=frozenset({"openid", "profile", "pid"}),
        backchannel_token_delivery_mode="poll",
    )
    await provider.app.state.storage.clients.save(made)
    return client_id


async def ask(provider: Provider, desk: str, person: Person, **changes: Any) -> httpx2.Response:
    """Ask for this person."""
    form = {
        "scope": "openid profile",
        "login_hint": person.number,
        "binding_message": "Quầy 3, mã 4821",
    } | changes
    async with provider.client() as client:
        return await client.post("/bc-authorize", data=form, headers=basic(desk))


async def asked(provider: Provider, desk: str, person: Person, **changes: Any) -> str:
    """A request for this person; its ``auth_req_id``."""
    answer = await ask(provider, desk, person, **changes)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["auth_req_id"])


async def redeemed(provider: Provider, desk: str, auth_req_id: str) -> httpx2.Response:
    """Ask the token endpoint for what the person answered."""
    form = {"grant_type": CIBA, "auth_req_id": auth_req_id}
    return await provider.token(form, headers=basic(desk))


async def waiting(provider: Provider, phone: Phone) -> list[dict[str, Any]]:
    """What the phone shows."""
    async with provider.client() as client:
        answer = await phone.say(client, "waiting")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["requests"])


async def answered(
    provider: Provider, phone: Phone, act: str, context: dict[str, Any], pin: str | None = None, **signed: Any
) -> httpx2.Response:
    """The person answers."""
    about = {"kind": "request", "request": context["request"], "context": context | signed}
    async with provider.client() as client:
        return await phone.say(client, act, pin, **about)


async def test_a_request_is_approved_on_the_phone(provider: Provider) -> None:
    """CIBA Core 8: the binding message is shown and signed; two factors of this very moment come with the yes."""
    person = await citizen(provider.app.state.storage)
    phone, desk = await registered(provider, person), await desk_of(provider)
    name = await asked(provider, desk, person, acr_values="urn:example:vn:acr:l2-a2")
    (context,) = await waiting(provider, phone)
    assert (context["message"], context["client"]) == ("Quầy 3, mã 4821", desk)
    assert (await answered(provider, phone, "approve", context, PIN)).json() == {"done": True}
    tokens = await redeemed(provider, desk, name)
    assert tokens.status_code == 200, tokens.text
    assert await waiting(provider, phone) == []


@pytest.mark.attack
async def test_another_message_another_person_no_pin(provider: Provider) -> None:
    """Attack 45: what is signed is what was shown; a stranger's phone and a wrong PIN approve nothing."""
    storage = provider.app.state.storage
    person, stranger = await citizen(storage), await citizen(storage)
    phone, thief = await registered(provider, person), await registered(provider, stranger)
    desk = await desk_of(provider)
    name = await asked(provider, desk, person)
    (context,) = await waiting(provider, phone)
    other = await answered(provider, phone, "approve", context, PIN, message="Quầy 9")
    assert (other.status_code, other.json()["error"]) == (409, "other_context")
    wrong = await answered(provider, phone, "approve", context, "918273")
    assert (wrong.status_code, wrong.json()) == (422, {"error": "wrong_pin", "left": 4})
    assert (await answered(provider, phone, "approve", context)).status_code == 400
    assert await waiting(provider, thief) == []
    assert (await answered(provider, thief, "approve", context, PIN)).json()["error"] == "request_gone"
    assert (await answered(provider, thief, "deny", context)).json()["error"] == "request_gone"
    assert (await redeemed(provider, desk, name)).json()["error"] == "authorization_pending"
    assert (await answered(provider, phone, "deny", context)).json() == {"done": True}
    assert (await answered(provider, phone, "approve", context, PIN)).json()["error"] == "request_gone"


@pytest.mark.attack
async def test_a_reported_service_is_silent_for_a_day(provider: Provider) -> None:
    """Attack 45, push bombing: at most three wait; one report refuses them all and keeps the service away."""
    person = await citizen(provider.app.state.storage)
    phone, desk = await registered(provider, person), await desk_of(provider)
    for _ in range(3):
        await asked(provider, desk, person)
    contexts = await waiting(provider, phone)
    assert len(contexts) == 3
    assert (await answered(provider, phone, "not_me", contexts[0])).json() == {"done": True}
    assert await waiting(provider, phone) == []
    refused = await ask(provider, desk, person)
    assert (refused.status_code, refused.json()["error"]) == (403, "access_denied")
    assert await waiting(provider, phone) == []
