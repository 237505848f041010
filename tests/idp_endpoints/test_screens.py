"""Signing in on one screen with the app on a phone, over HTTP; and what a thief who relays codes gets."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from tests.idp_endpoints.people import Person
from tests.idp_endpoints.phones import citizen, registered
from tests.idp_endpoints.provider import FIELD, Browser, Provider, answer_of
from tests.software_phone import PIN, Phone


@dataclass(slots=True)
class Screen:
    """A browser that shows a code."""

    browser: Browser
    path: str

    async def state(self) -> dict[str, Any]:
        """What the page's script learns."""
        return (await self.browser.http.get(self.path.replace("/app?", "/app/state?"))).json()

    async def code(self) -> str:
        """The code that is shown now."""
        told = await self.state()
        assert told["state"] == "shown", told
        return str(told["code"])

    async def look(self) -> httpx2.Response:
        """What the page shows, or where it leads."""
        return await self.browser.http.get(self.path)


async def screen_at(provider: Provider) -> Screen:
    """A sign-in to a portal whose person chose the app."""
    browser = provider.browser()
    at = await browser.authorize()
    page = await browser.http.get(at.headers["location"])
    found = re.search(r'href="(/sign-in/app\?i=[^"]+)"', page.text)
    assert found is not None, page.text
    shown = Screen(browser, found[1])
    assert (await shown.look()).status_code == 200
    return shown


async def taken(provider: Provider, screen: Screen, phone: Phone) -> httpx2.Response:
    """The phone takes what the screen shows."""
    async with provider.client() as client:
        return await phone.say(client, "take", code=await screen.code())


async def answered(
    provider: Provider, phone: Phone, act: str, context: dict[str, Any], pin: str | None = None, **claims: Any
) -> httpx2.Response:
    """The phone's person answers."""
    about = {"kind": "screen", "request": context["request"], "context": context} | claims
    async with provider.client() as client:
        return await phone.say(client, act, pin, **about)


async def person_and_phone(provider: Provider) -> tuple[Person, Phone]:
    """A fresh citizen with a phone."""
    person = await citizen(provider.app.state.storage)
    return person, await registered(provider, person)


async def test_a_phone_opens_the_screen_that_it_scanned(provider: Provider) -> None:
    """Take, compare, type the digits and the PIN; this very browser goes on, with two factors, once."""
    person, phone = await person_and_phone(provider)
    screen = await screen_at(provider)
    told = (await taken(provider, screen, phone)).json()
    context = told["context"]
    assert (context["service_en"], context["client"]) == ("Test portal", "portal")
    assert context["network"].endswith("/24")
    number = (await screen.state())["number"]
    assert number in (await screen.look()).text
    yes = await answered(provider, phone, "approve", context, PIN, number=number)
    assert yes.json() == {"done": True}, yes.text
    assert (await screen.state()) == {"state": "approved"}
    on = await screen.look()
    assert (on.status_code, on.headers["location"].split("?")[0]) == (303, "/continue")
    code = answer_of(await screen.browser.http.get(on.headers["location"]))["code"]
    assert (await provider.redeem(code)).status_code == 200
    assert (await screen.look()).status_code == 410, "it is over"
    kinds = [each.kind for each in await provider.app.state.storage.records.history(person.account_id)]
    assert {"approval_asked", "approval_given", "sign_in"} <= set(kinds)


@pytest.mark.attack
async def test_a_wrong_number_ends_the_request_for_both(provider: Provider) -> None:
    """Attack 45: whoever does not see the screen has one guess in ninety; screen and phone say what happened."""
    _, phone = await person_and_phone(provider)
    screen = await screen_at(provider)
    context = (await taken(provider, screen, phone)).json()["context"]
    number = (await screen.state())["number"]
    wrong = "10" if number != "10" else "11"
    told = await answered(provider, phone, "approve", context, PIN, number=wrong)
    assert (told.status_code, told.json()["error"]) == (409, "wrong_number")
    assert (await answered(provider, phone, "approve", context, PIN, number=number)).status_code == 410
    page = await screen.look()
    assert "app.refused" not in page.text
    assert "không khớp" in page.text
    anew = await screen.browser.http.post(
        "/sign-in/app", data=dict(FIELD.findall(page.text)) | {"act": "anew"}
    )
    assert anew.status_code == 303
    assert await screen.code()


@pytest.mark.attack
async def test_another_browser_never_opens(provider: Provider) -> None:
    """Attack 34: the thief's screen and the victim's are two; what was approved for one opens only that one."""
    _, phone = await person_and_phone(provider)
    screen, thief = await screen_at(provider), provider.browser()
    context = (await taken(provider, screen, phone)).json()["context"]
    number = (await screen.state())["number"]
    assert (await answered(provider, phone, "approve", context, PIN, number=number)).status_code == 200
    assert (await thief.http.get(screen.path)).status_code == 410
    assert (await thief.http.get(screen.path.replace("/app?", "/app/state?"))).status_code == 410
    other = await screen_at(provider)
    assert (await other.state())["state"] == "shown"
    assert (await screen.look()).status_code == 303


@pytest.mark.attack
async def test_a_code_is_taken_once_also_at_the_same_moment(provider: Provider) -> None:
    """Attack 14 for screens: of many phones that scan one code one has the screen, the others nothing."""
    phones = [(await person_and_phone(provider))[1] for _ in range(4)]
    screen = await screen_at(provider)
    code = await screen.code()
    async with provider.client() as client:
        raced = await asyncio.gather(*(phone.say(client, "take", code=code) for phone in phones))
        assert sorted(each.status_code for each in raced) == [200, 404, 404, 404]
        winner = next(each.json()["context"] for each in raced if each.status_code == 200)
        loser = next(p for p, each in zip(phones, raced, strict=True) if each.status_code == 404)
    number = (await screen.state())["number"]
    stolen = await answered(provider, loser, "approve", winner, PIN, number=number)
    assert (stolen.status_code, stolen.json()["error"]) == (410, "request_gone")


@pytest.mark.attack
@pytest.mark.parametrize(
    "change",
    [
        {"origin": "https://evil.example"},
        {"service_vi": "Ngân hàng"},
        {"network": "198.51.100.0/24"},
        {"client": "other"},
        {"until": 9_999_999_999},
        {"more": 1},
    ],
)
async def test_what_was_shown_is_what_is_signed(provider: Provider, change: dict[str, Any]) -> None:
    """A false page that shows something else gets a signature over something else, which opens nothing."""
    _, phone = await person_and_phone(provider)
    screen = await screen_at(provider)
    context = (await taken(provider, screen, phone)).json()["context"]
    number = (await screen.state())["number"]
    told = await answered(provider, phone, "approve", context | change, PIN, number=number)
    assert (told.status_code, told.json()["error"]) == (409, "other_context")
    assert (await screen.look()).status_code == 200


@pytest.mark.attack
async def test_it_was_not_me_ends_the_screen_and_rests(provider: Provider) -> None:
    """Attack 45: a report needs no PIN, stands in the history, and for an hour this phone takes no code."""
    person, phone = await person_and_phone(provider)
    screen = await screen_at(provider)
    context = (await taken(provider, screen, phone)).json()["context"]
    assert (await answered(provider, phone, "not_me", context)).json() == {"done": True}
    assert "không phải" in (await screen.look()).text
    again = await taken(provider, await screen_at(provider), phone)
    assert (again.status_code, again.json()["error"]) == (429, "resting")
    newest = (await provider.app.state.storage.records.history(person.account_id))[0]
    assert (newest.kind, newest.reason) == ("approval_reported", "screen")


async def test_one_screen_at_a_time(provider: Provider) -> None:
    """A second code cannot cover the first with another question; after the answer the hands are free."""
    _, phone = await person_and_phone(provider)
    first, second = await screen_at(provider), await screen_at(provider)
    context = (await taken(provider, first, phone)).json()["context"]
    assert (await taken(provider, second, phone)).json() == {"error": "busy"}
    assert (await answered(provider, phone, "deny", context)).json() == {"done": True}
    assert (await taken(provider, second, phone)).status_code == 200


@pytest.mark.attack
async def test_five_wrong_pins_also_at_once(provider: Provider) -> None:
    """Attack 41: parallel guesses cannot outrun the limit; then even the right PIN waits for the next day."""
    _, phone = await person_and_phone(provider)
    screen = await screen_at(provider)
    context = (await taken(provider, screen, phone)).json()["context"]
    number = (await screen.state())["number"]
    raced = await asyncio.gather(
        *(answered(provider, phone, "approve", context, f"91827{each}", number=number) for each in range(8))
    )
    told = [each.json()["error"] for each in raced if each.status_code in {422, 429}]
    assert told.count("wrong_pin") <= 5
    for each in range(5):
        await answered(provider, phone, "approve", context, f"71827{each}", number=number)
    right = await answered(provider, phone, "approve", context, PIN, number=number)
    assert (right.status_code, right.json()["error"]) == (429, "pin_blocked")
    assert (await screen.state())["state"] == "taken"


@pytest.mark.attack
async def test_a_phone_that_was_removed_meanwhile_opens_nothing(provider: Provider) -> None:
    """Attack 28: between the approval and the screen that goes on, the phone is gone; so is what it approved."""
    _, phone = await person_and_phone(provider)
    screen = await screen_at(provider)
    context = (await taken(provider, screen, phone)).json()["context"]
    number = (await screen.state())["number"]
    assert (await answered(provider, phone, "approve", context, PIN, number=number)).status_code == 200
    async with provider.client() as client:
        assert (await phone.say(client, "give_up")).status_code == 200
    refused = await screen.look()
    assert (refused.status_code, "Set-Cookie" in refused.headers) == (200, False)


async def test_a_code_to_type(provider: Provider) -> None:
    """Without a camera the same code is typed, in any writing; without a script the page reloads itself."""
    _, phone = await person_and_phone(provider)
    screen = await screen_at(provider)
    page = await screen.browser.http.get(screen.path + "&typed=1")
    found = re.search(r"data-code>([A-Z-]{9})<", page.text)
    assert found is not None
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in page.text
    async with provider.client() as client:
        told = await phone.say(client, "take", code=found[1].lower().replace("-", " "))
        assert told.status_code == 200
        for wrong in ("", "AAAA", "x" * 200, "BBBBBBBB"):
            assert (await phone.say(client, "take", code=wrong)).status_code in {400, 404, 409}
