"""The guessing budget through HTTP, on the real database: different values run out, races included."""

from __future__ import annotations

import asyncio

import pytest

from tests.registry_api.conftest import LAN, NOBODY, PHUC

pytestmark = [pytest.mark.engine, pytest.mark.attack]

COMMUNES = ["00004", "00008", "00025", "00070", "00082", "00091", "00097"]


async def flag_of(registry, commune, person=LAN, token=None):
    """The flag of one permanent commune tried."""
    answer = await registry.verify(person, token, claims={"permanent_commune": commune})
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]["permanent_commune"]


async def test_sixth_value_says_nothing(registry):
    """After five different values of one claim even the right one is `unknown` (attack 50: bisection)."""
    for commune in COMMUNES[:5]:
        assert (await flag_of(registry, commune))["flag"] == "mismatch"
    assert await flag_of(registry, "16744") == {"flag": "unknown", "reasons": ["budget_exhausted"]}
    assert (await flag_of(registry, COMMUNES[0]))["flag"] == "mismatch", (
        "a value tried before keeps its answer"
    )


async def test_budget_is_the_callers_own(registry):
    """One client's tries cost no other client anything, nor the person who is present (attack 39: lock as weapon)."""
    for commune in COMMUNES[:6]:
        await flag_of(registry, commune)
    other = registry.issuer.token(client_id="national-portal")
    assert (await flag_of(registry, "16744", token=other))["flag"] == "match"
    present = registry.issuer.personal(LAN["number"])
    assert (await flag_of(registry, "16744", token=present))["flag"] == "match"


async def test_budget_comes_back_the_next_day(registry):
    """The window is a day."""
    for commune in COMMUNES[:6]:
        await flag_of(registry, commune)
    registry.clock.advance(days=1)
    assert (await flag_of(registry, "16744"))["flag"] == "match"


async def test_names_cannot_be_tried_out(registry):
    """After five wrong names the right one no longer establishes the person, and the answer does not say why."""
    for name in ("Nguyễn Thị A", "Nguyễn Thị B", "Nguyễn Thị C", "Nguyễn Thị D", "Nguyễn Thị E"):
        await registry.verify(LAN | {"name": name})
    said = (await registry.verify(LAN)).json()
    assert said["identity"] == "not_established"
    assert said["results"]["birth_date"] == {"flag": "unknown", "reasons": ["identity_not_established"]}


async def test_writing_a_value_otherwise_is_no_new_try(registry):
    """Tries are counted on normalised values: case and Unicode form neither cost nor help."""
    for name in (
        "nguyễn thị lan",
        "NGUYỄN THỊ LAN",
        "Nguyễn  Thị Lan",
        "Nguyễn Thị Lan",
        "nguyễn THỊ lan",
        "NGuyễn thị lan",
    ):
        assert (await registry.verify(LAN | {"name": name})).json()["identity"] == "established"


async def test_numbers_cannot_be_tried_out_for_a_name(registry):
    """A name and birth date may be asked with five different numbers a day, not with every number there is."""
    for last in range(5):
        await registry.verify(LAN | {"number": f"09919400020{last}"})
    assert (await registry.verify(LAN)).json()["identity"] == "not_established"


async def test_budget_of_nobody_runs_out_alike(registry):
    """Spending is the same for a number of nobody, so exhaustion tells nothing about who exists."""
    for person in (PHUC, NOBODY):
        for name in ("Lê A", "Lê B", "Lê C", "Lê D", "Lê E"):
            await registry.verify(person | {"name": name})
    answers = [
        (await registry.verify(person | {"name": "Lê G"})).json()["results"] for person in (PHUC, NOBODY)
    ]
    assert answers[0] == answers[1]
    assert answers[0]["name"]["reasons"] == ["budget_exhausted"]


async def test_race_for_the_last_guess(registry):
    """Forty different values at once: five are answered, the others say nothing (attack 14)."""
    values = [f"{code:05d}" for code in range(1, 41)]
    answers = await asyncio.gather(*(flag_of_or_busy(registry, value) for value in values))
    told = [answer for answer in answers if answer == "mismatch"]
    assert len(told) <= 5
    assert set(answers) <= {"mismatch", "unknown", "busy"}


async def flag_of_or_busy(registry, commune):
    """The flag, or `busy` when too many asked at once."""
    answer = await registry.verify(LAN, claims={"permanent_commune": commune})
    if answer.status_code == 503:
        assert answer.headers["Retry-After"]
        return "busy"
    return answer.json()["results"]["permanent_commune"]["flag"]
