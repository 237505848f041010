"""Claims about kin beyond parent and child, and about who may act for somebody on a day.

Sources: Civil Code 2015 Art. 46-59 (guardianship), 134-140 (representation), Law on Identity Art. 9(15); Decree
69/2024 Art. 14(2) (accounts of children under 14). Only what the record shows counts; a number of nobody is as
little kin as anybody's else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from population_registry.domain import KinKind, PersonFacts, PersonStatus
from population_registry.domain.guardianship import GuardianshipBasis
from population_registry.verification.answers import MATCH, ClaimResult, Flag, Why, mismatch, unknown
from population_registry.verification.claims.family import is_parent, read_numbers
from population_registry.verification.claims.rule import ClaimRule, Scene, read_day, read_members

_PARENTS = (KinKind.FATHER, KinKind.MOTHER)


class Matter(StrEnum):
    """What somebody wants to do for another; the age at which the right ends depends on it."""

    GENERAL = "general"
    ACCOUNT = "account"
    RESIDENCE = "residence"


ENDS_AT: Mapping[Matter, int] = {Matter.GENERAL: 18, Matter.RESIDENCE: 18, Matter.ACCOUNT: 14}
"""Legal representation of a minor ends at 18 (Civil Code Art. 136, 140), use of a child's account at 14."""


@dataclass(frozen=True, slots=True)
class Relative:
    """The other person of a statement about kin, and the day that it is about (None: today)."""

    number: str
    on: date | None = None
    matter: Matter = Matter.GENERAL


def read_relative(value: object) -> Relative:
    """`{"number": "0991…"}`."""
    members = read_members(value, allowed=frozenset({"number"}), required=frozenset({"number"}))
    return Relative(read_numbers([members["number"]])[0])


def read_dated(value: object) -> Relative:
    """`{"number": "0991…", "on": "2026-12-01"}`; the day may be left out."""
    members = read_members(value, allowed=frozenset({"number", "on"}), required=frozenset({"number"}))
    return Relative(read_numbers([members["number"]])[0], _on(members))


def read_represented(value: object) -> Relative:
    """As `read_dated`, with the matter: `general`, `account` or `residence`."""
    members = read_members(
        value, allowed=frozenset({"number", "on", "matter"}), required=frozenset({"number"})
    )
    number = read_numbers([members["number"]])[0]
    return Relative(number, _on(members), Matter(members.get("matter", Matter.GENERAL.value)))


def _on(members: Mapping[str, object]) -> date | None:
    return read_day(members["on"]) if "on" in members else None


def names_as(person: PersonFacts, other: PersonFacts, *kinds: KinKind) -> bool:
    """Whether a person's record names the other as kin of these kinds."""
    return other.person.person_id in person.kin_ids(*kinds)


def judge_spouse_of(asked: Relative, scene: Scene) -> ClaimResult:
    """Whether either record names the other as spouse."""
    other = scene.facts.get(asked.number)
    if other is None:
        return mismatch(Why.NOT_KIN)
    named = names_as(scene.subject, other, KinKind.SPOUSE) or names_as(other, scene.subject, KinKind.SPOUSE)
    return MATCH if named else mismatch(Why.NOT_KIN)


def judge_sibling_of(asked: Relative, scene: Scene) -> ClaimResult:
    """Whether both records name one parent in common, full or half; open where the subject's parents are not known.

    What is not known of the other person stays unsaid: it would tell that the number is somebody's.
    """
    parents = scene.subject.kin_ids(*_PARENTS)
    if not parents:
        return unknown(Why.NOT_RECORDED)
    other = scene.facts.get(asked.number)
    if other is None or other.person.person_id == scene.subject.person.person_id:
        return mismatch(Why.NOT_KIN)
    return MATCH if parents & other.kin_ids(*_PARENTS) else mismatch(Why.NOT_KIN)


def judge_guardian_of(asked: Relative, scene: Scene) -> ClaimResult:
    """Whether the subject is the other person's guardian on that day."""
    return _guarding(scene.subject, scene.facts.get(asked.number), asked.on or scene.today, scene)


def judge_ward_of(asked: Relative, scene: Scene) -> ClaimResult:
    """Whether the other person is the subject's guardian on that day."""
    return _guarding(scene.facts.get(asked.number), scene.subject, asked.on or scene.today, scene)


def _guarding(
    guardian: PersonFacts | None,
    ward: PersonFacts | None,
    day: date,
    scene: Scene,
    matter: Matter = Matter.GENERAL,
) -> ClaimResult:
    """By the decisions on record, or by the mere name among the kin where the record has no decision.

    A minor's guardian ends with the age, an adult's with the decision (Civil Code Art. 47, 62).
    """
    if guardian is None or ward is None:
        return mismatch(Why.NOT_KIN)
    decisions = scene.facts.past_of(ward).guarded_by(guardian.person.person_id)
    if not decisions and not _named_guardian(guardian, ward):
        return mismatch(Why.NOT_KIN)
    standing = [each for each in decisions if each.in_force(day)]
    if decisions and not standing:
        return mismatch(Why.AUTHORITY_ENDED)
    if any(each.basis is not GuardianshipBasis.MINOR for each in standing):
        return mismatch(Why.AUTHORITY_ENDED) if _died(ward, day) else MATCH
    return _until(ENDS_AT[matter], ward, day, MATCH)


def _named_guardian(guardian: PersonFacts, ward: PersonFacts) -> bool:
    return names_as(guardian, ward, KinKind.WARD) or names_as(ward, guardian, KinKind.GUARDIAN)


def judge_representative_of(asked: Relative, scene: Scene) -> ClaimResult:
    """Whether the subject may act for the other person in that matter on that day, as parent or as guardian.

    After a divorce the parent with custody acts in matters of residence (Decree 154/2024 Art. 7); in all others
    both parents do.
    """
    other, day = scene.facts.get(asked.number), asked.on or scene.today
    if other is None:
        return mismatch(Why.NOT_KIN)
    if not is_parent(scene.subject, other):
        guarded = _guarding(scene.subject, other, day, scene, asked.matter)
        return ClaimResult(Flag.MATCH, (Why.AS_GUARDIAN.value,)) if guarded == MATCH else guarded
    custody = scene.facts.past_of(other).custody(day) if asked.matter is Matter.RESIDENCE else None
    if custody is None:
        right = Why.AS_PARENT
    elif custody.parent_id == scene.subject.person.person_id:
        right = Why.AS_CUSTODIAN
    else:
        return mismatch(Why.CUSTODY_OF_OTHER)
    return _until(ENDS_AT[asked.matter], other, day, ClaimResult(Flag.MATCH, (right.value,)))


def _until(age: int, minor: PersonFacts, day: date, right: ClaimResult) -> ClaimResult:
    """The right, from birth until the day of turning `age`, or the death; open where the birthday is not known."""
    birth = minor.person.birth
    if _died(minor, day) or day < birth.earliest() or birth.certainly_reached(age, day):
        return mismatch(Why.AUTHORITY_ENDED)
    return unknown(Why.NOT_RECORDED) if birth.possibly_reached(age, day) else right


def _died(facts: PersonFacts, day: date) -> bool:
    person = facts.person
    since = person.status_since
    return person.status is PersonStatus.DECEASED and since is not None and since <= day


def _other(asked: Relative) -> tuple[str, ...]:
    return (asked.number,)


RULES = tuple(
    ClaimRule(
        name,
        read,
        judge,
        others=_other,
        fingerprint=lambda asked: asked.number,
        past=read is not read_relative,
    )
    for name, read, judge in (
        ("spouse_of", read_relative, judge_spouse_of),
        ("sibling_of", read_relative, judge_sibling_of),
        ("guardian_of", read_dated, judge_guardian_of),
        ("ward_of", read_dated, judge_ward_of),
        ("representative_of", read_represented, judge_representative_of),
    )
)
