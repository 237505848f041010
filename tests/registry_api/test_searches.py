"""Officers search under purpose and case, inside their territory; everybody shown is in the log (attacks 49, 50)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from population_registry.operators.officers import Role
from population_registry.storage.connections import connect
from population_registry.storage.officers import Appointment, appoint
from tests.registry_api.conftest import HUNG_HOME, LAN, Registry

pytestmark = pytest.mark.engine
COMMUNE, PROVINCE, CENTRE, AUDITOR, CLERK = "CA-00166-01", "CA-01-01", "C06-01", "TT-01", "MC-01"
PEOPLE = {
    COMMUNE: Appointment("099083000131", COMMUNE, "Công an phường Cầu Giấy", Role.COMMUNE_OFFICER, "00166"),
    PROVINCE: Appointment("099178000132", PROVINCE, "Công an Hà Nội", Role.PROVINCE_OFFICER, "01"),
    CENTRE: Appointment("099081000133", CENTRE, "Trung tâm", Role.CENTRE_OFFICER),
    AUDITOR: Appointment("099189000134", AUDITOR, "Thanh tra", Role.AUDITOR),
    CLERK: Appointment("099193000135", CLERK, "Một cửa", Role.COUNTER_CLERK, "00166"),
}
LAN_LOOSE = {"name": "lan nguyen", "birth": "1994"}


@pytest.fixture(scope="module", autouse=True)
async def appointed(persona_database: str) -> None:
    """The officers are appointed."""
    connection = await connect(persona_database)
    await appoint(connection, PEOPLE.values(), datetime(2026, 1, 1, tzinfo=UTC))
    await connection.close()


def token(registry: Registry, officer: str | None = None, **changed: Any) -> str:
    """A token of the console's system, or of an officer who is signed in there."""
    claims = {"client_id": "registry-console", "scope": "registry:search registry:review registry:access-log"}
    if officer is not None:
        claims |= {"pid": PEOPLE[officer].number, "acr": "urn:example:vn:acr:l2-a2", "sub": officer}
    return registry.issuer.token(**claims | changed)


async def search(registry: Registry, criteria: Any, officer: str = COMMUNE, **changed: Any) -> Any:
    """One search through the console's system."""
    body = {"officer": officer, "purpose": "residence_dossier", "case": "G01.899.05-261121-010042"}
    return await registry.post("/v1/searches", body | {"criteria": criteria} | changed, token(registry))


def numbers(answer: Any) -> list[str]:
    """Who is on the page."""
    assert answer.status_code == 200, answer.text
    return [each["number"] for each in answer.json()["people"]]


async def test_a_person_is_found_and_reads_that_they_were(registry: Registry) -> None:
    """Who, under which purpose and case, which fields: in the person's own log before the officer's answer."""
    case = "HS-FOUND-1"
    answer = await search(registry, LAN_LOOSE, case=case)
    assert numbers(answer) == [LAN["number"]]
    (person,) = answer.json()["people"]
    assert person == {
        "number": LAN["number"],
        "name": "Nguyễn Thị Lan",
        "birth_date": "1994-05-17",
        "sex": "female",
        "status": "active",
        "permanent_commune": "16744",
    }
    assert answer.headers["cache-control"] == "no-store"
    (row,) = await registry.log_of(LAN["number"], case)
    assert (row["officer"], row["agency"], row["client"]) == (
        COMMUNE,
        "Công an phường Cầu Giấy",
        "registry-console",
    )
    assert row["outcome"] == "searched"
    assert row["procedure_code"] == "console.residence_dossier"
    assert set(row["fields"].values()) == {"searched"}


@pytest.mark.attack
@pytest.mark.parametrize(
    ("changed", "claims", "status", "code", "told"),
    [
        ({}, {"scope": "registry:verify"}, 403, "insufficient-scope", None),
        ({"officer": "NOBODY"}, {}, 403, "officer-not-allowed", "unknown"),
        ({"officer": None}, {}, 403, "officer-not-allowed", "unknown"),
        ({"officer": AUDITOR}, {}, 403, "officer-not-allowed", "no_power"),
        ({"officer": CLERK}, {}, 403, "officer-not-allowed", "no_power"),
        (
            {},
            {"pid": PEOPLE[PROVINCE].number, "acr": "urn:example:vn:acr:l2-a2"},
            403,
            "officer-not-allowed",
            "other_person",
        ),
        (
            {},
            {"pid": LAN["number"], "acr": "urn:example:vn:acr:l2-a2"},
            403,
            "officer-not-allowed",
            "unknown",
        ),
        ({}, {"client_id": "residence-portal", "party_kind": "private"}, 403, "procedure-not-allowed", None),
        ({"purpose": "curiosity"}, {}, 400, "invalid-request", None),
        ({"case": ""}, {}, 400, "invalid-request", None),
        ({"case": "x y"}, {}, 400, "invalid-request", None),
        ({"criteria": {}}, {}, 400, "invalid-request", None),
        ({"criteria": {"name": "l%"}}, {}, 400, "invalid-request", "no_name_fragments"),
        ({"cursor": "AAAA"}, {}, 400, "invalid-request", None),
        ({"cursor": "é" * 20}, {}, 400, "invalid-request", None),
    ],
)
async def test_searches_without_right_or_reason_are_refused(
    registry: Registry,
    changed: dict[str, Any],
    claims: dict[str, Any],
    status: int,
    code: str,
    told: str | None,
) -> None:
    """Scope, office, role, own token, purpose and case: without each of them nobody is looked up (attack 49)."""
    body = {"officer": COMMUNE, "purpose": "residence_dossier", "case": "HS-DENIED", "criteria": LAN_LOOSE}
    body = {name: value for name, value in (body | changed).items() if value is not None}
    answer = await registry.post("/v1/searches", body, token(registry, **claims))
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json().get("reason") == told
    assert await registry.log_of(LAN["number"], "HS-DENIED") == []


@pytest.mark.attack
async def test_fragments_stay_inside_the_territory(registry: Registry) -> None:
    """Huế is not Cầu Giấy's business; the province of Hà Nội sees Lan, the centre both (attack 49)."""
    hue = {"name": "hung", "birth": {"from": 1970, "to": 1989}}
    assert HUNG_HOME[0] not in numbers(await search(registry, hue))
    assert HUNG_HOME[0] not in numbers(await search(registry, hue, PROVINCE))
    assert HUNG_HOME[0] in numbers(await search(registry, hue, CENTRE))
    assert LAN["number"] in numbers(await search(registry, LAN_LOOSE, PROVINCE))


@pytest.mark.attack
async def test_a_number_from_elsewhere_is_not_shown_but_noticed(registry: Registry) -> None:
    """An exact number outside the territory: only that there is one; the person and a reviewer read of it."""
    case = "HS-BEYOND-1"
    answer = await search(registry, {"number": HUNG_HOME[0]}, case=case)
    assert answer.json() == {"people": [], "total": 0, "outside_territory": 1, "next_cursor": None}
    (row,) = await registry.log_of(HUNG_HOME[0], case)
    assert (row["outcome"], row["fields"]) == ("searched_out_of_area", {})


async def test_households_and_pages(registry: Registry) -> None:
    """Five members, two a page, given names in order; a cursor serves its own search only."""
    body = {"criteria": {"household": {"head": HUNG_HOME[0]}}, "limit": 2}
    met, cursor, first = [], None, None
    while True:
        answer = await search(registry, body["criteria"], CENTRE, limit=2, cursor=cursor)
        met += numbers(answer)
        cursor = answer.json()["next_cursor"]
        first = first or cursor
        if cursor is None:
            break
    assert sorted(met) == sorted(HUNG_HOME)
    assert len(met) == 5
    for changed in ({"case": "OTHER-CASE"}, {"officer": PROVINCE}, {"criteria": {"number": LAN["number"]}}):
        other = {"officer": CENTRE, "criteria": body["criteria"], "cursor": first} | changed
        answer = await search(registry, other.pop("criteria"), other.pop("officer"), **other)
        assert (answer.status_code, answer.json()["member"]) == (400, "cursor")


@pytest.mark.attack
async def test_searches_that_are_too_broad_leave_a_trace(registry: Registry, persona_database: str) -> None:
    """Refused with a hint, and reviewable: whoever tries to list a country is seen (attack 50)."""
    connection = await connect(persona_database)
    held = await connection.fetch("SELECT token, people FROM search_token")
    await connection.execute("UPDATE search_token SET people = people * 1000000")
    try:
        registry.app.state.service.searching._words = None
        answer = await search(registry, {"name": "nguyen"}, CENTRE, case="HS-BROAD")
    finally:
        await connection.executemany(
            "UPDATE search_token SET people = $2 WHERE token = $1", [tuple(r) for r in held]
        )
        registry.app.state.service.searching._words = None
    assert (answer.status_code, answer.json()["code"], answer.json()["reason"]) == (
        *(422, "search-too-broad"),
        "add_birth",
    )
    outcome = await connection.fetchval("SELECT outcome FROM access_log WHERE dossier_code = 'HS-BROAD'")
    await connection.close()
    assert outcome == "search_refused"


async def review(registry: Registry, query: str, officer: str = AUDITOR) -> Any:
    """One review of November 2026."""
    days = "from=2026-11-01&to=2026-11-30"
    return await registry.get(f"/v1/access-reviews?{days}&{query}", token(registry, officer))


async def test_look_ups_are_reviewed(registry: Registry) -> None:
    """By officer, by day, row by row; what reached beyond the territory stands out, and no subject is named."""
    case = "HS-REVIEW-1"
    await search(registry, LAN_LOOSE, case=case)
    await search(registry, {"number": HUNG_HOME[0]}, case=case)
    officers = (await review(registry, "view=officers")).json()["officers"]
    (mine,) = [each for each in officers if each["officer"] == COMMUNE]
    assert mine["questions"] >= 2
    assert mine["out_of_area"] >= 1
    assert sorted((each["questions"] for each in officers), reverse=True) == [
        e["questions"] for e in officers
    ]
    days = (await review(registry, f"view=days&officer={COMMUNE}")).json()["days"]
    assert "2026-11-21" in [each["day"] for each in days]
    entries, cursor = [], ""
    while cursor is not None:
        page = (
            await review(registry, f"view=entries&limit=3&sign=out_of_area{cursor and '&cursor=' + cursor}")
        ).json()
        entries += page["entries"]
        cursor = page["next_cursor"]
    assert case in [each["case"] for each in entries]
    assert {each["outcome"] for each in entries} == {"searched_out_of_area"}
    assert "subject" not in str(entries)
    assert HUNG_HOME[0] not in str(entries)
    without = (await review(registry, "view=entries&sign=without_case&limit=200")).json()["entries"]
    assert all(each["case"] is None for each in without)


@pytest.mark.attack
@pytest.mark.parametrize(
    ("query", "officer", "changed", "status"),
    [
        ("view=officers", COMMUNE, {}, 403),
        ("view=officers", AUDITOR, {"scope": "registry:search"}, 403),
        ("view=officers&to=2026-12-15", AUDITOR, {}, 400),
        ("view=officers&from=2026-12-01", AUDITOR, {}, 400),
        ("view=officers&from=0001-01-01", AUDITOR, {}, 400),
        ("view=entries&cursor=xx", AUDITOR, {}, 400),
    ],
)
async def test_reviews_are_for_reviewers(
    registry: Registry, query: str, officer: str, changed: dict[str, Any], status: int
) -> None:
    """Nobody else reviews, and nobody more than a month at once."""
    answer = await registry.get(
        f"/v1/access-reviews?from=2026-11-01&to=2026-11-30&{query}", token(registry, officer, **changed)
    )
    assert answer.status_code == status, answer.text
