"""Writers of changes of households and residence. A row that ends stays; one that was wrong is void and stays too."""

from collections.abc import Mapping
from typing import Any, Final

from population_registry.domain import EndReason
from population_registry.dossiers.changes import (
    ChangeRelation,
    CorrectResidence,
    EndResidence,
    FoundHousehold,
    JoinHousehold,
    LeaveHousehold,
    ProlongResidence,
    RegisterResidence,
)
from population_registry.storage.dossiers.ledger import ChangeConflict, Writer, Writing

_STANDING: Final = (
    "SELECT to_jsonb(r)::text FROM residence AS r WHERE person_id = $1 AND kind = $2 AND ended IS NULL"
)
_CLOSE: Final = (
    "UPDATE residence AS r SET ended = coalesce($3, since), end_reason = $4, end_recorded_at = $5 "
    "WHERE person_id = $1 AND kind = $2 AND ended IS NULL "
    "RETURNING to_jsonb(r)::text"
)
_ADD: Final = """
INSERT INTO residence AS r (person_id, residence_no, kind, commune_code, address, address_as_issued, dwelling_id,
                            tenure, since, until, recorded_at)
SELECT $1, coalesce(max(residence_no), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10
  FROM residence WHERE person_id = $1
RETURNING to_jsonb(r)::text
"""
_ADD_MEMBER: Final = """
INSERT INTO membership AS m (person_id, household_id, since, relation, until) VALUES ($1, $2, $3, $4, NULL)
ON CONFLICT DO NOTHING RETURNING to_jsonb(m)::text
"""
_CLOSE_MEMBER: Final = """
UPDATE membership AS m SET until = $3 WHERE person_id = $1 AND household_id = $2 AND until IS NULL
RETURNING to_jsonb(m)::text
"""


async def _found_household(writing: Writing, change: FoundHousehold) -> None:
    household_id = await writing.make(change.reference)
    after = await writing.one(
        "INSERT INTO household AS h (household_id, file_number, kind, dwelling_id) "
        "SELECT $1, c.province_code || lpad($1::bigint::text, 10, '0'), $2, $3 FROM commune c WHERE c.code = $4 "
        "RETURNING to_jsonb(h)::text",
        household_id,
        change.kind.value,
        writing.id_of(change.dwelling),
        change.commune_code,
    )
    await writing.record(change, writing.today, "registered", after=after)


async def _register(writing: Writing, change: RegisterResidence) -> None:
    if await writing.connection.fetch(_STANDING, change.person_id, change.kind.value):
        raise ChangeConflict
    address = change.address
    after = await writing.one(
        _ADD,
        change.person_id,
        change.kind.value,
        address.commune_code,
        address.text,
        address.as_issued,
        None if change.dwelling is None else writing.id_of(change.dwelling),
        change.tenure.value,
        change.since,
        change.until,
        writing.now,
    )
    await writing.record(change, change.since, change.reason.value, after=after)


async def _end(writing: Writing, change: EndResidence) -> None:
    before = await writing.one(_STANDING, change.person_id, change.kind.value)
    after = await writing.one(
        _CLOSE, change.person_id, change.kind.value, change.on, change.reason.value, writing.now
    )
    await writing.record(change, change.on, change.reason.value, before=before, after=after)


async def _prolong(writing: Writing, change: ProlongResidence) -> None:
    before = await writing.one(_STANDING, change.person_id, change.kind.value)
    after = await writing.one(
        "UPDATE residence AS r SET until = $3 WHERE person_id = $1 AND kind = $2 AND ended IS NULL "
        "RETURNING to_jsonb(r)::text",
        change.person_id,
        change.kind.value,
        change.until,
    )
    await writing.record(change, writing.today, change.reason.value, before=before, after=after)


async def _correct(writing: Writing, change: CorrectResidence) -> None:
    """The wrong row ends on the day it began, so it was never in force; the right one begins on that day."""
    before: dict[str, Any] = await writing.one(_STANDING, change.person_id, change.kind.value)
    await writing.one(
        _CLOSE, change.person_id, change.kind.value, None, EndReason.CORRECTED.value, writing.now
    )
    after = await writing.one(
        _ADD.replace("$8, $9", "$8::text::date, $9::text::date"),
        change.person_id,
        change.kind.value,
        change.address.commune_code,
        change.address.text,
        change.address.as_issued,
        before["dwelling_id"],
        change.tenure.value,
        before["since"],
        before["until"],
        writing.now,
    )
    await writing.record(change, writing.today, change.reason.value, before=before, after=after)


async def _join(writing: Writing, change: JoinHousehold) -> None:
    household_id = writing.id_of(change.household)
    after = await writing.one(
        _ADD_MEMBER, change.person_id, household_id, change.since, change.relation.value
    )
    await writing.record(change, change.since, change.reason.value, after=after)


async def _leave(writing: Writing, change: LeaveHousehold) -> None:
    after = await writing.one(_CLOSE_MEMBER, change.person_id, change.household, change.on)
    await writing.record(change, change.on, change.reason.value, before={**after, "until": None}, after=after)


async def _change_relation(writing: Writing, change: ChangeRelation) -> None:
    stands = (
        "SELECT to_jsonb(m)::text FROM membership AS m "
        "WHERE person_id = $1 AND household_id = $2 AND until IS NULL"
    )
    before = await writing.one(stands, change.person_id, change.household)
    if (
        before["since"] == change.on.isoformat()
    ):  # of today: no period of the former relation remains to be kept
        after = await writing.one(
            "UPDATE membership AS m SET relation = $3 WHERE person_id = $1 AND household_id = $2 AND until IS NULL "
            "RETURNING to_jsonb(m)::text",
            change.person_id,
            change.household,
            change.relation.value,
        )
    else:
        await writing.one(_CLOSE_MEMBER, change.person_id, change.household, change.on)
        after = await writing.one(
            _ADD_MEMBER, change.person_id, change.household, change.on, change.relation.value
        )
    await writing.record(change, change.on, change.reason.value, before=before, after=after)


HOME_WRITERS: Final[Mapping[type, Writer]] = {
    FoundHousehold: _found_household,
    RegisterResidence: _register,
    EndResidence: _end,
    ProlongResidence: _prolong,
    CorrectResidence: _correct,
    JoinHousehold: _join,
    LeaveHousehold: _leave,
    ChangeRelation: _change_relation,
}
