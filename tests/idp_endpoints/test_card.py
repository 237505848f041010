"""The electronic card: shown with key and PIN, renewed every half minute, checked with the published keys."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from clients.cards import check_card
from idp.accounts.device_acts import DeviceRefused, read_act
from idp.accounts.presentation import SHOWN_FOR, ShowAgain, Shown, show_again
from idp.domain.account import Account
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from keys import KeyPurpose, KeyRing
from keys.shown_card import LASTS, ShownCardRefused
from tests.idp_endpoints.people import Person
from tests.idp_endpoints.phones import citizen, registered
from tests.idp_endpoints.provider import ISSUER, Provider
from tests.software_phone import PIN, Phone
from tests.tampering import altered

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
BORN, NAME = "1991-04-07", "Vũ Thị Mơ"


async def holder(provider: Provider, expires: str = "2099-12-31") -> tuple[Person, Phone]:
    """Somebody whose card may be used until that day, and their phone."""
    storage = provider.app.state.storage
    person = await citizen(storage)
    card = {"kind": "can_cuoc", "issued": "2025-03-11", "expires": expires}
    profile = {"name": NAME, "birthdate": BORN, "registry_card": card}
    await storage.accounts.save_profile(person.account_id, profile)
    return person, await registered(provider, person)


def ring_of(provider: Provider) -> KeyRing:
    """The provider's keys."""
    ring: KeyRing = provider.app.state.services.ring
    return ring


async def shown(client: httpx2.AsyncClient, phone: Phone) -> dict[str, Any]:
    """The card after the PIN."""
    answer = await phone.say(client, "card", PIN)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def test_a_card_is_shown_and_checked_without_asking_anybody(provider: Provider) -> None:
    """Law on Identity Art. 31: number, name, birth date, state of the card; the published keys are enough."""
    person, phone = await holder(provider)
    async with provider.client() as client:
        told = await shown(client, phone)
        keys = (await client.get("/jwks")).json()
        again = (await phone.say(client, "card_again", before=told["presentation"])).json()
    for each in (told, again):
        card = check_card(f"{ISSUER}/check-card#{each['presentation']}", keys, ISSUER)
        assert (card.number, card.name, card.birth_date) == (person.number, NAME, BORN)
        assert (card.state, card.expires, card.made_at) == ("valid", "2099-12-31", each["made_at"])
    assert told["presentation"] != again["presentation"]
    history = await provider.app.state.storage.records.history(person.account_id)
    assert [each.kind for each in history].count("card_shown") == 1, "one showing is one line"


@pytest.mark.attack
async def test_a_picture_of_a_card_proves_nothing(provider: Provider) -> None:
    """A minute later it is past; so is one that claims more, is altered, or is signed for something else."""
    _, phone = await holder(provider)
    ring = ring_of(provider)
    async with provider.client() as client:
        told = await shown(client, phone)
    keys, text, made = ring.jwks(), told["presentation"], told["made_at"]
    claims = ring.public_keys(KeyPurpose.EID_APP).verify(text, algorithms=("ES256",), typ="eid-card+jwt")
    sign = ring.signer(KeyPurpose.EID_APP).sign
    wrong = {
        (text, made + LASTS): "past",
        (text, made - 60): "future",
        (sign({**claims, "exp": made + 3_600}, typ="eid-card+jwt"), made): "malformed",
        (sign({**claims, "iss": "https://evil.example"}, typ="eid-card+jwt"), made): "issuer",
        (sign(claims, typ="eid-consent+jwt"), made): "typ",
        (phone.signed("eid-card+jwt", claims), made): "unknown_kid",
        (altered(text), made): "signature",
        (sign({**claims, "card": "valid"}, typ="eid-card+jwt"), made): "malformed",
        ("https://sign-in.example/check-card#", made): "not_signed",
        ("x" * 9_000, made): "not_signed",
    }
    for (each, now), code in wrong.items():
        with pytest.raises(ShownCardRefused) as refused:
            check_card(each, keys, ISSUER, now)
        assert refused.value.code == code, each


@pytest.mark.attack
async def test_a_card_goes_on_only_where_the_pin_was_given(provider: Provider) -> None:
    """A found phone shows nothing by itself: not with a stranger's presentation, nor the owner's other phone's."""
    person, phone = await holder(provider)
    _, stranger = await holder(provider)
    found = await registered(provider, person)
    async with provider.client() as client:
        told = await shown(client, phone)
        for thief, before in (
            (stranger, told["presentation"]),
            (found, told["presentation"]),
            (phone, "a.b.c"),
        ):
            answer = await thief.say(client, "card_again", before=before)
            assert (answer.status_code, answer.json()) == (409, {"error": "show_anew"})
        assert (await phone.say(client, "card_again")).status_code == 400
        assert (await found.say(client, "card", "000000")).status_code == 422


async def test_anybody_checks_a_card_on_a_page(provider: Provider) -> None:
    """The public page names the holder of a fresh one and says when it was made; of an old one it names nobody."""
    person, phone = await holder(provider)
    ring = ring_of(provider)
    async with provider.client() as client:
        told = await shown(client, phone)
        form = await client.get("/check-card")
        token = TOKEN.search(form.text)
        assert token is not None
        claims = ring.public_keys(KeyPurpose.EID_APP).verify(
            told["presentation"], algorithms=("ES256",), typ="eid-card+jwt"
        )
        past = claims | {"iat": told["made_at"] - 600, "exp": told["made_at"] - 540}
        forged = phone.signed("eid-card+jwt", claims, kid=ring.signer(KeyPurpose.EID_APP).kid)

        async def said(text: str) -> str:
            answer = await client.post("/check-card", data={"csrf_token": token[1], "card": text})
            return answer.text

        fresh = await said(f"{ISSUER}/check-card#{told['presentation']}")
        assert NAME in fresh
        assert "07/04/1991" in fresh
        assert "cách đây" in fresh
        old = await said(ring.signer(KeyPurpose.EID_APP).sign(past, typ="eid-card+jwt"))
        assert "Mã đã hết hạn" in old
        assert NAME not in old
        for text in (forged, "xin chào", "a.b.c", "é" * 5_000):
            answer = await said(text)
            assert "không chấp nhận" in answer
            assert NAME not in answer
        assert "Quét hoặc dán" in await said(" ")
        assert (await client.post("/check-card", data={"card": "x"})).status_code == 403
    assert person.account_id not in fresh


async def test_three_minutes_after_the_pin_it_is_over(provider: Provider) -> None:
    """The rule alone, with a clock that moves: renewed while fresh, within three minutes, and never after a lock."""
    _, phone = await holder(provider)
    storage, services = provider.app.state.storage, provider.app.state.services
    async with provider.client() as client:
        told = await shown(client, phone)
    before = (
        ring_of(provider)
        .public_keys(KeyPurpose.EID_APP)
        .verify(told["presentation"], algorithms=("ES256",), typ="eid-card+jwt")
    )
    loaded = await storage.loading.load(Needs(device_id=phone.device_id))
    made = told["made_at"]

    def asked(at: int, **changed: Any) -> Any:
        text = phone.signed("eid-act+jwt", {"aud": ISSUER, "iat": at, "jti": "1", "act": "card_again"})
        facts: Facts = replace(loaded, now=at, **changed)
        return show_again(
            ShowAgain(read_act(text), before | {"iat": at, "exp": at + 1}), facts, services.policy
        )

    assert isinstance(asked(made + SHOWN_FOR - 1).outcome, Shown)
    over = asked(made + SHOWN_FOR).outcome
    assert isinstance(over, DeviceRefused)
    assert over.code == "show_anew"
    account: Account = loaded.account
    locked = replace(account, status="locked")
    with pytest.raises(DeviceRefused, match="unknown_device"):
        asked(made + 1, account=locked)
    ended = replace(account, profile={**account.profile, "registry_card": {"expires": "2020-01-01"}})
    gone = asked(made + 1, account=ended).outcome
    assert isinstance(gone, DeviceRefused)
    assert gone.code == "no_card"
