"""Loads what some questions ask of the past, one trip for all who ask: guardians, custody, ends of registrations."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from population_registry.domain import RegistryFacts
from population_registry.domain.guardianship import (
    AppointedBy,
    Custody,
    CustodyBasis,
    Guardianship,
    GuardianshipBasis,
)
from population_registry.domain.past import PersonPast
from population_registry.domain.residence import EndReason, ResidenceKind
from population_registry.storage.connections import Connection, iso_date

_PAST = """
SELECT json_agg(json_build_array(p.person_id,
  (SELECT json_agg(json_build_array(g.guardian_id, g.guardian_name, g.basis, g.appointed_by, g.since, g.until,
          g.recorded_at) ORDER BY g.since DESC, g.guardianship_no)
     FROM guardianship g WHERE g.person_id = p.person_id),
  (SELECT json_agg(json_build_array(c.parent_id, c.parent_name, c.basis, c.decision, c.since, c.until, c.recorded_at)
          ORDER BY c.since DESC, c.custody_no)
     FROM custody c WHERE c.person_id = p.person_id),
  (SELECT json_agg(json_build_array(r.kind, r.since, r.end_reason) ORDER BY r.since DESC, r.residence_no)
     FROM residence r WHERE r.person_id = p.person_id AND r.end_reason IS NOT NULL)))::text
  FROM unnest($1::bigint[]) AS p(person_id)
"""


async def with_past(connection: Connection, facts: RegistryFacts) -> RegistryFacts:
    """The facts with the past of everybody in them. Raises as `with_past_together` does."""
    (found,) = await with_past_together(connection, [facts])
    return found


async def with_past_together(connection: Connection, many: Sequence[RegistryFacts]) -> list[RegistryFacts]:
    """The facts of each question, in their order, with the past of everybody in them: one statement for all.

    Raises:
        asyncpg.PostgresError: the database refuses.
        OSError: the database cannot be reached.
    """
    whose = [{each.person.person_id for each in facts.people.values()} for facts in many]
    ids = sorted(set().union(*whose))
    if not ids:
        return list(many)
    text = await connection.fetchval(_PAST, ids)
    assert isinstance(text, str)
    past = {row[0]: _past(*row) for row in orjson.loads(text)}
    return [
        replace(facts, past={each: past[each] for each in theirs}) if theirs else facts
        for facts, theirs in zip(many, whose, strict=True)
    ]


def _past(
    person_id: int, guardians: list[Any] | None, custodies: list[Any] | None, ended: list[Any] | None
) -> PersonPast:
    return PersonPast(
        tuple(_guardianship(person_id, *each) for each in guardians or ()),
        tuple(_custody(person_id, *each) for each in custodies or ()),
        {(ResidenceKind(kind), _day(since)): EndReason(reason) for kind, since, reason in ended or ()},
    )


def _guardianship(
    person_id: int,
    guardian: int | None,
    name: str,
    basis: str,
    by: str,
    since: str,
    until: str | None,
    at: str,
) -> Guardianship:
    return Guardianship(
        person_id, guardian, name, GuardianshipBasis(basis), AppointedBy(by), _day(since), iso_date(until),
        datetime.fromisoformat(at),
    )  # a table, read by rows  # fmt: skip


def _custody(
    person_id: int,
    parent: int | None,
    name: str,
    basis: str,
    decision: str,
    since: str,
    until: str | None,
    at: str,
) -> Custody:
    return Custody(
        person_id, parent, name, CustodyBasis(basis), decision, _day(since), iso_date(until),
        datetime.fromisoformat(at),
    )  # a table, read by rows  # fmt: skip


def _day(text: str) -> Any:
    return iso_date(text)
