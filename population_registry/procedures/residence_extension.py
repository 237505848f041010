"""1.002755, extension of temporary residence (`gia hạn tạm trú`).

Sources: Law on Residence 68/2020 Art. 27(2), 28; Circular 75/2022/TT-BTC; residence.md sections 3 and 5. Filed within
15 days before the term ends, for at most two years more, as often as wanted. Deadline: 3 working days.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from population_registry.domain import PersonFacts, Residence, ResidenceKind, Tenure
from population_registry.dossiers import (
    Case,
    Check,
    CheckFlag,
    ConsentNeed,
    Fee,
    Outcome,
    Procedure,
    Reason,
    Role,
    Term,
    from_rule,
)
from population_registry.dossiers.changes import ProlongResidence
from population_registry.procedures.calendar_terms import add_months
from population_registry.procedures.inputs import read_day, read_inputs, read_optional
from population_registry.procedures.residence_fees import exemption_checks, fee
from population_registry.procedures.residence_moves import standing_residence
from population_registry.procedures.residence_people import (
    Stated,
    found,
    numbers_stated,
    people_consents,
    person_checks,
    read_people,
    subjects,
    subjects_stated,
)
from population_registry.procedures.residence_temporary import FEES, LONGEST_MONTHS

KIND: Final = ResidenceKind.TEMPORARY
EARLIEST: Final = timedelta(days=15)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Until when, and the end of the contract where there is one."""

    people: tuple[Stated, ...]
    until: date
    contract_until: date | None
    fee_exempt: bool


def read(raw: object) -> Inputs:
    """Inputs from JSON.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    given = read_inputs(raw, required={"until"}, optional={"people", "contract_until", "fee_exempt"})
    return Inputs(
        people=read_people(given),
        until=read_day(given, "until"),
        contract_until=read_day(given, "contract_until") if given.get("contract_until") else None,
        fee_exempt=bool(read_optional(given, "fee_exempt", bool)),
    )


def _standing(case: Case) -> list[tuple[PersonFacts, Residence | None]]:
    records = [each.record for each in found(case, case.inputs.people) if each.record is not None]
    return [(record, standing_residence(record, KIND)) for record in records]


def _checks(case: Case) -> tuple[Check, ...]:
    inputs: Inputs = case.inputs
    within = inputs.contract_until is None or inputs.until <= inputs.contract_until
    return (
        *person_checks(case, inputs.people),
        *_term(case),
        from_rule("term_within_contract", holds=within, why="after_contract"),
        *exemption_checks(case, "claimed" if inputs.fee_exempt else None),
    )


def _term(case: Case) -> tuple[Check, ...]:
    """A registration stands, its end is at most fifteen days off, and the new end at most two years after it."""
    for _, residence in _standing(case):
        if residence is None or residence.until is None or residence.until < case.today:
            return (Check("registration", CheckFlag.FAIL, ("not_registered",)),)
        if residence.until - case.today > EARLIEST:
            return (Check("registration", CheckFlag.FAIL, ("earlier_than_15_days",)),)
        if not residence.until < case.inputs.until <= add_months(residence.until, LONGEST_MONTHS):
            return (
                Check("registration", CheckFlag.PASS),
                Check("term_maximum", CheckFlag.FAIL, ("longer_than_2_years",)),
            )
    return (Check("registration", CheckFlag.PASS), Check("term_maximum", CheckFlag.PASS))


def _consents(case: Case) -> tuple[ConsentNeed, ...]:
    """The owners of the dwelling agree to the longer stay, unless one of them is who stays."""
    movers = set(subjects(case, case.inputs.people))
    needs: list[ConsentNeed] = []
    for _, residence in _standing(case):
        if residence is None or residence.dwelling_id is None or residence.tenure is Tenure.OWNED:
            continue
        dwelling = case.facts.dwellings.get(residence.dwelling_id)
        owners = () if dwelling is None else dwelling.owner_ids
        if not movers & set(owners):
            needs += [ConsentNeed(Role.OWNER, each, "stays_longer") for each in owners]
    return (*dict.fromkeys(needs), *people_consents(case, case.inputs.people))


def _fee(case: Case) -> Fee:
    claimed = "claimed" if case.inputs.fee_exempt else None
    return fee(case, paper=FEES["paper", False], online=FEES["online", False], claimed=claimed)


def _outcome(case: Case) -> Outcome:
    until = case.inputs.until
    changes = tuple(
        ProlongResidence(person.person.person_id, KIND, until, Reason.EXTENDED)
        for person, _ in _standing(case)
    )
    return Outcome(changes, result={"until": until.isoformat()})


def _commune(case: Case) -> str | None:
    return next((r.address.commune_code for _, r in _standing(case) if r is not None), None)


PROCEDURE = Procedure(
    code="1.002755",
    name_vi="Gia hạn tạm trú",
    name_en="Extension of temporary residence",
    legal_basis="Luật Cư trú 68/2020/QH14, Điều 27, 28; Nghị định 154/2024/NĐ-CP; Thông tư 116/2026/TT-BCA",
    read=read,
    checks=_checks,
    term=lambda _case: Term.days(3),
    outcome=_outcome,
    numbers=numbers_stated,
    consents=_consents,
    fee=_fee,
    subjects=subjects_stated,
    commune=_commune,
)
