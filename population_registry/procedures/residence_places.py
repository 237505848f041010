"""The dwelling that a residence dossier names: found in the registry, lawful, whose it is, who must agree.

Sources: Law on Residence 68/2020 Art. 20, 23, 25, 27; residence.md sections 4 and 5 of the domain facts.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from population_registry.domain import (
    Address,
    Dwelling,
    DwellingKind,
    Household,
    PersonFacts,
    Relation,
    ResidenceKind,
)
from population_registry.dossiers import Case, Check, CheckFlag, ConsentNeed, Role, open_check
from population_registry.dossiers.changes import AddDwelling, Change, Reference
from population_registry.matching import Grade, compare_communes, normalise
from population_registry.verification.asking import read_number, read_object, read_text
from population_registry.verification.refusals import malformed

_COMMUNE: Final = re.compile(r"[0-9]{5}", re.ASCII)
_CODE: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_ADDRESS_LENGTH: Final = range(1, 201)
LARGEST_AREA: Final = 100_000
NEW_DWELLING: Final = "new:dwelling"
NEW_HOUSEHOLD: Final = "new:household"
PROVED_BY_PAPERS: Final = "dwelling_not_known"


@dataclass(frozen=True, slots=True)
class Place:
    """A dwelling as the form names it: by code, or by commune and address; area and kind where it is new."""

    commune: str
    address: str
    code: int | None = None
    kind: DwellingKind = DwellingKind.HOUSE
    area: float | None = None


def read_commune_code(value: object, place: str) -> str:
    """A five-digit code of a commune."""
    if not isinstance(value, str) or not _COMMUNE.fullmatch(value):
        raise malformed(place)
    return value


def read_place(raw: object, place: str) -> Place:
    """A dwelling.

    Raises:
        Refusal: `invalid-request`, naming the place.
    """
    given = read_object(
        raw,
        place,
        allowed={"commune", "address", "dwelling", "kind", "floor_area_m2"},
        required={"commune", "address"},
    )
    code, area = given.get("dwelling"), given.get("floor_area_m2")
    if code is not None and not (isinstance(code, str) and _CODE.fullmatch(code)):
        raise malformed(f"{place}.dwelling")
    if area is not None and (isinstance(area, bool) or not isinstance(area, int | float)):
        raise malformed(f"{place}.floor_area_m2")
    if area is not None and not 1 <= area <= LARGEST_AREA:
        raise malformed(f"{place}.floor_area_m2")
    kind = given.get("kind", DwellingKind.HOUSE.value)
    if not isinstance(kind, str) or kind not in set(DwellingKind):
        raise malformed(f"{place}.kind")
    return Place(
        read_commune_code(given["commune"], f"{place}.commune"),
        read_text(given["address"], f"{place}.address", _ADDRESS_LENGTH),
        None if code is None else int(code),
        DwellingKind(kind),
        None if area is None else float(area),
    )


def read_holder(given: Mapping[str, Any], name: str, member: str = "number") -> str | None:
    """The number inside an optional object such as `owner: {number, name}` or `household: {head}`."""
    raw = given.get(name)
    if raw is None:
        return None
    members = read_object(raw, f"inputs.{name}", allowed={member, "name"}, required={member})
    return read_number(members[member], f"inputs.{name}.{member}")


def find_dwelling(case: Case, place: Place) -> Dwelling | None:
    """The dwelling among those of the people who were named: nobody learns of a stranger's house by its address."""
    for dwelling in case.facts.dwellings.values():
        if place.code is not None:
            if dwelling.dwelling_id == place.code:
                return dwelling
        elif is_at(case, place, dwelling.address):
            return dwelling
    return None


def is_at(case: Case, place: Place, address: Address) -> bool:
    """Whether that address is the place of the form, however commas and the word for number were written."""
    compared = compare_communes(place.commune, address.commune_code, case.successors)
    return compared.grade is not Grade.DIFFERENT and _plain(place.address) == _plain(address.text)


def _plain(address: str) -> str:
    return normalise(address.replace(",", " ")).removeprefix("số ")


def dwelling_checks(case: Case, place: Place, owner: PersonFacts | None) -> tuple[Check, ...]:
    """Whether the dwelling is known and free of dispute (Art. 23), and whether the one named owns it."""
    dwelling = find_dwelling(case, place)
    if dwelling is None:
        return (open_check("dwelling", PROVED_BY_PAPERS), open_check("dwelling_owner", PROVED_BY_PAPERS))
    if dwelling.disputed:
        lawful = Check("dwelling", CheckFlag.FAIL, ("ownership_disputed",))
    else:
        lawful = Check("dwelling", CheckFlag.PASS)
    owns = owner is not None and owner.person.person_id in dwelling.owner_ids
    flag, why = (CheckFlag.PASS, ()) if owns else (CheckFlag.FAIL, ("not_owner",))
    return (lawful, Check("dwelling_owner", flag, why))


def owner_consents(
    case: Case, place: Place, owner: PersonFacts | None, *, movers: Sequence[int], one_is_enough: bool = False
) -> tuple[ConsentNeed, ...]:
    """The owners agree to the registration at their dwelling: all of them, unless the law lets one be enough.

    Nobody is asked where an owner registers at the own dwelling (Art. 20(1)).
    """
    dwelling = find_dwelling(case, place)
    if dwelling is None:
        owners: Sequence[int] = () if owner is None else (owner.person.person_id,)
    else:
        owners = dwelling.owner_ids
    if set(owners) & set(movers):
        return ()
    group = "owner" if one_is_enough else None
    return tuple(ConsentNeed(Role.OWNER, each, "registers_at_dwelling", group) for each in owners)


def household_to_enter(case: Case, head: str | None, kind: ResidenceKind) -> Household | None:
    """The household of that kind that this person heads."""
    person = None if head is None else case.person(head)
    if person is None:
        return None
    wanted = person.person.person_id
    return next((h for h in case.facts.households.values() if h.kind is kind and h.head_id == wanted), None)


def household_check(case: Case, head: str | None, place: Place, kind: ResidenceKind) -> tuple[Check, ...]:
    """A household that is entered is at the dwelling named, and the one named heads it."""
    if head is None:
        return ()
    household, dwelling = household_to_enter(case, head, kind), find_dwelling(case, place)
    if household is None or dwelling is None or household.dwelling_id != dwelling.dwelling_id:
        return (Check("household", CheckFlag.FAIL, ("not_head_at_dwelling",)),)
    return (Check("household", CheckFlag.PASS),)


def head_consents(case: Case, head: str | None, kind: ResidenceKind) -> tuple[ConsentNeed, ...]:
    """The head agrees to somebody entering the household: a consent of its own, whoever owns the dwelling."""
    household = household_to_enter(case, head, kind)
    if household is None or household.head_id is None:
        return ()
    if household.head_id == case.applicant.person.person_id:
        return ()
    return (ConsentNeed(Role.HEAD, household.head_id, "enters_household"),)


def dwelling_changes(
    case: Case, place: Place, owners: Sequence[int]
) -> tuple[tuple[Change, ...], Reference, Address]:
    """The dwelling to register at: the one known, or a new one as papers proved it."""
    dwelling = find_dwelling(case, place)
    if dwelling is not None:
        return (), dwelling.dwelling_id, dwelling.address
    address = Address(place.commune, place.address)
    new = AddDwelling(
        NEW_DWELLING, case.applicant.person.person_id, place.kind, address, place.area or 0.0, tuple(owners)
    )
    return (new,), NEW_DWELLING, address


def relation_to_head(relation: Relation | None) -> Relation:
    """The relation on the form; whoever names none lodges there."""
    return Relation.LODGER_FREE if relation is None else relation
