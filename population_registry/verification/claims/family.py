"""Claims about household and kin: head, members, child of, parent of."""

from population_registry.domain import KinKind, PersonFacts
from population_registry.verification.answers import (
    MATCH,
    ClaimResult,
    Flag,
    Why,
    mismatch,
    statement,
)
from population_registry.verification.asking import read_number
from population_registry.verification.claims.rule import ClaimRule, Scene, read_flag, read_members
from population_registry.verification.refusals import Refusal

MOST_MEMBERS = 20
"""How many household members one question may name."""


def read_numbers(value: object) -> tuple[str, ...]:
    """A list of one to twenty different numbers, normalised."""
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_MEMBERS:
        raise ValueError("a list of numbers is expected")
    try:
        numbers = tuple(read_number(each, "number") for each in value)
    except Refusal:
        raise ValueError("a number is expected") from None
    if len(set(numbers)) != len(numbers):
        raise ValueError("a number stands twice")
    return numbers


def _read_person(value: object) -> str:
    members = read_members(value, allowed=frozenset({"number"}), required=frozenset({"number"}))
    return read_numbers([members["number"]])[0]


def housemates(numbers: tuple[str, ...], scene: Scene) -> tuple[bool, ...]:
    """For each number whether its holder is in the one household of the subject that holds most of them.

    A household is of people registered permanently, or temporarily, together (Law 25/2008 Art. 2(7)); kinship
    is not asked. A number of nobody is as foreign to the household as any other.
    """
    subject = scene.subject.person.person_id
    found = [scene.facts.get(number) for number in numbers]
    best: tuple[bool, ...] = (False,) * len(numbers)
    for household in scene.facts.households.values():
        ids = {member.person_id for member in household.members}
        if subject in ids:
            inside = tuple(each is not None and each.person.person_id in ids for each in found)
            best = max(best, inside, key=sum)
    return best


def judge_household_members(asked: tuple[str, ...], scene: Scene) -> ClaimResult:
    """Whether all of them are in the subject's household, with one flag for each."""
    flags = tuple(Flag.MATCH if inside else Flag.MISMATCH for inside in housemates(asked, scene))
    if all(flag is Flag.MATCH for flag in flags):
        return ClaimResult(Flag.MATCH, members=flags)
    return ClaimResult(Flag.MISMATCH, (Why.NOT_IN_HOUSEHOLD.value,), flags)


def judge_head(asked: bool, scene: Scene) -> ClaimResult:
    """Whether the subject heads a household (`chủ hộ`)."""
    return statement(asked=asked, found=scene.facts.is_head(scene.subject.person.person_id))


def is_parent(parent: PersonFacts, child: PersonFacts) -> bool:
    """Whether either record names the other as parent or child (one side may be older than the other)."""
    return child.person.person_id in parent.kin_ids(
        KinKind.CHILD
    ) or parent.person.person_id in child.kin_ids(KinKind.FATHER, KinKind.MOTHER)


def judge_child_of(asked: str, scene: Scene) -> ClaimResult:
    """Whether the subject is a child of that person."""
    other = scene.facts.get(asked)
    return MATCH if other is not None and is_parent(other, scene.subject) else mismatch(Why.NOT_KIN)


def judge_parent_of(asked: str, scene: Scene) -> ClaimResult:
    """Whether the subject is a parent of that person."""
    other = scene.facts.get(asked)
    return MATCH if other is not None and is_parent(scene.subject, other) else mismatch(Why.NOT_KIN)


RULES = (
    ClaimRule("head_of_household", read_flag, judge_head, fingerprint=None),
    ClaimRule(
        "household_members",
        read_numbers,
        judge_household_members,
        others=lambda asked: asked,
        fingerprint=lambda asked: " ".join(sorted(asked)),
    ),
    ClaimRule("child_of", _read_person, judge_child_of, others=lambda asked: (asked,)),
    ClaimRule("parent_of", _read_person, judge_parent_of, others=lambda asked: (asked,)),
)
