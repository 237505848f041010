"""A year of dossiers for the demo, so that statistics have something to count: synthetic people, the engine's acts.

Every dossier is filed, received, decided and handed over by the pure acts of `dossiers`, which refuse what the
catalogue of states does not know; only time and chance are made up, from a seed. No record is changed by them: what
they were filed for is left as it is. Their purpose says what they are (`PURPOSE`), and nobody is told of them.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, cast

from population_registry.dossiers import Decision, Dossier, DossierState, Fee, Filing, Form, Term
from population_registry.dossiers.acts import (
    CITIZEN,
    Moment,
    add,
    answer_supplement,
    ask_supplement,
    file,
    hand_over,
    pay,
    receive,
)
from population_registry.dossiers.codes import dossier_code
from population_registry.dossiers.working_days import VIET_NAM, is_working_day
from population_registry.procedures.catalogue import PROCEDURES
from population_registry.storage.dossiers import insert_dossier

PURPOSE: Final = "Hồ sơ lịch sử mô phỏng"
DAYS: Final = 360
FIRST_NUMBER: Final = 9001
"""Running numbers of a day from here on, far from those that people of the demo are given."""
KINDS: Final[Sequence[tuple[str, int, int, float]]] = (
    ("1.004194", 3, 7000, 0.34),
    ("1.004222", 7, 10000, 0.2),
    ("1.002755", 3, 0, 0.1),
    ("1.010041", 1, 0, 0.12),
    ("residence.correct", 3, 0, 0.06),
    ("bhyt.household", 5, 631800, 0.13),
    ("bhyt.correction", 2, 0, 0.05),
)
"""Procedure, term in working days, fee in đồng, and how usual it is."""
_PEOPLE: Final = """
SELECT p.person_id, r.commune_code FROM person p
  JOIN residence r ON r.person_id = p.person_id AND r.kind = 'permanent' AND r.ended IS NULL
 WHERE p.status = 'active' AND left(p.birth_date, 4) < $1 AND right(p.personal_number, 6)::int >= $2
 ORDER BY md5(p.person_id::text || $3), p.person_id LIMIT $4
"""
PERSONAS_END: Final = 1000
HELPED: Final = 1 / 6


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who files, and which commune decides."""

    person_id: int
    commune: str


async def write_history(connection: Any, *, seed: int, count: int, today: date) -> int:
    """Write the history once; how many dossiers are new. A registry that has one is left as it is."""
    if await connection.fetchval("SELECT 1 FROM dossier WHERE purpose = $1 LIMIT 1", PURPOSE):
        return 0
    rows = await connection.fetch(_PEOPLE, str(today.year - 19), PERSONAS_END, str(seed), count)
    people = [Applicant(int(row[0]), str(row[1])) for row in cast("Sequence[Sequence[Any]]", rows)]
    written = 0
    async with connection.transaction():
        for dossier in history(people, seed=seed, today=today):
            written += await insert_dossier(connection, dossier, (), dossier.history[-1].entered_at)
    return written


def history(people: Sequence[Applicant], *, seed: int, today: date) -> Iterator[Dossier]:
    """One dossier for each of them, over the days before today, more of them and more online as time goes on."""
    chance = random.Random(f"history {seed}")  # noqa: S311 -- synthetic, and the same for the same seed
    codes, weights = zip(*((kind[0], kind[3]) for kind in KINDS), strict=True)
    terms = {kind[0]: kind for kind in KINDS}
    numbers: dict[tuple[str, date], int] = {}
    for person in people:
        back = int(DAYS * (1 - chance.random() ** 0.75)) + 3
        day = _working(today - timedelta(days=back))
        procedure = chance.choices(codes, weights)[0]
        _, days, fee, _ = terms[procedure]
        agency = PROCEDURES[procedure].code_agency
        number = numbers[agency, day] = numbers.get((agency, day), FIRST_NUMBER - 1) + 1
        online = chance.random() < 0.55 + 0.35 * (1 - back / DAYS)
        helped = online and chance.random() < HELPED
        blank = Dossier(
            code=dossier_code(agency, PROCEDURES[procedure].code_system, day, number),
            procedure_code=procedure,
            client_id="insurance-portal" if procedure.startswith("bhyt") else "residence-portal",
            agency=agency.partition(".")[0],
            commune_code=None if procedure.startswith("bhyt") else person.commune,
            applicant_id=person.person_id,
            subject_ids=(person.person_id,),
            assisted_by=f"helper-{number}" if helped else None,
            filing=Filing.ONLINE if online else Filing.PAPER,
            purpose=PURPOSE,
            inputs={"history": number},
            term=Term.days(days),
            fee=Fee(fee, "Thông tư 75/2022/TT-BTC"),
            filed_at=_at(day, 8 * 60 + chance.randrange(120)),
        )
        yield _course(blank, days, today, chance)


def _course(dossier: Dossier, days: int, today: date, chance: random.Random) -> Dossier:
    """From filing as far as the days until today allow; one in sixteen late, one in twelve supplemented."""
    filed_at = dossier.filed_at
    officer = f"CA-{dossier.commune_code or '00'}-{chance.randrange(1, 30):03d}"
    dossier = file(dossier, [], _moment(filed_at, CITIZEN), {})
    dossier = receive(dossier, _moment(filed_at + timedelta(minutes=20 + chance.randrange(240)), officer))
    if not dossier.fee.settled:
        paid_at = dossier.history[-1].occurred_at + timedelta(minutes=5 + chance.randrange(60))
        dossier = pay(dossier, _moment(paid_at, "portal"), amount=dossier.fee.amount, reference="lịch sử")
    if chance.random() < 1 / 12:
        asked = dossier.history[-1].occurred_at + timedelta(minutes=30)
        dossier = ask_supplement(
            dossier, _moment(asked, officer), "Bổ sung giấy tờ chứng minh chỗ ở hợp pháp"
        )
        answered = _working_after(asked, 1 + chance.randrange(3))
        if answered.date() >= today:
            return dossier
        dossier = answer_supplement(
            dossier,
            _moment(answered, CITIZEN),
            inputs=dossier.inputs,
            needs=[],
            fee=dossier.fee,
            term=dossier.term,
            subject_ids=dossier.subject_ids,
            commune_code=dossier.commune_code,
            note=None,
        )
    late = chance.random() < 1 / 16
    spent = days + 1 + chance.randrange(4) if late else chance.randrange(days)
    done_at = _working_after(dossier.history[-1].occurred_at, spent)
    if done_at.date() >= today:
        return dossier
    done_at = max(done_at, dossier.history[-1].occurred_at + timedelta(minutes=10))
    dossier = _decided(dossier, _moment(done_at, officer), approved=chance.random() > 1 / 14)
    return hand_over(dossier, _moment(done_at + timedelta(minutes=30), officer))


def _decided(dossier: Dossier, moment: Moment, *, approved: bool) -> Dossier:
    """4 → 9, without a change to any record: these decisions are history."""
    return add(
        dossier,
        "approve" if approved else "refuse",
        moment,
        DossierState.DONE,
        form=Form.NOTICE if approved else Form.REFUSAL,
        detail={"reason": PURPOSE},
        decision=Decision(approved, moment.by, moment.occurred_at, PURPOSE),
    )


def _moment(at: datetime, by: str) -> Moment:
    return Moment(at, at, by)


def _at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), VIET_NAM)


def _working(day: date) -> date:
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def _working_after(moment: datetime, days: int) -> datetime:
    """So many working days later, in the morning; the same day for none."""
    if days == 0:
        return moment
    local = moment.astimezone(VIET_NAM)
    day = local.date()
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return _at(day, 9 * 60 + local.minute)
