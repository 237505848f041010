"""Deletion of registrations (`xóa đăng ký`): the grounds of Law on Residence Art. 24 and 29 and what proves each.

Sources: Law 68/2020 Art. 24, 29, 35; Decree 58/2026 Art. 4(6), 4(7); residence.md section 7. What the registry or
another database reports is deleted ex officio within one working day; for the rest the person or the household's
representative files, or the police verify, make a record and delete. Every deletion keeps reason and time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from population_registry.domain import EndReason, PersonFacts, PersonStatus, ResidenceKind, Tenure
from population_registry.dossiers import (
    Case,
    Check,
    CheckFlag,
    Filing,
    Outcome,
    Procedure,
    StatedDays,
    Term,
    from_rule,
    open_check,
)
from population_registry.dossiers.changes import Change
from population_registry.procedures.calendar_terms import add_months
from population_registry.procedures.inputs import read_choice, read_day, read_inputs
from population_registry.procedures.residence_moves import leave, standing_residence
from population_registry.procedures.residence_people import (
    Stated,
    found,
    numbers_stated,
    person_checks,
    read_people,
    represents,
    subjects_stated,
)

REPORTED: Final = frozenset(
    {EndReason.DEATH, EndReason.NATIONALITY_LOST, EndReason.ANNULLED, EndReason.MOVED}
)
"""Grounds that the registry or an order brings: ex officio, within one working day."""
_BY_PAPERS: Final = frozenset({EndReason.SETTLED_ABROAD, EndReason.ANNULLED, EndReason.DWELLING_GONE})
_NOT_OWNED: Final = frozenset({Tenure.RENTED, Tenure.BORROWED, Tenure.LODGING})


@dataclass(frozen=True, slots=True)
class Inputs:
    """On which ground, and since when it holds."""

    people: tuple[Stated, ...]
    ground: EndReason
    since: date


@dataclass(frozen=True, slots=True)
class Kind:
    """How the two articles differ: `waits` are months that must have passed since the ground arose."""

    kind: ResidenceKind
    waits: Mapping[EndReason, int]
    grounds: frozenset[EndReason]

    def read(self, raw: object) -> Inputs:
        """Inputs from JSON.

        Raises:
            Refusal: `invalid-request`, naming the place under `inputs`.
        """
        given = read_inputs(raw, required={"ground", "since"}, optional={"people"})
        return Inputs(
            people=read_people(given),
            ground=EndReason(
                read_choice(given, "ground", frozenset(each.value for each in self.grounds), "")
            ),
            since=read_day(given, "since"),
        )

    def checks(self, case: Case) -> tuple[Check, ...]:
        """A registration stands, the ground holds, and whoever files may."""
        inputs: Inputs = case.inputs
        people = _people(case)
        stands = bool(people) and all(standing_residence(each, self.kind) is not None for each in people)
        return (
            *person_checks(case, inputs.people, living=False),
            from_rule("registration", holds=stands, why="not_registered"),
            from_rule("since", holds=inputs.since <= case.today, why="in_the_future"),
            self._ground(case),
            _filer(case),
        )

    def _ground(self, case: Case) -> Check:
        inputs: Inputs = case.inputs
        ground, people = inputs.ground, _people(case)
        wait = self.waits.get(ground)
        if wait is not None and add_months(inputs.since, wait) > case.today:
            return Check("ground", CheckFlag.FAIL, (f"before_{wait}_months",))
        if ground in {EndReason.DEATH, EndReason.NATIONALITY_LOST}:
            return _by_status(ground, people)
        if ground is EndReason.MOVED:
            return self._registered_permanently(people)
        if ground is EndReason.ABSENT:
            return self._absent(people)
        if ground is EndReason.LEASE_ENDED and not all(
            (r := standing_residence(each, self.kind)) is not None and r.tenure in _NOT_OWNED
            for each in people
        ):
            return Check("ground", CheckFlag.FAIL, ("not_leased",))
        reason = "papers" if ground in _BY_PAPERS else "verification_record"
        return open_check("ground", reason)

    def _registered_permanently(self, people: list[PersonFacts]) -> Check:
        """Art. 29(1)(đ): the permanent registration is at the same place."""
        for person in people:
            mine = standing_residence(person, self.kind)
            other = standing_residence(person, ResidenceKind.PERMANENT)
            if mine is None or other is None or mine.address != other.address:
                return Check("ground", CheckFlag.FAIL, ("not_registered_permanently_there",))
        return Check("ground", CheckFlag.PASS)

    def _absent(self, people: list[PersonFacts]) -> Check:
        """Whoever registered temporarily elsewhere is not absent; the rest the police verify (Decree 58/2026)."""
        elsewhere = self.kind is ResidenceKind.PERMANENT and any(
            standing_residence(each, ResidenceKind.TEMPORARY) is not None for each in people
        )
        if elsewhere:
            return Check("ground", CheckFlag.FAIL, ("registered_temporarily",))
        return open_check("ground", "verification_record")

    def term(self, case: Case, *, days: int) -> Term:
        """One working day where the ground is reported to the authority, otherwise the days of the procedure."""
        reported = case.filing is Filing.EX_OFFICIO and case.inputs.ground in REPORTED
        return Term.days(1 if reported else days)

    def outcome(self, case: Case) -> Outcome:
        """The registrations end on the day of the decision, on that ground."""
        changes: list[Change] = []
        for person in _people(case):
            changes += leave(case, person, self.kind, case.today, case.inputs.ground)
        return Outcome(tuple(changes), result={"ground": case.inputs.ground.value})

    def commune(self, case: Case) -> str | None:
        """Where they are registered."""
        places = (standing_residence(each, self.kind) for each in _people(case))
        return next((each.address.commune_code for each in places if each is not None), None)


def _people(case: Case) -> list[PersonFacts]:
    return [each.record for each in found(case, case.inputs.people) if each.record is not None]


def _by_status(ground: EndReason, people: list[PersonFacts]) -> Check:
    """The record already says so, or papers must (then the record is corrected first)."""
    wanted = (
        {PersonStatus.DECEASED, PersonStatus.MISSING_DECLARED}
        if ground is EndReason.DEATH
        else {PersonStatus.NATIONALITY_LOST}
    )
    if all(each.person.status in wanted for each in people):
        return Check("ground", CheckFlag.PASS)
    return Check("ground", CheckFlag.FAIL, ("not_recorded",))


def _filer(case: Case) -> Check:
    """The person, a representative, the head of the household, or the owner of the dwelling (Decree 58/2026 4(6))."""
    if case.filing is Filing.EX_OFFICIO:
        return Check("filer", CheckFlag.PASS)
    applicant = case.applicant.person.person_id
    for person in _people(case):
        person_id = person.person.person_id
        heads = any(
            household.head_id == applicant and household.relation_of(person_id) is not None
            for household in case.facts.households.values()
        )
        owned = [d.dwelling_id for d in case.facts.dwellings.values() if applicant in d.owner_ids]
        lives_there = any(each.dwelling_id in owned for each in person.residences if each.ended is None)
        if not (person_id == applicant or represents(case.applicant, person) or heads or lives_there):
            return Check("filer", CheckFlag.FAIL, ("may_not_file",))
    return Check("filer", CheckFlag.PASS)


def deletion(rules: Kind, *, code: str, name_vi: str, name_en: str, legal_basis: str, days: int) -> Procedure:
    """The procedure of one of the two articles."""
    return Procedure(
        code=code,
        name_vi=name_vi,
        name_en=name_en,
        legal_basis=legal_basis,
        read=rules.read,
        checks=rules.checks,
        term=lambda case: rules.term(case, days=days),
        outcome=rules.outcome,
        days=lambda inputs: StatedDays(happened={"since": inputs.since}),
        numbers=numbers_stated,
        subjects=subjects_stated,
        commune=rules.commune,
        ex_officio=True,
    )
