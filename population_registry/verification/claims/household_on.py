"""The claim about a household on a day: who was registered together with whom, and who was the head.

Law on Residence 68/2020 Art. 10; a household is of people registered together, kinship is not asked.
"""

from dataclasses import dataclass
from datetime import date

from population_registry.domain import Membership, PersonFacts, Relation
from population_registry.verification.answers import ClaimResult, Flag, Why, mismatch
from population_registry.verification.claims.family import read_numbers
from population_registry.verification.claims.rule import ClaimRule, Scene, read_day, read_members


@dataclass(frozen=True, slots=True)
class Together:
    """The statement that on a day the subject and these people were of one household; `head`: who headed it."""

    on: date
    members: tuple[str, ...]
    head: str | None = None


def read_together(value: object) -> Together:
    """`{"on": "2025-03-01", "members": ["0991…"], "head": "0990…"}`; `members` or `head` at least."""
    parts = read_members(value, allowed=frozenset({"on", "members", "head"}), required=frozenset({"on"}))
    members = read_numbers(parts["members"]) if "members" in parts else ()
    head = read_numbers([parts["head"]])[0] if "head" in parts else None
    if not members and head is None:
        raise ValueError("members or a head are expected")
    return Together(read_day(parts["on"]), members, head)


def _homes(person: PersonFacts | None, day: date) -> dict[int, Membership]:
    """The households that a person is a member of on that day."""
    if person is None:
        return {}
    return {
        each.household_id: each
        for each in person.memberships
        if each.since <= day and (each.until is None or day < each.until)
    }


def judge_together(asked: Together, scene: Scene) -> ClaimResult:
    """One flag for each member named; all match where all lived in the household that holds most of them.

    A number of nobody is as foreign to the household as any other.
    """
    people = [scene.facts.get(number) for number in asked.members]
    head = scene.subject if asked.head is None else scene.facts.get(asked.head)
    best = (False, (False,) * len(people))
    for home in _homes(scene.subject, asked.on):
        inside = tuple(home in _homes(each, asked.on) for each in people)
        own = _homes(head, asked.on).get(home)
        led = asked.head is None or (own is not None and own.relation is Relation.HEAD)
        best = max(best, (led, inside), key=lambda found: (all(found[1]) and found[0], sum(found[1])))
    led, inside = best
    flags = tuple(Flag.MATCH if each else Flag.MISMATCH for each in inside)
    if not all(inside) or (not people and not led):
        return ClaimResult(Flag.MISMATCH, (Why.NOT_IN_HOUSEHOLD.value,), flags)
    return ClaimResult(Flag.MATCH, members=flags) if led else _without_head(flags)


def _without_head(flags: tuple[Flag, ...]) -> ClaimResult:
    return ClaimResult(Flag.MISMATCH, mismatch(Why.NOT_HEAD).reasons, flags)


def _numbers(asked: Together) -> tuple[str, ...]:
    return asked.members if asked.head is None else (*asked.members, asked.head)


RULES = (
    ClaimRule(
        "household_on",
        read_together,
        judge_together,
        others=_numbers,
        fingerprint=lambda asked: f"{' '.join(sorted(asked.members))}|{asked.head or ''}",
    ),
)
