"""Writers of civil status: a birth with its new personal number, a death, a corrected certificate.

A personal number is drawn at random inside its series (place, century and sex, year) while the series is locked: two
births at once never get the same one, whatever index holds the numbers (Decree 70/2024 Art. 11(2); never reused).
"""

import secrets
from collections.abc import Mapping
from typing import Final

from population_registry.domain import DeathKind, KinKind, PersonStatus
from population_registry.domain.new_numbers import (
    PERSONA_SERIALS,
    SERIALS,
    number_in,
    reserved_prefix,
    series_of,
)
from population_registry.dossiers.civil_changes import (
    CorrectBirth,
    Parent,
    RecordDeath,
    RegisterBirth,
    SetMaritalStatus,
)
from population_registry.storage.dossiers.ledger import ChangeConflict, Writer, Writing

_TRIES: Final = 200
_PERSON: Final = """
INSERT INTO person AS p (person_id, personal_number, family_name, middle_name, given_name, birth_date, sex,
                         nationality, marital_status, status, birth_registered_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'single', 'active', $9) RETURNING to_jsonb(p)::text
"""
_KIN: Final = """
INSERT INTO kinship AS k (person_id, kin_no, kind, kin_person_id, kin_name, since)
SELECT $1, coalesce(max(kin_no), 0) + 1, $2, $3, $4, $5 FROM kinship WHERE person_id = $1
RETURNING to_jsonb(k)::text
"""
_RECORD: Final = """
SELECT jsonb_build_object('family_name', family_name, 'middle_name', middle_name, 'given_name', given_name,
                          'sex', sex, 'birth_date', birth_date)::text FROM person WHERE person_id = $1
"""
_STATUS_OF: Final = {
    DeathKind.DEATH: PersonStatus.DECEASED,
    DeathKind.DECLARED_DEAD: PersonStatus.DECEASED,
    DeathKind.DECLARED_MISSING: PersonStatus.MISSING_DECLARED,
}


async def _register_birth(writing: Writing, change: RegisterBirth) -> None:
    province = await writing.connection.fetchval(
        "SELECT province_code FROM commune WHERE code = $1", change.commune_code
    )
    if province is None:
        raise ChangeConflict
    prefix = reserved_prefix(str(province))
    number = await draw_number(writing, series_of(prefix, change.sex, change.born.year))
    person_id = int(str(await writing.connection.fetchval("SELECT nextval('new_person')")))
    writing.made[change.reference] = person_id
    name = change.name
    after = await writing.one(
        _PERSON,
        person_id,
        number,
        name.family,
        name.middle,
        name.given,
        change.born.isoformat(),
        change.sex.value,
        change.nationality,
        prefix,
    )
    await writing.connection.execute(
        "INSERT INTO person_particulars (person_id, birth_place, birth_registry, hometown) VALUES ($1, $2, $3, $4)",
        person_id,
        change.birth_place,
        change.commune_code,
        change.hometown,
    )
    for parent in change.parents:
        await _link(writing, person_id, name.full, parent, change)
    writing.told |= {"child": number, "certificate": writing.dossier_code}
    await writing.record(change, change.born, "birth", after=after, person_id=person_id)


async def draw_number(writing: Writing, series: str) -> str:
    """A number of that series that nobody ever had, kept from others until the transaction ends."""
    await writing.connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 12))", series)
    for _ in range(_TRIES):
        number = str(number_in(series, PERSONA_SERIALS + secrets.randbelow(SERIALS - PERSONA_SERIALS)))
        taken = await writing.connection.fetchval(
            "SELECT 1 FROM person WHERE personal_number = $1 "
            "UNION ALL SELECT 1 FROM personal_number_alias WHERE number = $1 LIMIT 1",
            number,
        )
        if taken is None:
            return number
    raise ChangeConflict


async def _link(writing: Writing, child_id: int, child: str, parent: Parent, change: RegisterBirth) -> None:
    """Both records name each other (item 15)."""
    await writing.one(_KIN, child_id, parent.kind.value, parent.person_id, parent.name, change.born)
    if parent.person_id is not None:
        await writing.one(_KIN, parent.person_id, KinKind.CHILD.value, child_id, child, change.born)


async def _correct_birth(writing: Writing, change: CorrectBirth) -> None:
    """The number stays: it is set anew only if the citizen asks (Decree 70/2024 Art. 11(7)(a), (b))."""
    before = await writing.one(_RECORD, change.person_id)
    name = change.name
    await writing.connection.execute(
        "UPDATE person SET family_name = $2, middle_name = $3, given_name = $4, sex = $5, birth_date = $6 "
        "WHERE person_id = $1",
        change.person_id,
        name.family,
        name.middle,
        name.given,
        change.sex.value,
        str(change.birth),
    )
    await writing.connection.execute(
        "UPDATE kinship SET kin_name = $2 WHERE kin_person_id = $1", change.person_id, name.full
    )
    after = await writing.one(_RECORD, change.person_id)
    await writing.record(change, writing.today, change.reason.value, before=before, after=after)


async def _record_death(writing: Writing, change: RecordDeath) -> None:
    """Only a living person's record can end; the day and the moment of recording are two things."""
    after = await writing.one(
        "UPDATE person AS p SET status = $2, status_since = $3 WHERE person_id = $1 AND status = 'active' "
        "RETURNING jsonb_build_object('status', status, 'status_since', status_since)::text",
        change.person_id,
        _STATUS_OF[change.kind].value,
        change.on,
    )
    death = await writing.one(
        "INSERT INTO death AS d (person_id, kind, occurred_at, recorded_at, certificate, commune_code) "
        "VALUES ($1, $2, $3, $4, $5, $6) RETURNING to_jsonb(d)::text",
        change.person_id,
        change.kind.value,
        change.on,
        writing.now,
        change.certificate,
        change.commune_code,
    )
    await writing.record(change, change.on, "death", after=after | {"death": death})


async def _set_marital_status(writing: Writing, change: SetMaritalStatus) -> None:
    before = await writing.one(
        "SELECT jsonb_build_object('marital_status', marital_status)::text FROM person WHERE person_id = $1",
        change.person_id,
    )
    after = await writing.one(
        "UPDATE person SET marital_status = $2 WHERE person_id = $1 "
        "RETURNING jsonb_build_object('marital_status', marital_status)::text",
        change.person_id,
        change.status.value,
    )
    await writing.record(change, change.on, change.reason.value, before=before, after=after)


CIVIL_WRITERS: Final[Mapping[type, Writer]] = {
    RegisterBirth: _register_birth,
    CorrectBirth: _correct_birth,
    RecordDeath: _record_death,
    SetMaritalStatus: _set_marital_status,
}
