"""Claims about where a person lives and who owns a dwelling (residence.md sections 4, 5 and 9)."""

import re
from dataclasses import dataclass

from population_registry.domain import Dwelling, ResidenceKind
from population_registry.matching import Grade, compare_communes, compare_names, normalise
from population_registry.verification.answers import (
    MATCH,
    ClaimResult,
    Flag,
    Why,
    from_comparison,
    mismatch,
    unknown,
)
from population_registry.verification.asking import read_number
from population_registry.verification.claims.rule import ClaimRule, Scene, read_members, read_words
from population_registry.verification.refusals import Refusal

_COMMUNE = re.compile(r"[0-9]{5}", re.ASCII)
_DWELLING = re.compile(r"[0-9]{1,18}", re.ASCII)


def read_commune(value: object) -> str:
    """A five-digit commune code, of today or of a ward of before 1 July 2025."""
    if not isinstance(value, str) or not _COMMUNE.fullmatch(value):
        raise ValueError("a five-digit commune code is expected")
    return value


def _registered_in(kind: ResidenceKind, asked: str, scene: Scene) -> ClaimResult:
    residence = scene.subject.residence(kind, scene.today)
    if residence is None:
        return mismatch(Why.NOT_REGISTERED)
    return from_comparison(compare_communes(asked, residence.address.commune_code, scene.successors))


def judge_permanent_commune(asked: str, scene: Scene) -> ClaimResult:
    """Whether the permanent residence is in that commune."""
    return _registered_in(ResidenceKind.PERMANENT, asked, scene)


def judge_temporary_commune(asked: str, scene: Scene) -> ClaimResult:
    """Whether a temporary residence in force is in that commune."""
    return _registered_in(ResidenceKind.TEMPORARY, asked, scene)


def judge_outside_commune(asked: str, scene: Scene) -> ClaimResult:
    """Whether the permanent residence lies outside that commune (Law on Residence Art. 27(1))."""
    residence = scene.subject.residence(ResidenceKind.PERMANENT, scene.today)
    if residence is None:
        return unknown(Why.NOT_REGISTERED)
    grade = compare_communes(asked, residence.address.commune_code, scene.successors).grade
    if grade is Grade.DIFFERENT:
        return MATCH
    return unknown(Why.UNIT_SPLIT) if grade is Grade.NEAR else mismatch(Why.INSIDE_COMMUNE)


@dataclass(frozen=True, slots=True)
class Ownership:
    """The statement that a person (None: the subject) of that name owns that dwelling."""

    dwelling: int | None
    commune: str | None
    address: str | None
    number: str | None
    name: str | None


def read_ownership(value: object) -> Ownership:
    """A dwelling by its code, or by commune and address; its owner by number and name, both optional."""
    members = read_members(
        value,
        allowed=frozenset({"dwelling", "commune", "address", "number", "name"}),
        required=frozenset(),
    )
    code = members.get("dwelling")
    if code is not None and not (isinstance(code, str) and _DWELLING.fullmatch(code)):
        raise ValueError("a dwelling code is expected")
    commune, address = members.get("commune"), members.get("address")
    if code is None and (commune is None or address is None):
        raise ValueError("a dwelling code, or a commune and an address are expected")
    number, name = members.get("number"), members.get("name")
    if name is not None and number is None:
        raise ValueError("a name without a number finds nobody")
    try:
        owner = None if number is None else read_number(number, "number")
    except Refusal:
        raise ValueError("a number is expected") from None
    return Ownership(
        None if code is None else int(code),
        None if commune is None else read_commune(commune),
        None if address is None else read_words(address),
        owner,
        None if name is None else read_words(name),
    )


def judge_dwelling_owner(asked: Ownership, scene: Scene) -> ClaimResult:
    """Whether that person owns that dwelling; owner and head of household may differ.

    A wrong owner's number, a wrong owner's name and a dwelling of somebody else are told apart in no way.
    """
    owner = scene.subject if asked.number is None else scene.facts.get(asked.number)
    if owner is None:
        return mismatch(Why.NOT_OWNER)
    named = None if asked.name is None else from_comparison(compare_names(asked.name, owner.person.name.full))
    if named is not None and named.flag is Flag.MISMATCH:
        return mismatch(Why.NOT_OWNER)
    owned = [d for d in scene.facts.dwellings.values() if owner.person.person_id in d.owner_ids]
    if not any(_is_asked(dwelling, asked, scene) for dwelling in owned):
        return mismatch(Why.NOT_OWNER)
    return MATCH if named is None else named


def _is_asked(dwelling: Dwelling, asked: Ownership, scene: Scene) -> bool:
    if asked.dwelling is not None:
        return dwelling.dwelling_id == asked.dwelling
    if asked.commune is None or asked.address is None:
        return False
    place = compare_communes(asked.commune, dwelling.address.commune_code, scene.successors)
    return place.grade is not Grade.DIFFERENT and _plain(asked.address) == _plain(dwelling.address.text)


def _plain(address: str) -> str:
    """House and street without commas and spaces, so that `Số 5 đường Sen` is `Số 5, đường Sen`."""
    return normalise(address.replace(",", " ")).removeprefix("số ")


RULES = (
    ClaimRule("permanent_commune", read_commune, judge_permanent_commune),
    ClaimRule("temporary_commune", read_commune, judge_temporary_commune),
    ClaimRule("outside_commune", read_commune, judge_outside_commune),
    ClaimRule(
        "dwelling_owner",
        read_ownership,
        judge_dwelling_owner,
        others=lambda asked: () if asked.number is None else (asked.number,),
        fingerprint=repr,
    ),
)
