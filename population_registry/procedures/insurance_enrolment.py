"""bhyt.household as a dossier: a household joins or renews health insurance (`BHYT hộ gia đình`), and pays first.

Sources: Law 25/2008 Art. 2(7), 12(5), 13, 16 as amended; Decree 188/2025 Art. 6, 11 and form 4; insurance.md
sections 2, 3 and 9. The representative has signed in with a level-2 account, so the form needs no signature; the
registry knows birth dates and relations itself, so only numbers, months and the initial facility are asked. The
premium is the fee of the dossier. What was paid must still be right when it is decided: another dossier of the
household may have paid first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from population_registry.domain import Household, PersonFacts, PersonStatus, ResidenceKind
from population_registry.domain.card_state import YEARS_UNDER_SIX
from population_registry.domain.insurance_groups import HOUSEHOLD
from population_registry.dossiers import Case, Check, CheckFlag, Fee, Outcome, Procedure, Term, from_rule
from population_registry.dossiers.insurance_changes import CardReason, IssueCard, Premium
from population_registry.procedures.inputs import read_count, read_inputs
from population_registry.procedures.insurance_cards import Start, five_years_from, validity
from population_registry.procedures.insurance_household import CODE, MONTHS, MOST_MEMBERS, WORKING_DAYS
from population_registry.procedures.insurance_people import (
    INSURER_AGENCY,
    VSS,
    home_of,
    insurer_of,
    read_facility,
)
from population_registry.procedures.insurance_premiums import premiums
from population_registry.verification.asking import read_number
from population_registry.verification.refusals import malformed

LEGAL_BASIS = (
    "Luật Bảo hiểm y tế 25/2008/QH12 (sửa đổi 2025), Điều 12, 13, 16; Nghị định 188/2025/NĐ-CP, Điều 6"
)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Members in the order of paying, months, initial facility."""

    members: tuple[str, ...]
    months: int
    facility: str


def read(raw: object) -> Inputs:
    """Inputs from JSON.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    given = read_inputs(raw, required={"members", "months", "facility"}, optional=set())
    listed = given["members"]
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_MEMBERS:
        raise malformed("inputs.members")
    members = tuple(read_number(each, f"inputs.members.{n}") for n, each in enumerate(listed))
    if len(set(members)) != len(members):
        raise malformed("inputs.members")
    return Inputs(members, read_count(given, "months", MONTHS, 0), read_facility(given))


def members_of(case: Case) -> tuple[PersonFacts, ...]:
    """The members found, each person once, in the order of paying."""
    found = [case.person(number) for number in case.inputs.members]
    people = {each.person.person_id: each for each in found if each is not None}
    return tuple(people.values())


def household_of(case: Case) -> Household | None:
    """The household of the representative to which all members belong, permanent before temporary (Art. 2(7))."""
    ids = {each.person.person_id for each in members_of(case)} | {case.applicant.person.person_id}
    homes = sorted(case.facts.households.values(), key=lambda home: home.kind is not ResidenceKind.PERMANENT)
    for home in homes:
        if home.kind is not ResidenceKind.CURRENT and all(home.relation_of(each) is not None for each in ids):
            return home
    return None


def _checks(case: Case) -> tuple[Check, ...]:
    members = members_of(case)
    known = len(members) == len(case.inputs.members)
    return (
        from_rule(
            "household_members", holds=known and household_of(case) is not None, why="not_in_household"
        ),
        _every("members_standing", members, _not_standing),
        _every("age", members, lambda person: _too_young(case, person)),
        _every("not_otherwise_insured", members, lambda person: _other_group(case, person)),
        _every("no_double_cover", members, lambda person: _renewed(case, person)),
        _paid_check(case),
    )


def _every(code: str, people: Sequence[PersonFacts], why_not: Callable[[PersonFacts], str | None]) -> Check:
    reasons = tuple(dict.fromkeys(why for person in people if (why := why_not(person)) is not None))
    return Check(code, CheckFlag.FAIL, reasons) if reasons else Check(code, CheckFlag.PASS)


def _not_standing(person: PersonFacts) -> str | None:
    status = person.person.status
    return None if status is PersonStatus.ACTIVE else status.value


def _too_young(case: Case, person: PersonFacts) -> str | None:
    reached = person.person.birth.possibly_reached(YEARS_UNDER_SIX, case.today)
    return None if reached else "under_6_has_own_group"


def _other_group(case: Case, person: PersonFacts) -> str | None:
    """Members insured in another group do not join, and do not count in the order (Decree 188/2025 Art. 6(5))."""
    held = [card for card in person.insurances if card.in_force(case.today) and card.group != HOUSEHOLD]
    return "insured_in_other_group" if held else None


def _renewed(case: Case, person: PersonFacts) -> str | None:
    """A card that has not begun yet is cover enough: nobody pays for two at once."""
    ahead = [
        card
        for card in person.insurances
        if card.valid_from > case.today and card.last_day is not None and card.group == HOUSEHOLD
    ]
    return "card_not_begun" if ahead else None


def _premiums(case: Case) -> tuple[Premium, ...]:
    """The premium for each number that was stated, whoever it is: the price tells nothing about strangers.

    Without a common household the shares begin at the first, and a check fails.
    """
    home = household_of(case)
    paid = () if home is None else case.payments
    count = len(case.inputs.members)
    return premiums(paid, 0 if home is None else home.household_id, count, case.inputs.months, case.paid_on)


def _total(case: Case) -> int:
    return sum(each.amount for each in _premiums(case))


def _paid_check(case: Case) -> Check:
    """What was paid is what is due now; until something is paid there is nothing to compare."""
    if case.paid is None or case.paid == _total(case):
        return Check("premium", CheckFlag.PASS)
    return Check("premium", CheckFlag.FAIL, ("order_of_paying_changed",))


def _fee(case: Case) -> Fee:
    return Fee(_total(case), "Nghị định 188/2025/NĐ-CP, Điều 6")


def _outcome(case: Case) -> Outcome:
    cards, told = [], []
    for person, premium in zip(members_of(case), _premiums(case), strict=True):
        valid = validity(person.insurances, HOUSEHOLD, premium.paid_on, premium.months)
        renewed = valid.start is not Start.AFTER_30_DAYS
        cards.append(
            IssueCard(
                person_id=person.person.person_id,
                group=HOUSEHOLD,
                commune_code=home_of(case, person).commune_code,
                valid_from=valid.begins,
                valid_until=valid.ends,
                facility=case.inputs.facility,
                five_year_from=five_years_from(person.insurances, valid.begins),
                reason=CardReason.RENEWED if renewed else CardReason.ENROLLED,
                premium=premium,
            )
        )
        told.append(
            {
                "position": premium.position,
                "monthly": premium.monthly,
                "amount": premium.amount,
                "valid_from": valid.begins.isoformat(),
                "valid_until": valid.ends.isoformat(),
                "start": valid.start.value,
            }
        )
    return Outcome(tuple(cards), result={"cards": told, "total": _total(case)})


PROCEDURE = Procedure(
    code=CODE,
    name_vi="Đóng bảo hiểm y tế theo hộ gia đình",
    name_en="Household health insurance: join or renew",
    legal_basis=LEGAL_BASIS,
    read=read,
    checks=_checks,
    term=lambda _case: Term.days(WORKING_DAYS),
    outcome=_outcome,
    numbers=lambda inputs: inputs.members,
    fee=_fee,
    subjects=lambda case: [each.person.person_id for each in members_of(case)],
    commune=insurer_of,
    code_agency=INSURER_AGENCY,
    code_system=VSS,
    payments=True,
)
