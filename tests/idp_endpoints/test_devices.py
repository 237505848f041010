"""``/eid/v1/devices``: a phone is registered by whoever just proved two factors, and by nobody else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from idp.domain.needs import Needs
from idp.storage import Storage
from keys import base64url
from tests.idp_endpoints.phones import challenge, citizen, registered, token_of
from tests.idp_endpoints.provider import ISSUER, Provider
from tests.software_phone import Phone
from tests.tampering import altered


async def devices_of(storage: Storage, account_id: str) -> tuple[Any, ...]:
    """The account's phones."""
    return (await storage.loading.load(Needs(account_id=account_id, devices=True))).devices


async def test_a_phone_is_registered_and_speaks_for_itself(provider: Provider) -> None:
    """The key proves itself over a challenge of the account; its owner finds it in the history, named."""
    storage = provider.app.state.storage
    person = await citizen(storage)
    phone = await registered(provider, person)
    (device,) = await devices_of(storage, person.account_id)
    assert (device.device_id, device.name) == (phone.device_id, "Máy của tôi")
    assert device.pin_hash.startswith("$argon2id$")
    assert (await storage.records.history(person.account_id))[0].kind == "device_added"
    async with provider.client() as client:
        standing = await phone.say(client, "status")
        assert (standing.status_code, standing.json()["blocked_until"]) == (200, 0)
        assert (await phone.say(client, "give_up")).json() == {"done": True}
        assert (await phone.say(client, "status")).json() == {"error": "unknown_device"}
    assert await devices_of(storage, person.account_id) == ()


@pytest.mark.attack
async def test_who_may_have_a_challenge(provider: Provider) -> None:
    """Attack 36 (Keycloak CVE-2026-3429): a code or a passkey of the last minutes; a QR sign-in makes no phones."""
    storage = provider.app.state.storage
    person, low = await citizen(storage), await citizen(storage, level=1)
    async with provider.client() as client:

        async def answer(account_id: str, **of: Any) -> tuple[int, str]:
            given = await challenge(client, await token_of(storage, account_id, **of))
            return given.status_code, given.json().get("error", "")

        assert await answer(person.account_id) == (200, "")
        assert await answer(person.account_id, amr=("pwd",)) == (401, "sign_in_again")
        assert await answer(person.account_id, amr=("swk", "pin")) == (401, "sign_in_again")
        assert await answer(person.account_id, ago=400) == (401, "sign_in_again")
        assert await answer(low.account_id) == (403, "level_2_needed")
        assert await answer(person.account_id, scope="openid") == (403, "insufficient_scope")
        assert (await client.post("/eid/v1/device-challenges")).status_code == 401


@pytest.mark.attack
async def test_a_challenge_is_good_for_one_key_once(provider: Provider) -> None:
    """Keycloak CVE-2026-37982: a replayed enrolment enrols nobody's phone, also not at the same moment."""
    storage = provider.app.state.storage
    person = await citizen(storage)
    token = await token_of(storage, person.account_id)
    async with provider.client() as client:
        asked = (await challenge(client, token)).json()
        phones = [Phone(ISSUER) for _ in range(4)]
        raced = await asyncio.gather(
            *(client.post("/eid/v1/devices", json=each.enrolment(asked)) for each in phones)
        )
        assert sorted(each.status_code for each in raced) == [201, 410, 410, 410]
        late = await client.post("/eid/v1/devices", json=Phone(ISSUER).enrolment(asked))
        assert (late.status_code, late.json()["error"]) == (410, "enrolment_gone")
    assert len(await devices_of(storage, person.account_id)) == 1


@pytest.mark.attack
async def test_proofs_that_prove_something_else(provider: Provider) -> None:
    """RFC 7800: another provider, another challenge, another key, another kind of JWT; nothing is registered."""
    storage = provider.app.state.storage
    person = await citizen(storage)
    phone, other = Phone(ISSUER), Phone(ISSUER)
    async with provider.client() as client:
        asked = (await challenge(client, await token_of(storage, person.account_id))).json()
        right = phone.enrolment(asked)
        wrong = [
            phone.enrolment(asked, aud="https://evil.example"),
            phone.enrolment(asked, challenge=base64url.encode(bytes(32)).decode()),
            phone.enrolment(asked, sub=other.device_id),
            right | {"jwk": other.jwk},
            right | {"proof": phone.act("status")},
            right | {"proof": altered(right["proof"])},
            right | {"jwk": phone.jwk | {"d": "AAAA"}},
            right | {"jwk": phone.jwk | {"y": phone.jwk["x"]}},
            right | {"jwk": None},
            right | {"proof": "x" * 9_000},
        ]
        for each in wrong:
            assert (await client.post("/eid/v1/devices", json=each)).status_code in {400, 413}
        weak = await client.post("/eid/v1/devices", json=phone.enrolment(asked, "123456"))
        assert (weak.status_code, weak.json()["error"]) == (422, "pin_simple")
        assert (await client.post("/eid/v1/devices", json=right)).status_code == 201, (
            "the challenge still stood"
        )


@pytest.mark.attack
async def test_no_more_phones_than_allowed_also_in_a_race(provider: Provider) -> None:
    """Two challenges at once do not find the same last place."""
    storage = provider.app.state.storage
    person = await citizen(storage)
    for _ in range(4):
        await registered(provider, person)
    token = await token_of(storage, person.account_id)
    async with provider.client() as client:
        asked = [(await challenge(client, token)).json() for _ in range(3)]
        raced = await asyncio.gather(
            *(client.post("/eid/v1/devices", json=Phone(ISSUER).enrolment(each)) for each in asked)
        )
    assert sorted(each.status_code for each in raced) == [201, 409, 409]
    assert len(await devices_of(storage, person.account_id)) == 5


@pytest.mark.attack
async def test_acts_of_strangers_and_of_yesterday(provider: Provider) -> None:
    """Attack 19 for phones: replayed, stale, for another provider, or signed by another key: no effect."""
    storage = provider.app.state.storage
    phone = await registered(provider, await citizen(storage))
    async with provider.client() as client:

        async def said(text: str) -> tuple[int, str]:
            given = await client.post("/eid/v1/device-acts", json={"signed": text})
            return given.status_code, given.json().get("error", "")

        once = phone.act("status")
        raced = await asyncio.gather(*(said(once) for _ in range(5)))
        assert sorted(raced) == [(200, ""), *[(400, "replayed")] * 4]
        assert await said(phone.act("status", aud="https://evil.example")) == (400, "wrong_audience")
        phone.behind = 600
        assert await said(phone.act("status")) == (400, "wrong_clock")
        phone.behind = 0
        thief = Phone(ISSUER)
        forged = thief.signed("eid-act+jwt", {"act": "give_up", "jti": "1"}, kid=phone.device_id)
        assert await said(forged) == (401, "unknown_device")
        other_kind = phone.signed("JWT", {"act": "give_up", "jti": "1"})
        assert await said(other_kind) == (401, "unknown_device")
        assert (await said("a.b.c"))[0] == 400
        assert (await said("é"))[0] == 400
        assert await said(phone.act("everything")) == (400, "unknown_act")
        assert await said(phone.act("status")) == (200, "")


@pytest.mark.attack
async def test_a_locked_persons_phone_is_nobodys(provider: Provider) -> None:
    """Attack 28 and 38: the lock ends the phone's power like every other; the phone itself may set it."""
    storage = provider.app.state.storage
    person = await citizen(storage)
    phone = await registered(provider, person)
    async with provider.client() as client:
        assert (await phone.say(client, "lock")).json() == {"done": True}
        assert (await phone.say(client, "status")).json() == {"error": "unknown_device"}
    facts = await storage.loading.load(Needs(account_id=person.account_id))
    assert facts.account is not None
    assert facts.account.status == "locked"


async def test_scripts_of_any_origin_may_speak_for_their_own_key(provider: Provider) -> None:
    """Fetch: the app calls from its own origin; no cookie is looked at, so any origin may read its own answer."""
    headers = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    async with provider.client() as client:
        allowed = await client.request("OPTIONS", "/eid/v1/device-acts", headers=headers)
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (204, "*")
    assert "access-control-allow-credentials" not in allowed.headers
