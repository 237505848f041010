"""Writers of changes of health insurance: the card with its code, the insurer's number, premiums and refunds."""

import secrets
from collections.abc import Mapping
from typing import Final

from population_registry.domain import SocialInsuranceNumber, card_code
from population_registry.domain.insurance_groups import BENEFIT_DIGITS
from population_registry.dossiers.insurance_changes import (
    CorrectCard,
    EndCover,
    IssueCard,
    Premium,
    RefundPremium,
)
from population_registry.storage.dossiers.ledger import ChangeConflict, Writer, Writing

_TRIES: Final = 100
_SYNTHETIC: Final = ("97", "98")
"""Provinces that do not exist: no social-insurance number of this registry is anybody's."""
_OVERLAP: Final = """
SELECT 1 FROM health_insurance
 WHERE person_id = $1 AND group_code = $2 AND valid_from <= $4
   AND CASE WHEN state = 'in_force' THEN valid_until
            ELSE least(valid_until, coalesce(state_since, valid_from) - 1) END >= greatest($3, valid_from)
"""
_INSERT: Final = """
INSERT INTO health_insurance AS h (person_id, insurance_no, card_code, group_code, benefit, valid_from, valid_until,
                                   facility, five_year_from, state)
SELECT $1, coalesce(max(insurance_no), 0) + 1, $2, $3, $4, $5, $6, $7, $8, 'in_force'
  FROM health_insurance WHERE person_id = $1
RETURNING to_jsonb(h)::text
"""
_INSERT_PREMIUM: Final = """
INSERT INTO insurance_payment AS p (person_id, insurance_no, household_id, financial_year, position, months, monthly,
                                    paid_on, dossier_code)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING to_jsonb(p)::text
"""
_END: Final = """
UPDATE health_insurance AS h SET state = $3, state_since = $4
 WHERE person_id = $1 AND ($2::text IS NULL OR group_code = $2) AND valid_until >= $4
   AND (state = 'in_force' OR state_since > $4)
RETURNING to_jsonb(h)::text
"""
_REFUND: Final = """
UPDATE insurance_payment AS p SET refunded = refunded + $5, refunded_on = $6
 WHERE person_id = $1 AND household_id = $2 AND financial_year = $3 AND position = $4
   AND refunded + $5 <= months * monthly
RETURNING to_jsonb(p)::text
"""


async def _issue(writing: Writing, change: IssueCard) -> None:
    """The person is locked first, so that two decisions at once cannot both find the days free."""
    rows = await writing.connection.fetch(
        "SELECT social_insurance FROM person WHERE person_id = $1 FOR NO KEY UPDATE", change.person_id
    )
    if len(rows) != 1:
        raise ChangeConflict
    if await writing.connection.fetch(
        _OVERLAP, change.person_id, change.group, change.valid_from, change.valid_until
    ):
        raise ChangeConflict
    held = rows[0][0]
    number = str(held) if held is not None else await _new_number(writing, change.person_id)
    province = await writing.connection.fetchval(
        "SELECT province_code FROM commune WHERE code = $1", change.commune_code
    )
    benefit = BENEFIT_DIGITS[change.group]
    after = await writing.one(
        _INSERT,
        change.person_id,
        card_code(change.group, benefit, str(province), SocialInsuranceNumber(number)),
        change.group,
        benefit,
        change.valid_from,
        change.valid_until,
        change.facility,
        change.five_year_from,
    )
    if change.premium is not None:
        after["premium"] = await _pay(writing, change.person_id, after["insurance_no"], change.premium)
    await writing.record(change, change.valid_from, change.reason.value, after=after)


async def _pay(writing: Writing, person_id: int, insurance_no: int, premium: Premium) -> dict[str, object]:
    """Raises ChangeConflict when the place in the order of paying is taken."""
    return await writing.one(
        _INSERT_PREMIUM,
        person_id,
        insurance_no,
        premium.household_id,
        premium.financial_year,
        premium.position,
        premium.months,
        premium.monthly,
        premium.paid_on,
        writing.dossier_code,
    )


async def _new_number(writing: Writing, person_id: int) -> str:
    """A social-insurance number that nobody has, drawn at random, and given to the person."""
    for _ in range(_TRIES):
        number = secrets.choice(_SYNTHETIC) + f"{secrets.randbelow(100_000_000):08d}"
        await writing.connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 10))", number)
        taken = await writing.connection.fetchval("SELECT 1 FROM person WHERE social_insurance = $1", number)
        if taken is None:
            await writing.connection.execute(
                "UPDATE person SET social_insurance = $2 WHERE person_id = $1", person_id, number
            )
            return number
    raise ChangeConflict


async def _end(writing: Writing, change: EndCover) -> None:
    """Every card that reaches that day; one that was stopped for a later day is stopped earlier."""
    rows = await writing.connection.fetch(_END, change.person_id, change.group, change.state.value, change.on)
    if not rows:
        raise ChangeConflict
    await writing.record(
        change, change.on, change.reason.value, after={"cards": [str(row[0]) for row in rows]}
    )


async def _correct(writing: Writing, change: CorrectCard) -> None:
    which = (change.person_id, change.card_code, change.valid_from)
    before = await writing.one(
        "SELECT to_jsonb(h)::text FROM health_insurance AS h WHERE person_id = $1 AND card_code = $2 "
        "AND valid_from = $3",
        *which,
    )
    after = await writing.one(
        "UPDATE health_insurance AS h SET facility = $4, five_year_from = $5 WHERE person_id = $1 "
        "AND card_code = $2 AND valid_from = $3 RETURNING to_jsonb(h)::text",
        *which,
        change.facility,
        change.five_year_from,
    )
    await writing.record(change, writing.today, change.reason.value, before=before, after=after)


async def _refund(writing: Writing, change: RefundPremium) -> None:
    """No more ever goes back than came in: the table refuses it, and so does this statement."""
    after = await writing.one(
        _REFUND,
        change.person_id,
        change.household_id,
        change.financial_year,
        change.position,
        change.amount,
        change.on,
    )
    await writing.record(change, change.on, change.reason.value, after=after)


INSURANCE_WRITERS: Final[Mapping[type, Writer]] = {
    IssueCard: _issue,
    EndCover: _end,
    CorrectCard: _correct,
    RefundPremium: _refund,
}
