"""Deletion ex officio on what the record learns: Law on Residence Art. 24, 29; Decree 58/2026 Art. 4(6), (7)."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from population_registry.api.dossiers.clearing import clear_all
from population_registry.domain import DeathKind
from population_registry.dossiers.civil_changes import RecordDeath
from population_registry.storage.connections import connect
from population_registry.storage.dossiers import apply_changes
from tests.registry_api.conftest import HAN, LAN
from tests.registry_api.dossiers import CENTRE, act, rows
from tests.registry_api.test_identity_acts import ex_officio

pytestmark = pytest.mark.engine
HUNG, SON = {"number": "099079000104"}, {"number": "099203000143"}
STANDING = (
    "SELECT r.kind FROM residence r JOIN person p USING (person_id) "
    "WHERE p.personal_number = $1 AND r.ended IS NULL AND r.kind <> 'current' ORDER BY 1"
)
OPENED = (
    "SELECT d.procedure_code, d.state, d.filing, d.half_days, d.inputs->>'ground', d.dossier_code FROM dossier d "
    "JOIN person p ON p.person_id = d.applicant_id "
    "WHERE p.personal_number = $1 AND d.client_id = 'registry' ORDER BY 1"
)


async def cleared(registry, person):
    """Take up everything that is due, beside the registry's own minute; how many dossiers the person then has."""
    async with asyncio.timeout(300):
        while await rows(registry, "SELECT 1 FROM residence_clearing"):
            await clear_all(registry.app.state.service.desk)
    return len(await rows(registry, OPENED, person["number"]))


async def report(registry, person, status):
    """An officer records what another authority decided."""
    answer = await ex_officio(registry, "identity.status", person, status=status, since="2026-11-19")
    assert answer.json()["state"] == 10, answer.text


async def died(registry, number):
    """A death comes into the record otherwise than by the linked procedure."""
    connection = await connect(registry.database_url)
    try:
        person_id = await connection.fetchval(
            "SELECT person_id FROM person WHERE personal_number = $1", number
        )
        change = RecordDeath(person_id, DeathKind.DEATH, date(2026, 11, 18), "KT-7/2026", "00166")
        async with connection.transaction():
            await apply_changes(
                connection,
                [change],
                dossier_code="G01.899.06-261118-010001",
                by="system",
                now=registry.clock(),
            )
    finally:
        await connection.close()


async def test_lost_nationality_ends_every_registration(own_authority):
    """Art. 24(1)(đ), 29(1)(d): both registrations, each by its own dossier, at once, with ground and log."""
    kinds = [row[0] for row in await rows(own_authority, STANDING, LAN["number"])]
    assert len(kinds) >= 1
    await report(own_authority, LAN, "nationality_lost")
    assert await cleared(own_authority, LAN) == len(kinds)
    assert await rows(own_authority, STANDING, LAN["number"]) == []
    for opened in await rows(own_authority, OPENED, LAN["number"]):
        assert tuple(opened)[1:5] == (10, "ex_officio", 2, "nationality_lost")
        ledger = await rows(
            own_authority,
            "SELECT DISTINCT recorded_by FROM registry_change WHERE dossier_code = $1",
            opened[5],
        )
        assert [row[0] for row in ledger] == ["system"]
        assert await own_authority.log_of(LAN["number"], opened[5])
    assert await cleared(own_authority, LAN) == len(kinds), "done once"


async def test_a_head_is_followed_by_an_officers_decision(own_authority):
    """Art. 10: nobody but an officer settles who heads a household whose head is declared missing; the day runs."""
    await report(own_authority, HUNG, "missing_declared")
    assert await cleared(own_authority, HUNG) == 1
    (opened,) = await rows(own_authority, OPENED, HUNG["number"])
    assert tuple(opened)[:5] == ("residence.delete-permanent", 4, "ex_officio", 2, "death")
    assert await rows(own_authority, STANDING, HUNG["number"])
    done = await act(own_authority, {"dossier_code": opened[5]}, "approve", by=CENTRE)
    assert done.status_code == 200, done.text
    assert await rows(own_authority, STANDING, HUNG["number"]) == []


async def test_a_death_from_elsewhere_ends_everything_in_one_dossier(own_authority):
    """Art. 24(1)(a), 29(1)(a): a death that no relative filed is followed all the same, with a new head."""
    await died(own_authority, HUNG["number"])
    assert await cleared(own_authority, HUNG) == 1
    (opened,) = await rows(own_authority, OPENED, HUNG["number"])
    assert (opened[0], opened[1]) == ("linked.death.residence", 10)
    assert await rows(own_authority, STANDING, HUNG["number"]) == []
    heads = await rows(
        own_authority,
        "SELECT count(*) FROM membership m JOIN membership mine USING (household_id) JOIN person p "
        "ON p.person_id = mine.person_id WHERE p.personal_number = $1 AND m.relation = 'head' AND m.until IS NULL",
        SON["number"],
    )
    assert heads[0][0] == 1


async def test_nobody_who_is_registered_nowhere_needs_a_dossier(own_authority):
    """A report about somebody without a registration opens nothing and is forgotten."""
    await rows(
        own_authority,
        "UPDATE residence SET ended = current_date, end_reason = 'moved', end_recorded_at = now() "
        "WHERE person_id = (SELECT person_id FROM person WHERE personal_number = $1) AND ended IS NULL",
        HAN["number"],
    )
    await report(own_authority, HAN, "missing_declared")
    assert await cleared(own_authority, HAN) == 0
