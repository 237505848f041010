"""One dossier of a parent, three bodies: birth certificate and number, then residence and insurance card."""

from __future__ import annotations

import asyncio

import pytest

from population_registry.api.dossiers import linking
from population_registry.storage.connections import connect
from population_registry.storage.loading import load_facts
from tests.registry_api.births import (
    PORTAL,
    WIFE,
    birth,
    file_birth,
    name_the_mother,
    register,
    whole,
)
from tests.registry_api.dossiers import act_of_centre as act
from tests.registry_api.dossiers import parts_of, rows

pytestmark = pytest.mark.engine


@pytest.fixture
async def registry(saturday, own_authority):
    """The registry on a database of this test's own, on Monday 23 November 2026 at 09:00 in Việt Nam."""
    saturday.advance(days=1, hours=23)
    await name_the_mother(own_authority)
    return own_authority


async def test_one_dossier_three_bodies(registry):
    """Decree 63/2024: certificate and number first, then residence and card in parallel, one result."""
    dossier = await file_birth(registry)
    shown = await whole(registry, dossier)
    assert (shown["state"], shown["due_on"]) == (4, "2026-11-27")  # 24 November is a public holiday
    assert set(await parts_of(registry, dossier)) == {"linked.birth.registration"}
    parts = await register(registry, dossier)
    assert set(parts) == {"linked.birth.registration", "linked.birth.residence", "bhyt.child"}
    for code in ("bhyt.child", "linked.birth.residence"):
        assert (await act(registry, parts[code], "receive")).status_code == 200
    done = await whole(registry, dossier)
    assert (done["state"], done["decision"]["approved"]) == (9, True), done
    child = done["result"]["registration"]["child"]
    assert (child[:3], child[3:6]) == ("099", "326")
    assert done["result"]["residence"]["kind"] == "permanent"
    assert done["result"]["insurance"]["valid_from"] == "2026-11-19"
    connection = await connect(registry.database_url)
    facts = await load_facts(connection, [child])
    await connection.close()
    person = facts.subject
    assert person is not None
    assert (person.person.name.full, str(person.person.birth), person.person.sex.value) == (
        "Lê Minh An",
        "2026-11-19",
        "female",
    )
    assert {kin.kind.value for kin in person.kin} == {"mother", "father"}
    assert [card.card_code[:3] for card in person.insurances] == ["TE1"]
    log = await rows(
        registry,
        "SELECT outcome, procedure_code, client_id FROM access_log JOIN person ON person_id = subject_id "
        "WHERE personal_number = $1",
        child,
    )
    assert {
        ("dossier_approve", "bhyt.child", PORTAL),
        ("dossier_approve", "linked.birth.residence", PORTAL),
    } <= {tuple(row) for row in log}
    (home,) = [h for h in facts.households.values() if h.relation_of(person.person.person_id) is not None]
    assert (home.relation_of(person.person.person_id).value, len(home.members)) == ("child", 6)


async def test_each_part_is_told_within_the_citizens_dossier(registry):
    """Every state of every part is a line of the parent's history: nobody asks three offices."""
    dossier = await file_birth(registry)
    parts = await register(registry, dossier)
    await act(registry, parts["bhyt.child"], "receive")
    told = await rows(
        registry,
        "SELECT detail->>'part', (detail->>'state')::int FROM dossier_event WHERE dossier_code = $1 "
        "AND act = 'part' ORDER BY event_no",
        dossier["dossier_code"],
    )
    assert [tuple(row) for row in told if row[0] == "registration"][-1] == ("registration", 9)
    assert ("insurance", 10) in {tuple(row) for row in told}
    assert ("residence", 1) in {tuple(row) for row in told}


async def test_filed_from_three_o_clock_on_it_counts_as_of_the_next_working_day(registry):
    """Monday 15:00 is as good as Wednesday morning when Tuesday is a holiday (Decree 63/2024)."""
    registry.clock.advance(hours=6)
    dossier = await file_birth(registry)
    assert (await whole(registry, dossier))["due_on"] == "2026-11-30"


async def test_what_must_be_verified_takes_five_days(registry):
    """An unsigned birth slip is for the office to verify: five working days instead of three."""
    slip = {"number": "GCS-1", "signed": False}
    dossier = await file_birth(registry, birth_slip=slip)
    assert (await whole(registry, dossier))["due_on"] == "2026-12-01"
    part = (await parts_of(registry, dossier))["linked.birth.registration"]
    await act(registry, part, "receive")
    refused = await act(registry, part, "approve")
    assert [check["code"] for check in refused.json()["checks"]] == ["birth_slip"]
    approved = await act(registry, part, "approve", confirmed=["birth_slip"])
    assert approved.json()["state"] == 9, approved.text


async def test_two_births_at_once_get_different_numbers(registry):
    """Twins registered at the same moment: two people, two numbers of the same series (a race on the real engine)."""
    twins = [
        await file_birth(registry, child=birth()["child"] | {"given": given}) for given in ("An", "Bình")
    ]
    parts = [(await parts_of(registry, twin))["linked.birth.registration"] for twin in twins]
    for part in parts:
        await act(registry, part, "receive")
    answers = await asyncio.gather(*(act(registry, part, "approve") for part in parts))
    assert [answer.status_code for answer in answers] == [200, 200], [a.text for a in answers]
    found = await rows(
        registry, "SELECT personal_number FROM person WHERE birth_date = '2026-11-19' ORDER BY 1"
    )
    assert len({row[0] for row in found}) == len(found) == 2
    assert {row[0][:6] for row in found} == {"099326"}


async def test_a_second_dossier_makes_no_second_person(registry):
    """The other parent files the same birth: whoever is second finds the child registered."""
    first, second = await file_birth(registry), await file_birth(registry, WIFE)
    parts = [(await parts_of(registry, each))["linked.birth.registration"] for each in (first, second)]
    for part in parts:
        await act(registry, part, "receive")
    answers = await asyncio.gather(*(act(registry, part, "approve") for part in parts))
    assert sorted(answer.status_code for answer in answers) == [200, 409], [a.text for a in answers]
    ((count,),) = await rows(registry, "SELECT count(*) FROM person WHERE birth_date = '2026-11-19'")
    assert count == 1


async def test_a_flow_that_broke_off_goes_on(registry, monkeypatch):
    """The process dies after the certificate was committed: the next look opens residence and card, once each."""
    dossier = await file_birth(registry)
    part = (await parts_of(registry, dossier))["linked.birth.registration"]
    await act(registry, part, "receive")

    async def died(*_):
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr(linking, "_step", died)
        assert (await act(registry, part, "approve")).json()["state"] == 9
    assert set(await parts_of(registry, dossier)) == {"linked.birth.registration"}
    desk = registry.app.state.service.desk
    await asyncio.gather(*(linking.follow_all(desk) for _ in range(4)))
    opened = await rows(
        registry,
        "SELECT procedure_code, count(*) FROM dossier WHERE linked_to = $1 GROUP BY 1 ORDER BY 1",
        dossier["dossier_code"],
    )
    assert [tuple(row) for row in opened] == [
        ("bhyt.child", 1),
        ("linked.birth.registration", 1),
        ("linked.birth.residence", 1),
    ]
