"""A yes to somebody's dossier, signed on the phone: attested with the PIN, as the registry reads it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from idp.storage.redis.scripts import run
from keys import KeyPurpose
from population_registry.dossiers.statements import TYP, says
from tests.idp_endpoints.phones import citizen, registered
from tests.idp_endpoints.provider import ISSUER, Provider
from tests.software_phone import PIN, Phone

STATEMENT = {
    "dossier": "G01.899.06-261122-010001",
    "procedure": "1.004194",
    "given": True,
    "place": "Căn hộ 12-05, 00166",
    "term": [],
    "roles": {"owner": "2026-11-22T03:00:00+00:00"},
}


async def test_the_registry_believes_what_the_provider_attests(provider: Provider) -> None:
    """Decree 58/2026 Art. 4(5): whose phone, what it signed, for the registry alone; it stands in the history."""
    storage = provider.app.state.storage
    person = await citizen(storage)
    phone = await registered(provider, person)
    async with provider.client() as client:
        answer = await phone.say(client, "consent", PIN, context=STATEMENT)
    assert answer.status_code == 200, answer.text
    services = provider.app.state.services
    keys = services.ring.public_keys(KeyPurpose.EID_APP)
    claims: Any = keys.verify(answer.json()["signed"], algorithms=("ES256",), typ=TYP)
    assert (claims["iss"], claims["aud"]) == (ISSUER, services.policy.registry_audience)
    now = datetime.now(UTC)
    assert says(claims, STATEMENT, number=person.number, now=now)
    assert not says(claims, STATEMENT | {"place": "Nơi khác"}, number=person.number, now=now)
    assert not says(claims, STATEMENT, number="099000000000", now=now)
    assert (await storage.records.history(person.account_id))[0].kind == "consent_signed"


@pytest.mark.attack
async def test_nothing_is_attested_without_key_pin_and_words(provider: Provider) -> None:
    """Attack 38: a wrong PIN, no PIN, no statement, a no, a stranger's key."""
    person = await citizen(provider.app.state.storage)
    phone = await registered(provider, person)
    async with provider.client() as client:
        for status, pin, said in (
            (422, "000000", STATEMENT),
            (400, None, STATEMENT),
            (400, PIN, STATEMENT | {"given": False}),
            (400, PIN, STATEMENT | {"dossier": ""}),
            (400, PIN, "yes"),
        ):
            assert (await phone.say(client, "consent", pin, context=said)).status_code == status
        assert (await Phone(ISSUER).say(client, "consent", PIN, context=STATEMENT)).status_code == 401


async def test_tokens_say_whose_phone_signs(provider: Provider) -> None:
    """Decree 58/2026 Art. 4(5): from the registration of a phone to its removal."""
    storage = provider.app.state.storage
    person = await citizen(storage)

    async def known() -> bool:
        (reply,) = await run(storage.redis, storage.accounts.ask(person.account_id))
        account = await storage.accounts.from_reply(person.account_id, reply)
        assert account is not None
        return bool(account.app_phone)

    assert not await known()
    phone = await registered(provider, person)
    assert await known()
    async with provider.client() as client:
        assert (await phone.say(client, "give_up")).status_code == 200
    assert not await known()
