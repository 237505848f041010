"""Writers of changes of people and of what is only noted of them: dwellings they bring, status, stays, absences."""

from collections.abc import Mapping
from typing import Final

from population_registry.domain import DeathKind, PersonStatus
from population_registry.dossiers.changes import AddDwelling, NoteAbsence, NoteStay, SetPersonStatus
from population_registry.storage.dossiers.ledger import Writer, Writing


async def _add_dwelling(writing: Writing, change: AddDwelling) -> None:
    dwelling_id = await writing.make(change.reference)
    address = change.address
    after = await writing.one(
        "INSERT INTO dwelling AS d (dwelling_id, kind, commune_code, address, address_as_issued, "
        "floor_area_m2, disputed) VALUES ($1, $2, $3, $4, $5, $6, false) RETURNING to_jsonb(d)::text",
        dwelling_id,
        change.kind.value,
        address.commune_code,
        address.text,
        address.as_issued,
        change.floor_area_m2,
    )
    await writing.connection.execute(
        "INSERT INTO dwelling_owner (person_id, dwelling_id) SELECT o, $2 FROM unnest($1::bigint[]) AS o",
        list(change.owner_ids),
        dwelling_id,
    )
    after["owner_ids"] = list(change.owner_ids)
    await writing.record(change, writing.today, "registered", after=after)


_DEATHS: Final = {
    PersonStatus.DECEASED: DeathKind.DEATH,
    PersonStatus.MISSING_DECLARED: DeathKind.DECLARED_MISSING,
}


async def _set_status(writing: Writing, change: SetPersonStatus) -> None:
    """The status of a living person's record, and the death behind it: when it happened, when it became known."""
    before = await writing.one(
        "SELECT jsonb_build_object('status', status, 'status_since', status_since)::text FROM person "
        "WHERE person_id = $1 AND status = 'active'",
        change.person_id,
    )
    after = await writing.one(
        "UPDATE person AS p SET status = $2, status_since = $3 WHERE person_id = $1 "
        "RETURNING jsonb_build_object('status', status, 'status_since', status_since)::text",
        change.person_id,
        change.status.value,
        change.on,
    )
    if change.status in _DEATHS:
        await writing.one(
            "INSERT INTO death AS d (person_id, kind, occurred_at, recorded_at, certificate, commune_code) "
            "VALUES ($1, $2, $3, $4, NULL, NULL) ON CONFLICT DO NOTHING RETURNING to_jsonb(d)::text",
            change.person_id,
            _DEATHS[change.status].value,
            change.on,
            writing.now,
        )
    await writing.record(change, change.on, change.reason.value, before=before, after=after)


async def _note_stay(writing: Writing, change: NoteStay) -> None:
    after = await writing.one(
        "INSERT INTO stay AS s (person_id, stay_no, host, commune_code, address, reason, since, until, recorded_at) "
        "SELECT $1, coalesce(max(stay_no), 0) + 1, $2, $3, $4, $5, $6, $7, $8 FROM stay WHERE person_id = $1 "
        "RETURNING to_jsonb(s)::text",
        change.person_id,
        change.host.value,
        change.address.commune_code,
        change.address.text,
        change.stay_reason,
        change.since,
        change.until,
        writing.now,
    )
    await writing.record(change, change.since, "declared", after=after)


async def _note_absence(writing: Writing, change: NoteAbsence) -> None:
    after = await writing.one(
        "INSERT INTO absence AS a (person_id, absence_no, category, destination, since, until, recorded_at) "
        "SELECT $1, coalesce(max(absence_no), 0) + 1, $2, $3, $4, $5, $6 FROM absence WHERE person_id = $1 "
        "RETURNING to_jsonb(a)::text",
        change.person_id,
        change.category.value,
        change.destination,
        change.since,
        change.until,
        writing.now,
    )
    await writing.record(change, change.since, "declared", after=after)


PERSON_WRITERS: Final[Mapping[type, Writer]] = {
    AddDwelling: _add_dwelling,
    SetPersonStatus: _set_status,
    NoteStay: _note_stay,
    NoteAbsence: _note_absence,
}
