"""A birth as the citizen states it: child, parents, birth slip, office; read and compared.

Sources: Decree 63/2024 (form 01), Law on Civil Status 60/2014 Art. 15, 16, Decree 70/2024 Art. 11(2): full name,
date of birth, sex, birthplace, hometown, nationality, parents; the ethnic group is not kept here (personal-id.md
section 12). The birth slip comes signed from the hospital (Decision 2919/QĐ-BYT 2025); its reference is what the
citizen knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from population_registry.domain import KinKind, MaritalStatus, PersonFacts, PersonName, PersonStatus, Sex
from population_registry.dossiers import Case, Check, CheckFlag, from_rule, open_check
from population_registry.dossiers.civil_changes import Parent
from population_registry.matching import Grade, compare_names
from population_registry.procedures.inputs import read_day
from population_registry.procedures.residence_places import read_commune_code
from population_registry.verification.asking import read_number, read_object, read_text
from population_registry.verification.refusals import malformed

CHILD, MOTHER, FATHER, SLIP, COMMUNE = "child", "mother", "father", "birth_slip", "commune"
MEMBERS: Final = frozenset({CHILD, MOTHER, FATHER, SLIP, COMMUNE})
REGISTER_WITHIN: Final = timedelta(days=60)
"""Law on Civil Status Art. 15(1)."""
YOUNGEST_MOTHER: Final = 12
"""Below, the record of the mother or of the child is wrong (assumed)."""
_SYLLABLES: Final = range(1, 41)
_TEXT: Final = range(1, 201)
_PARENTS: Final = {MOTHER: KinKind.MOTHER, FATHER: KinKind.FATHER}
_SEX_OF: Final = {MOTHER: Sex.FEMALE, FATHER: Sex.MALE}


@dataclass(frozen=True, slots=True)
class Birth:
    """Everything that a birth certificate says; a parent is a number and a name."""

    name: PersonName
    sex: Sex
    born: date
    birth_place: str
    hometown: str
    mother: tuple[str, str] | None
    father: tuple[str, str] | None
    slip: str
    slip_signed: bool
    commune: str

    @property
    def parents(self) -> Mapping[str, tuple[str, str]]:
        """The parents that were named, by role."""
        named = {MOTHER: self.mother, FATHER: self.father}
        return {role: parent for role, parent in named.items() if parent is not None}


def read_birth(given: Mapping[str, Any]) -> Birth:
    """The members of `inputs` that state a birth.

    Raises:
        Refusal: `invalid-request`, naming the place.
    """
    child = read_object(
        given.get(CHILD),
        "inputs.child",
        allowed={"family", "middle", "given", "sex", "born", "birth_place", "hometown"},
        required={"family", "given", "sex", "born", "birth_place", "hometown"},
    )
    slip = read_object(
        given.get(SLIP), "inputs.birth_slip", allowed={"number", "signed"}, required={"number"}
    )
    mother, father = _parent(given, MOTHER), _parent(given, FATHER)
    if mother is None and father is None:
        raise malformed("inputs.mother")
    if mother is not None and father is not None and mother[0] == father[0]:
        raise malformed("inputs.father")
    if not isinstance(child["sex"], str) or child["sex"] not in set(Sex):
        raise malformed("inputs.child.sex")
    signed = slip.get("signed", False)
    if not isinstance(signed, bool):
        raise malformed("inputs.birth_slip.signed")
    return Birth(
        name=PersonName(
            read_text(child["family"], "inputs.child.family", _SYLLABLES),
            read_text(child["middle"], "inputs.child.middle", _SYLLABLES) if child.get("middle") else "",
            read_text(child["given"], "inputs.child.given", _SYLLABLES),
        ),
        sex=Sex(child["sex"]),
        born=read_day(child, "born", "inputs.child"),
        birth_place=read_text(child["birth_place"], "inputs.child.birth_place", _TEXT),
        hometown=read_text(child["hometown"], "inputs.child.hometown", _TEXT),
        mother=mother,
        father=father,
        slip=read_text(slip["number"], "inputs.birth_slip.number", range(1, 41)),
        slip_signed=signed,
        commune=read_commune_code(given.get(COMMUNE), "inputs.commune"),
    )


def _parent(given: Mapping[str, Any], role: str) -> tuple[str, str] | None:
    if given.get(role) is None:
        return None
    place = f"inputs.{role}"
    members = read_object(given[role], place, allowed={"number", "name"}, required={"number", "name"})
    return (
        read_number(members["number"], f"{place}.number"),
        read_text(members["name"], f"{place}.name", range(1, 101)),
    )


def parent_facts(case: Case, birth: Birth) -> dict[str, PersonFacts | None]:
    """The record behind each named parent."""
    return {role: case.person(number) for role, (number, _) in birth.parents.items()}


def parent_links(case: Case, birth: Birth) -> tuple[Parent, ...]:
    """The parents as the child's record names them."""
    found = parent_facts(case, birth)
    return tuple(
        Parent(_PARENTS[role], person.person.person_id, person.person.name.full)
        for role, person in found.items()
        if person is not None
    )


def parent_ids(case: Case, birth: Birth) -> list[int]:
    """The person ids of the parents that were found."""
    return [person.person.person_id for person in parent_facts(case, birth).values() if person is not None]


def birth_checks(case: Case, birth: Birth) -> tuple[Check, ...]:
    """Every condition that a birth can be registered; what only papers prove is left to the officer."""
    found = parent_facts(case, birth)
    applicant = case.applicant.person.person_id
    ids = {each.person.person_id for each in found.values() if each is not None}
    late = case.today - birth.born > REGISTER_WITHIN
    return (
        from_rule("applicant_is_parent", holds=applicant in ids, why="not_parent"),
        _parents_check(birth, found),
        from_rule("born", holds=birth.born <= case.today, why="in_the_future"),
        from_rule("not_registered_yet", holds=not _known(case, birth, ids), why="already_registered"),
        _marriage_check(birth, found),
        Check("birth_slip", CheckFlag.PASS)
        if birth.slip_signed
        else open_check("birth_slip", "not_signed_electronically"),
        open_check("in_time", "later_than_60_days") if late else Check("in_time", CheckFlag.PASS),
    )


def _parents_check(birth: Birth, found: Mapping[str, PersonFacts | None]) -> Check:
    """Each named parent is who they are said to be; a father may have died, a mother only at the birth or after."""
    for role, (_, name) in birth.parents.items():
        person = found[role]
        if person is None or compare_names(name, person.person.name.full).grade is Grade.DIFFERENT:
            return Check("parents", CheckFlag.FAIL, (f"{role}_not_established",))
        record = person.person
        if record.sex is not _SEX_OF[role]:
            return Check("parents", CheckFlag.FAIL, (f"{role}_of_other_sex",))
        if not record.birth.possibly_reached(YOUNGEST_MOTHER, birth.born):
            return Check("parents", CheckFlag.FAIL, (f"{role}_too_young",))
        died = record.status_since if record.status is PersonStatus.DECEASED else None
        if role == MOTHER and died is not None and died < birth.born:
            return Check("parents", CheckFlag.FAIL, ("mother_died_before",))
    return Check("parents", CheckFlag.PASS)


def parents_established(case: Case, birth: Birth) -> bool:
    """Whether the applicant is one of the named parents, and each of them is who they are said to be."""
    found = parent_facts(case, birth)
    applicant = case.applicant.person.person_id
    return (
        any(person is not None and person.person.person_id == applicant for person in found.values())
        and _parents_check(birth, found).flag is CheckFlag.PASS
    )


def _marriage_check(birth: Birth, found: Mapping[str, PersonFacts | None]) -> Check:
    """A father outside marriage is acknowledged before the office (Law on Marriage and Family Art. 88, 101).

    A number of nobody is as unmarried as a stranger's: the term that follows tells neither from the other.
    """
    if birth.mother is None or birth.father is None:
        return Check("parents_married", CheckFlag.PASS)
    mother, father = found[MOTHER], found[FATHER]
    married = (
        mother is not None
        and father is not None
        and father.person.person_id in mother.kin_ids(KinKind.SPOUSE)
        and mother.person.marital_status is MaritalStatus.MARRIED
    )
    return (
        Check("parents_married", CheckFlag.PASS) if married else open_check("parents_married", "not_married")
    )


def _known(case: Case, birth: Birth, parents: set[int]) -> bool:
    """Whether a parent has a child of that name and birth date: a second dossier must not make a second person."""
    for person in case.facts.people.values():
        if person.person.person_id not in parents:
            continue
        for child_id in person.kin_ids(KinKind.CHILD):
            child = case.by_id(child_id)
            if child is None or child.person.birth.earliest() != birth.born:
                continue
            if compare_names(child.person.name.full, birth.name.full).grade is not Grade.DIFFERENT:
                return True
    return False


def needs_verification(case: Case, birth: Birth) -> bool:
    """Whether something must be found out, so that five working days hold instead of three (Decree 63/2024)."""
    return any(check.flag is CheckFlag.UNKNOWN for check in birth_checks(case, birth))
