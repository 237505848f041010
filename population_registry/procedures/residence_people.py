"""Whom a residence dossier is about: read from the form, found in the registry, compared, represented, agreeing.

Sources: residence.md section 9 of the domain facts (Decree 154/2024 Art. 5, 6, 8; Circular 116/2026 Art. 3, 6);
Civil Code 2015 Art. 20, 21 (full age). VNeID lets at most seven people move together (section 11, observed).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from population_registry.domain import (
    KinKind,
    PartialDate,
    PartialDateError,
    PersonFacts,
    PersonStatus,
    Relation,
)
from population_registry.dossiers import Case, Check, CheckFlag, ConsentNeed, Filing, Role
from population_registry.matching import Grade, Reason, compare_dates, compare_names
from population_registry.verification.asking import read_number, read_object, read_text
from population_registry.verification.claims.family import is_parent
from population_registry.verification.refusals import malformed

MOST_PEOPLE: Final = 7
FULL_AGE: Final = 18
_NAME_LENGTH: Final = range(1, 101)


@dataclass(frozen=True, slots=True)
class Stated:
    """A person as the form names them; without a number the applicant is meant."""

    number: str | None = None
    name: str | None = None
    birth: PartialDate | None = None
    relation: Relation | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A stated person with the record behind the number; None where the number is nobody's."""

    stated: Stated
    record: PersonFacts | None


def read_people(given: Mapping[str, Any], name: str = "people") -> tuple[Stated, ...]:
    """One to seven different people, each with number, name and birth date; left out: the applicant alone.

    Raises:
        Refusal: `invalid-request`, naming the place.
    """
    raw = given.get(name)
    if raw is None:
        return (Stated(),)
    if not isinstance(raw, list) or not 1 <= len(raw) <= MOST_PEOPLE:
        raise malformed(f"inputs.{name}")
    people = tuple(read_person(each, f"inputs.{name}.{place}") for place, each in enumerate(raw))
    if len({each.number for each in people}) != len(people):
        raise malformed(f"inputs.{name}")
    return people


def read_person(raw: object, place: str) -> Stated:
    """Number, name, birth date, and how the person stands to the head of the household."""
    given = read_object(
        raw,
        place,
        allowed={"number", "name", "birth_date", "relation"},
        required={"number", "name", "birth_date"},
    )
    born, relation = given["birth_date"], given.get("relation")
    try:
        birth = PartialDate.parse(read_text(born, f"{place}.birth_date", range(4, 11)))
    except PartialDateError:
        raise malformed(f"{place}.birth_date") from None
    if relation is not None and (not isinstance(relation, str) or relation not in set(Relation)):
        raise malformed(f"{place}.relation")
    return Stated(
        read_number(given["number"], f"{place}.number"),
        read_text(given["name"], f"{place}.name", _NAME_LENGTH),
        birth,
        None if relation is None else Relation(relation),
    )


def numbers_in(people: Sequence[Stated]) -> tuple[str, ...]:
    """The numbers to look up."""
    return tuple(each.number for each in people if each.number is not None)


class NamesPeople(Protocol):
    """Inputs that name the people whom a dossier is about."""

    @property
    def people(self) -> Sequence[Stated]:
        """Each as the form names them; nobody named means the applicant."""


def found(case: Case, people: Sequence[Stated]) -> tuple[Found, ...]:
    """Each stated person with their record."""
    return tuple(Found(s, case.applicant if s.number is None else case.person(s.number)) for s in people)


def subjects(case: Case, people: Sequence[Stated]) -> tuple[int, ...]:
    """The person ids that the dossier is about; those found."""
    records = [each.record for each in found(case, people)]
    return tuple(dict.fromkeys(record.person.person_id for record in records if record is not None))


def numbers_stated(inputs: NamesPeople) -> tuple[str, ...]:
    """`Procedure.numbers` of whatever names its people: whom to load beside the applicant."""
    return numbers_in(inputs.people)


def subjects_stated(case: Case) -> tuple[int, ...]:
    """`Procedure.subjects` of whatever names its people: whose record it is about."""
    return subjects(case, case.inputs.people)


def is_adult(person: PersonFacts, case: Case) -> bool:
    """Whether the person has surely completed eighteen years."""
    return person.person.birth.certainly_reached(FULL_AGE, case.today)


def under(person: PersonFacts, age: int, case: Case) -> bool:
    """Whether the person has surely not completed so many years."""
    return not person.person.birth.possibly_reached(age, case.today)


def represents(adult: PersonFacts, minor: PersonFacts) -> bool:
    """Whether the adult is parent or guardian of the minor by the registry (Decree 69/2024 Art. 14)."""
    return (
        is_parent(adult, minor)
        or adult.person.person_id in minor.kin_ids(KinKind.GUARDIAN)
        or minor.person.person_id in adult.kin_ids(KinKind.WARD)
    )


def person_checks(case: Case, people: Sequence[Stated], *, living: bool = True) -> tuple[Check, ...]:
    """Identity and representation of everybody whom it is about; standing too, unless it may be about the dead."""
    persons = found(case, people)
    stand = (standing(persons),) if living else ()
    return (_identity(persons), _record(persons), *stand, _representation(case, persons))


def _record(persons: Sequence[Found]) -> Check:
    """What the record lacks or has wrong is corrected first, in a procedure of its own (residence.md section 9)."""
    for each in persons:
        if each.record is None or each.stated.birth is None:
            continue
        compared = compare_dates(each.stated.birth, each.record.person.birth)
        if Reason.REGISTERED_LESS_PRECISE in compared.reasons:
            return Check("record_correct", CheckFlag.FAIL, ("birth_date_incomplete",))
    return Check("record_correct", CheckFlag.PASS)


def _identity(persons: Sequence[Found]) -> Check:
    """Number, name and birth date belong together (residence.md section 9); a close one is for an officer."""
    flag, reasons = CheckFlag.PASS, list[str]()
    for each in persons:
        record, stated = each.record, each.stated
        if record is None:
            return Check("identity", CheckFlag.FAIL, ("identity_not_established",))
        grades = []
        if stated.name is not None:
            grades.append(compare_names(stated.name, record.person.name.full))
        if stated.birth is not None:
            grades.append(compare_dates(stated.birth, record.person.birth))
        for compared in grades:
            reasons += [reason.value for reason in compared.reasons]
            if compared.grade is Grade.DIFFERENT:
                return Check("identity", CheckFlag.FAIL, ("identity_not_established",))
            if compared.grade is Grade.NEAR:
                flag = CheckFlag.UNKNOWN
    return Check("identity", flag, tuple(dict.fromkeys(reasons)))


def standing(persons: Sequence[Found]) -> Check:
    """Everybody lives, is Vietnamese, and holds a number that stands."""
    wrong = [
        each.record.person.status.value
        for each in persons
        if each.record is not None and each.record.person.status is not PersonStatus.ACTIVE
    ]
    return Check("standing", CheckFlag.FAIL, tuple(wrong)) if wrong else Check("standing", CheckFlag.PASS)


def _representation(case: Case, persons: Sequence[Found]) -> Check:
    """A minor's dossier is filed by, or agreed by, a parent or guardian whom the registry knows as such."""
    for each in persons:
        minor = each.record
        if minor is None or is_adult(minor, case) or _filed_by_representative(case, minor):
            continue
        if not _representatives(case, minor):
            return Check("representative", CheckFlag.UNKNOWN, ("representative_not_known",))
    return Check("representative", CheckFlag.PASS)


def _filed_by_representative(case: Case, minor: PersonFacts) -> bool:
    return case.filing is Filing.EX_OFFICIO or (
        is_adult(case.applicant, case) and represents(case.applicant, minor)
    )


def _representatives(case: Case, minor: PersonFacts) -> tuple[int, ...]:
    return tuple(
        dict.fromkeys(
            person.person.person_id
            for person in case.facts.people.values()
            if person.person.status is PersonStatus.ACTIVE
            and is_adult(person, case)
            and represents(person, minor)
        )
    )


def people_consents(case: Case, people: Sequence[Stated]) -> tuple[ConsentNeed, ...]:
    """Adults who move with the applicant agree for themselves; for minors one parent or guardian does."""
    needs: list[ConsentNeed] = []
    for each in found(case, people):
        record = each.record
        if record is None or case.filing is Filing.EX_OFFICIO:
            continue
        person_id = record.person.person_id
        if is_adult(record, case):
            if person_id != case.applicant.person.person_id:
                needs.append(ConsentNeed(Role.MEMBER, person_id, "moves_with_applicant"))
        elif not _filed_by_representative(case, record):
            group = f"representative:{person_id}"
            needs += [
                ConsentNeed(Role.REPRESENTATIVE, each_id, "minor", group)
                for each_id in _representatives(case, record)
            ]
    return tuple(needs)
